import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { packageService } from '../../rehearsal/run/package.ts';
import { having } from './estates.ts';

const ROOT = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'estate-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
/** What Serverless would get, or be told, when it loads the estate as often as this. */
function loaded(estate: string | undefined, times = 1) {
  const program = `for (let n = 0; n < ${times}; n++) {
    try { console.log(JSON.stringify(require('./estate.serverless.cjs').region)); } catch (error) { console.log(error.stack); }
  }`;
  const env = { ...process.env, ...(estate !== undefined && { CHANGEOVER_ESTATE: estate }) };
  return spawnSync(process.execPath, ['-e', program], { cwd: ROOT, env, encoding: 'utf8' }).stdout.trim();
}

describe('a package', () => {
  it('is made for estate.yml, or for the file that CHANGEOVER_ESTATE names', () => {
    const other = written('other.yml', having({ region: 'us-west-2' }));

    expect(loaded(undefined)).toBe('"eu-west-1"');
    expect(loaded('./estate.yml')).toBe('"eu-west-1"');
    expect(loaded(other)).toBe('"us-west-2"');
  });

  it('is not made for an estate with mistakes, which are told once however often it is asked for', () => {
    const wrong = written('wrong.yml', having({ region: 'eu', strategy: 'wram' }));

    const said = loaded(wrong, 3).split('\n');

    expect(said).toEqual([
      expect.stringMatching(/wrong\.yml:\d+:1 region: found "eu", expected a Region/),
      expect.stringMatching(/wrong\.yml:\d+:1 strategy: found "wram", expected one of cold/),
      'the estate is wrong, as told above',
      'the estate is wrong, as told above',
    ]);
  });

  it('of a rehearsal is refused before anything is built', async () => {
    const wrong = written('empty.yml', '');
    let started = false;

    const attempt = packageService({ estate: wrong, onStart: () => (started = true) });

    await expect(attempt).rejects.toThrow(/empty\.yml:1:1 the estate: found nothing, expected the fields app, region/);
    expect(started).toBe(false);
  });
});
