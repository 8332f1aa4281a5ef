import { beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { unpack } from '../../rehearsal/host/archive.ts';
import { packageService } from '../../rehearsal/run/package.ts';
import { functions } from './service.ts';

/** A cold start reads it all; each step's bundle holds the adapters it names and no others. */
const MAX_CODE_BYTES = 200 * 1024;
/** What touches RDS and must know all that leads there has five services' clients. */
const LOOKS_AROUND = ['planRetention', 'stopShelves', 'retireInstance'];
const MAX_LOOKING_BYTES = 240 * 1024;
/** Those that speak to PostgreSQL stand in a network. */
const MAX_INSIDE_BYTES = 300 * 1024;
/** The whole of pg_dump is in it, and it starts once a copy: docs/decisions/0022. */
const WITH_PG_DUMP = 'layCopy';
const MAX_WITH_PG_DUMP_BYTES = 600 * 1024;

let folder: string;
beforeAll(async () => {
  folder = await packageService();
}, 120_000);

describe.each(Object.keys(functions()))('the package of %s', (name) => {
  it('is its own code and map, SDK included, within the budget', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'package-'));
    await unpack(readFileSync(join(folder, `${name}.zip`)), join(scratch, 'code'));
    const files = readdirSync(join(scratch, 'code'), { recursive: true, encoding: 'utf8' }).filter((file) => file.includes('.'));
    const code = files.filter((file) => file.endsWith('.js'));
    const bytes = code.reduce((sum, file) => sum + gzipSync(readFileSync(join(scratch, 'code', file)), { level: 9 }).length, 0);
    rmSync(scratch, { recursive: true });

    expect(code).toHaveLength(1);
    expect(files.every((file) => file.endsWith('.js') || file.endsWith('.js.map'))).toBe(true);
    const outside = LOOKS_AROUND.includes(name) ? MAX_LOOKING_BYTES : MAX_CODE_BYTES;
    const budget = functions()[name]?.vpc === undefined ? outside : MAX_INSIDE_BYTES;
    expect(bytes).toBeLessThanOrEqual(name === WITH_PG_DUMP ? MAX_WITH_PG_DUMP_BYTES : budget);
  });
});
