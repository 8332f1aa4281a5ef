import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { main, summary } from '../../commands/estate-check.ts';
import { parseEstate } from '../../shared/estate-file.ts';
import { having, SOUND, sound } from './estates.ts';

const folder = mkdtempSync(join(tmpdir(), 'estate-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the command says of a file with this text. */
function check(text: string, ...argv: string[]) {
  const file = join(folder, 'e.yml');
  writeFileSync(file, text);
  let [out, err] = ['', ''];
  const code = main(argv.length > 0 ? argv : [file], { out: (said) => void (out += said), err: (said) => void (err += said) });
  return { code, out: out.replaceAll(file, 'e.yml'), err: err.replaceAll(file, 'e.yml') };
}

describe('npm run estate:check', () => {
  it('says what a sound estate amounts to', () => {
    const { code, out, err } = check(SOUND);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('e.yml is sound.');
    expect(out).toContain('orders in eu-west-1, strategy warm: back within 5 min, on data no older than 6 h');
    expect(out).toContain('  api.orders.test.  A AAAA  main by loadBalancer, spare by loadBalancer');
    expect(out).toContain('  failover   could move app.orders.test., api.orders.test. from main to spare');
  });

  it('tells every mistake and how many there are, and ends with 1', () => {
    const { code, out, err } = check(having({ region: 'eu', resolvers: [] }));

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^e\.yml:\d+:1 region: found "eu", expected a Region/),
      expect.stringMatching(/^e\.yml:\d+:1 resolvers: found an empty list, expected at least one IP address/),
      '2 mistakes in e.yml',
    ]);
  });

  it('ends with 2 and one line where there is no file to read', () => {
    const { code, err } = check('', join(folder, 'none.yml'));

    expect(code).toBe(2);
    expect(err).toMatch(
      /^.*none\.yml: found no file that can be read \(.*ENOENT.*\), expected an estate; docs\/estate\.md .*\n$/,
    );
  });

  it.each([
    ['a pipe that nobody writes into', (path: string) => void execFileSync('mkfifo', [path]), /found a pipe, expected a file/],
    ['a folder', (path: string) => mkdirSync(path), /found a folder, expected a file/],
    [
      'a huge file',
      (path: string) => writeFileSync(path, `# ${'x'.repeat(1024 * 1024)}\n`),
      /found 1048579 bytes, expected at most 1048576/,
    ],
    [
      'a picture',
      (path: string) => writeFileSync(path, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xd8])),
      /found what is no UTF-8 text/,
    ],
    ['text with a hole', (path: string) => writeFileSync(path, 'app: orders\0'), /found what is no UTF-8 text/],
    ['UTF-16', (path: string) => writeFileSync(path, Buffer.from('app: orders', 'utf16le')), /found what is no UTF-8 text/],
  ])('ends with 2 and one line for %s', (_what, make, told) => {
    const path = join(folder, 'strange.yml');
    make(path);

    const { code, err } = check('', path);

    rmSync(path, { recursive: true });
    expect(code).toBe(2);
    expect(err).toMatch(told);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('takes one file and no options', () => {
    const { code, err } = check('', '--all', 'e.yml');

    expect({ code, err }).toEqual({ code: 2, err: 'npm run estate:check -- [FILE]: one file at a time\n' });
  });
});

describe('the summary of an estate', () => {
  it('says which runbooks would refuse, and why', () => {
    const alone = parseEstate(having({ 'environments.spare': undefined, copies: [] }), 'e.yml');

    expect(summary(alone)).toContain('failover   would refuse: no environment has role standby');
    expect(summary({ ...sound(), strategy: 'cold' })).toContain(
      'failover   would refuse: strategy cold is not there yet, only warm',
    );
  });

  it.each([
    [{}, 'could copy main to spare every 6 h, row by row up to 100 GB'],
    [{ 'copies[0].everySeconds': undefined }, 'could copy main to spare when asked, row by row up to 100 GB'],
    [{ copies: [] }, 'would refuse: the estate allows no copy'],
    [{ 'copies[0].class': 'masked' }, 'would refuse: main to spare is masked, and only raw is there yet'],
    [{ 'copies[0].engine': 'snapshot' }, 'could copy main to spare every 6 h, by snapshot'],
  ])('says what sync does with %j', (fields, says) => {
    expect(summary(parseEstate(having(fields), 'e.yml'))).toMatch(new RegExp(`^  sync +${says}$`, 'm'));
  });

  it('gives what is forbidden no time', () => {
    const forbidden = parseEstate(having({ 'copies[0].class': 'forbid', 'copies[0].everySeconds': undefined }), 'e.yml');

    expect(summary(forbidden)).toContain('copies\n  main to spare  forbid  never\n');
  });

  it('says so where nothing may be copied', () => {
    expect(summary({ ...sound(), copies: [] })).toContain('copies\n  none');
  });
});
