import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { main as check } from '../../commands/estate-check.ts';
import { main } from '../../commands/estate-new.ts';
import { personAt } from '../../commands/terminal.ts';
import type { Account } from '../../shared/cloud/account.ts';
import { RunbookError } from '../../shared/errors.ts';
import { parseEstate } from '../../shared/estate-file.ts';
import { instance, ordinary } from './accounts.ts';

const scratch = mkdtempSync(join(tmpdir(), 'estate-new-'));
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(scratch, 'each-'));
  file = join(folder, 'e.yml');
});
afterAll(() => rmSync(scratch, { recursive: true }));

interface Given {
  /** What is typed, a line each; undefined where there is no terminal. */
  readonly types?: readonly string[];
  readonly account?: Account | Error;
  /** The key that is pressed once the lines are said. */
  readonly press?: string;
}

/** Runs the command as at a terminal whose person types all their lines at once. */
async function begin(argv: readonly string[], { types, account = ordinary(), press }: Given = {}) {
  let [out, err] = ['', ''];
  const regions: (string | undefined)[] = [];
  const input = new PassThrough();
  const screen = Object.assign(new PassThrough(), press !== undefined && { isTTY: true });
  const person = types === undefined ? undefined : personAt(input, screen);
  if (types) input.write(types.map((line) => `${line}\n`).join(''));
  if (press === undefined) input.end();
  else setTimeout(() => input.write(press), 20);
  const code = await main(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    person,
    accounts: {
      read(region) {
        regions.push(region);
        return account instanceof Error ? Promise.reject(account) : Promise.resolve(account);
      },
    },
  });
  person?.leave();
  const asked = String(screen.read() ?? '');
  return { code, out: out.replaceAll(folder, '.'), err: err.replaceAll(folder, '.'), asked, regions };
}
const written = (): string => readFileSync(file, 'utf8');
function checked(): { code: number; lines: string[] } {
  let said = '';
  const code = check([file], { out: (text) => void (said += text), err: (text) => void (said += text) });
  return { code, lines: said.replaceAll(file, 'e.yml').trimEnd().split('\n') };
}

/** In the order of the questions about the ordinary account. */
const ANSWERS = [
  ...['300', '21600'],
  ...['orders_owner', 'orders_app', 'orders/main/master', 'orders/main/application'],
  ...['orders_owner', 'orders_app', 'orders/spare/master', 'orders/spare/application'],
  ...['cto', 'cto@orders.test'],
  ...['raw', ''],
  '',
];

describe('npm run estate:new -- --from-account', () => {
  it('drafts what the account tells and marks the rest, and estate:check names exactly that', async () => {
    const { code, out, err } = await begin([file, '--from-account', '--leave-open']);

    const open = written()
      .split('\n')
      .flatMap((line, at) => (line.includes('# TO FILL IN: ') ? [at + 1] : []));
    const { code: checks, lines } = checked();
    expect({ code, err }).toEqual({ code: 0, err: 'reading the account …\n' });
    expect(out).toBe('./e.yml is written. 13 lines are to be filled in; this names them: npm run estate:check -- ./e.yml\n');
    expect(checks).toBe(1);
    expect(lines.slice(0, -1).map((line) => Number(line.split(':')[1]))).toEqual(open);
    expect(open).toHaveLength(13);
  });

  it('begins with the schema, seen from where the file is, and says where each value was found', async () => {
    await begin([file, '--from-account', '--leave-open']);

    const [schema = '', ...lines] = written().split('\n');
    expect(schema).toMatch(/^# yaml-language-server: \$schema=\.\.\/.*\/estate\.schema\.json$/);
    expect(existsSync(join(folder, schema.split('=')[1] ?? ''))).toBe(true);
    expect(lines).toContain("app: orders # what the databases' names begin with");
    expect(lines).toContain('    role: primary # the public names lead to it');
    expect(lines).toContain('      loadBalancer: orders-main # ELB, by its name');
    expect(lines).toContain('    types: [A] # Route 53, all there are');
  });

  it('asks a person for what is open, and is sound when everything is answered', async () => {
    const { code, out } = await begin([file, '--from-account', '--region', 'eu-west-1'], { types: ANSWERS });

    expect({ code, out }).toEqual({
      code: 0,
      out: './e.yml is written, and sound. Check every line, then: npm run estate:check -- ./e.yml\n',
    });
    expect(parseEstate(written(), 'e.yml')).toMatchObject({
      objectives: { rtoSeconds: 300, rpoSeconds: 21_600 },
      environments: { spare: { database: { owner: 'orders_owner', secrets: { master: 'orders/spare/master' } } } },
      copies: [{ from: 'main', to: 'spare', class: 'raw' }],
      approvers: [{ name: 'cto', email: 'cto@orders.test' }],
    });
  });

  it('says what was wrong with an answer and asks again; an empty one leaves the field open', async () => {
    const types = ['five', '300', '', ...ANSWERS.slice(2, 4), 'xoxb-1-2', ...ANSWERS.slice(4)];

    const { asked } = await begin([file, '--from-account'], { types });

    expect(asked).toContain('found "five", expected a whole number of seconds, from 1 to 31536000; for instance rtoSeconds: 300');
    expect(asked).toContain('found a text of 8 characters, expected the name of a secret');
    expect(checked().lines).toEqual([expect.stringContaining('objectives.rpoSeconds: found nothing'), '1 mistake in e.yml']);
  });

  it('asks for a network where the two stand in different ones, and for further approvers', async () => {
    const apart = [instance('orders-main'), instance('orders-spare', { subnets: ['subnet-9'] })];
    const types = [...ANSWERS.slice(0, -3), 'masked', '3600', 'subnet-0a1b, subnet-9', 'sg-0a1b', 'ops', 'ops@orders.test', ''];

    await begin([file, '--from-account'], { types, account: ordinary({ instances: apart }) });

    expect(checked().lines[0]).toBe('e.yml is sound.');
    expect(parseEstate(written(), 'e.yml')).toMatchObject({
      copies: [
        { class: 'masked', everySeconds: 3600, network: { subnets: ['subnet-0a1b', 'subnet-9'], securityGroups: ['sg-0a1b'] } },
      ],
      approvers: [{ name: 'cto' }, { name: 'ops' }],
    });
  });

  it('keeps what an account says of itself inside its comment', async () => {
    const hostile = { environment: 'main\nregion: us-east-1\u2028#' };
    const account = ordinary({ instances: [instance('orders-main', { tags: hostile }), instance('orders-spare')] });

    await begin([file, '--from-account', '--leave-open'], { account });

    expect(written().match(/^region: .*/gm)).toEqual([expect.stringContaining('region: eu-west-1')]);
    expect(written()).toContain('tag environment=main region: us-east-1 #');
  });

  it.each([
    ['CloudRefused', 'AWS refused reading it (AccessDenied: no)', '(AccessDenied: no); docs/estate.md lists the rights, '],
    [
      'CloudTransient',
      'reading it did not get through (no); it is tried again',
      'through (no); nothing was written: try again\n',
    ],
  ] as const)('tells in one line why the account could not be read, and writes nothing: %s', async (name, says, told) => {
    const { code, err } = await begin([file, '--from-account'], { account: new RunbookError(name, says) });

    expect(code).toBe(1);
    expect(err).toContain(told);
    expect(err.trimEnd().split('\n')).toHaveLength(2);
    expect(existsSync(file)).toBe(false);
  });

  it('reads the Region that was said', async () => {
    const { regions } = await begin([file, '--from-account', '--leave-open', '--region', 'eu-central-1']);

    expect(regions).toEqual(['eu-central-1']);
  });
});

describe('npm run estate:new', () => {
  it('asks for everything, from nothing', async () => {
    const database = (name: string) => [
      `orders-${name}`,
      'orders',
      'orders_owner',
      'orders_app',
      `${name}/master`,
      `${name}/app`,
    ];
    const rest = (name: string) => [`orders-${name}`, '', `orders-${name}-uploads`, 'subnet-1', 'sg-1'];
    const types = [
      ...['Orders', 'orders', 'eu-west', 'eu-west-1', 'main spare', 'app.orders.test', 'app.orders.test.'],
      ...['warm', '300', '21600'],
      ...['primary', ...database('main'), ...rest('main')],
      ...['standby', ...database('spare'), ...rest('spare')],
      ...['Z0ORDERSTEST0001', 'A, AAAA'],
      ...['cto', 'cto@orders.test', 'raw', '21600', ''],
    ];

    const { code, asked } = await begin([file], { types });

    expect(code).toBe(0);
    expect(asked).toContain('did you mean "orders"?');
    expect(asked).toContain('did you mean "app.orders.test."?');
    expect(checked().lines[0]).toBe('e.yml is sound.');
    expect(written()).not.toContain('distribution');
  });

  it.each([
    ['by the end of its input', undefined],
    ['by Ctrl-C', '\u0003'],
    ['by Ctrl-D', '\u0004'],
  ])('leaves no file when it is left %s', async (_how, press) => {
    const { code, err, asked } = await begin([file], { types: ['orders', 'eu-west-1'], ...(press !== undefined && { press }) });

    expect({ code, err }).toEqual({ code: 130, err: '\nleft: nothing was written\n' });
    expect(asked).toContain('environments: Every environment');
    expect(existsSync(file)).toBe(false);
  });

  it('is refused in one line where nobody sits at a terminal', async () => {
    const { code, err } = await begin([file]);

    expect({ code, err }).toEqual({
      code: 2,
      err: 'estate:new: found no terminal to ask at, expected one; run it at a terminal, or say --from-account\n',
    });
  });

  it.each([
    ['a file', () => writeFileSync(file, 'mine')],
    ['a folder', () => mkdirSync(file)],
    ['a link that leads nowhere', () => symlinkSync(join(folder, 'none'), file)],
  ])('never writes over %s, and says so before it asks', async (_what, make) => {
    make();

    const { code, err, asked, regions } = await begin([file, '--from-account'], { types: ANSWERS });

    expect({ code, asked, regions }).toEqual({ code: 2, asked: '', regions: [] });
    expect(err).toBe(
      './e.yml: found a file, expected none, for it is never overwritten; say another: npm run estate:new -- ./e-new.yml\n',
    );
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it.each([
    [['--form-account'], /^Unknown option '--form-account'; --help tells the options\n$/],
    [['a.yml', 'b.yml'], /^FILE: found a\.yml and b\.yml, expected one file; say one\n$/],
    [['--region', 'eu-west-1'], /^--region: found without --from-account, expected with it; /],
    [
      ['--from-account', '--region', 'eu-west-1a'],
      /^--region: found "eu-west-1a", expected a Region, .*; for instance region: eu-west-1\n$/,
    ],
    [['--from-account', '--app', 'Orders'], /^--app: found "Orders", expected lower case .*; did you mean "orders"\?\n$/],
    [['--from-account', '--tag', 'main'], /^--tag: found "main", expected KEY=VALUE, as environment=main\n$/],
    [[join('none', 'e.yml')], /^none\/e\.yml: found no folder none, expected one; make it, or say another file\n$/],
  ])('refuses %j in one line', async (argv, told) => {
    const { code, out, err } = await begin(argv, { types: [] });

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(told);
  });

  it('tells its options', async () => {
    const { code, out } = await begin(['--help']);

    expect(code).toBe(0);
    for (const option of ['--from-account', '--region', '--app', '--tag', '--leave-open']) expect(out).toContain(option);
  });
});
