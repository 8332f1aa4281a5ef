import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { COMPILED } from '../../rehearsal/host/compiled.ts';
import { createHost, type Host } from '../../rehearsal/host/host.ts';
import type { Answer, Program } from '../../rehearsal/host/program.ts';
import { smallGround } from './ground.ts';
import { sha256Of, zipOf } from './zip.ts';

const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:probe';

function programOf(files: Record<string, string> | string, changes: Partial<Program> = {}): Program {
  const zip = zipOf(typeof files === 'string' ? { 'index.js': files } : files);
  return {
    functionArn: FUNCTION_ARN,
    name: 'probe',
    version: '$LATEST',
    region: 'eu-west-1',
    role: 'arn:aws:iam::123456789012:role/probe',
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    memorySize: 256,
    timeout: 10,
    variables: {},
    logging: { format: 'Text', group: '/aws/lambda/probe', applicationLevel: 'INFO', systemLevel: 'INFO' },
    zip,
    sha256: sha256Of(zip),
    inNetwork: false,
    revision: '1',
    ...changes,
  };
}

describe('the Lambda host', () => {
  let small: ReturnType<typeof smallGround>;
  let host: Host;
  beforeEach(() => {
    small = smallGround();
    host = createHost(small.ground);
  });
  afterEach(async () => {
    await host.stop();
    small.close();
  });

  const ask = (program: Program, event: unknown = {}, requestId = small.ground.uuid()): Promise<Answer> =>
    host.invoke(program, { requestId, invokedArn: FUNCTION_ARN, event: JSON.stringify(event) });
  const read = async (program: Program, event: unknown = {}): Promise<unknown> =>
    JSON.parse((await ask(program, event)).payload) as unknown;

  it('answers what the handler returns, and null for nothing', async () => {
    const echo = programOf('exports.handler = async (event) => (event.silent ? undefined : { heard: event })');

    const spoken = await read(echo, { a: [1, 'ü'] });
    const silent = await read(echo, { silent: true });

    expect(spoken).toEqual({ heard: { a: [1, 'ü'] } });
    expect(silent).toBeNull();
  });

  it('shows the function only what Lambda sets and what its configuration says', async () => {
    process.env['SECRET_OF_THE_LAPTOP'] = 'leak';
    const program = programOf('exports.handler = async () => process.env', { variables: { STAGE: 'dev' } });

    const found = (await read(program)) as Record<string, string>;

    expect(found['STAGE']).toBe('dev');
    expect(found['AWS_ENDPOINT_URL']).toBe('http://127.0.0.1:1');
    expect(found['AWS_EXECUTION_ENV']).toBe('AWS_Lambda_nodejs24.x');
    const ours = Object.keys(found).filter((key) => !/^(AWS_|LAMBDA_|_HANDLER|_X_AMZN_TRACE_ID|PATH|LANG|TZ|STAGE)/.test(key));
    expect(ours).toEqual([]);
    delete process.env['SECRET_OF_THE_LAPTOP'];
  });

  it('gives the handler the context of Lambda', async () => {
    const program = programOf(
      'exports.handler = async (_, c) => ({ ...c, left: c.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID })',
    );

    const context = (await read(program)) as Record<string, unknown>;

    expect(context).toMatchObject({
      functionName: 'probe',
      functionVersion: '$LATEST',
      invokedFunctionArn: FUNCTION_ARN,
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/probe',
    });
    expect(context['left']).toBeGreaterThan(5_000);
    expect(context['trace']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/);
  });

  it('keeps a process for the same version and code, and starts another beside a busy one', async () => {
    const program = programOf(
      'exports.handler = async (ms) => { await new Promise((r) => setTimeout(r, ms)); return process.pid; }',
    );

    const [first, beside] = await Promise.all([read(program, 300), read(program, 300)]);
    const later = await read(program, 0);
    const changed = await read({ ...program, revision: '2' }, 0);

    expect(first).not.toBe(beside);
    expect([first, beside]).toContain(later);
    expect([first, beside]).not.toContain(changed);
  });

  it.each([
    ['a file that is not there', { handler: 'other.handler' }, 'Runtime.ImportModuleError', /Cannot find module 'other'/],
    [
      'an export that is not there',
      { handler: 'index.missing' },
      'Runtime.HandlerNotFound',
      /index.missing is undefined or not exported/,
    ],
    ['an export that is no function', { handler: 'index.number' }, 'Runtime.HandlerNotFound', /index.number is not a function/],
    ['a name that is none', { handler: 'index' }, 'Runtime.MalformedHandlerName', /Bad handler/],
    ['a file that does not parse', { handler: 'broken.handler' }, 'Runtime.UserCodeSyntaxError', /SyntaxError/],
    ['a module that throws', { handler: 'thrower.handler' }, 'TypeError', /at load/],
    ['three parameters', { handler: 'index.callback' }, 'Runtime.CallbackHandlerDeprecated', /callback/],
  ])('fails under the name of the mistake for %s', async (_, changes, errorType, message) => {
    const files = {
      'index.js': 'exports.handler = () => 1; exports.number = 7; exports.callback = (a, b, c) => c(null, 1);',
      'broken.js': 'exports.handler = ((',
      'thrower.js': 'throw new TypeError("at load")',
    };

    const answer = await ask(programOf(files, changes));

    expect(answer.failed).toBe(true);
    const error = JSON.parse(answer.payload) as { errorType: string; errorMessage: string };
    expect(error.errorType).toBe(errorType);
    expect(error.errorMessage).toMatch(message);
  });

  it.each([
    ['throw new RangeError("no")', 'RangeError', /^no$/],
    ['throw Object.assign(new Error("x"), { name: "PlanStale" })', 'PlanStale', /^x$/],
    ['throw "text"', 'string', /^text$/],
    [
      'Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 500))',
      'Runtime.UnhandledPromiseRejection',
      /^Error: lost$/,
    ],
    ['setTimeout(() => { throw new TypeError("late") }); await new Promise((r) => setTimeout(r, 500))', 'TypeError', /^late$/],
    ['process.exit(3)', 'Runtime.ExitError', /^RequestId: \S+ Error: Runtime exited with error: exit status 3$/],
    ['process.exit()', 'Runtime.ExitError', /Runtime exited without providing a reason$/],
    ['const a = {}; a.a = a; return a', 'Runtime.JSONStringifyError', /^Unable to stringify response body$/],
    ['return "x".repeat(6291556)', 'Function.ResponseSizeTooLarge', /6291556 bytes/],
  ])('reports `%s` as Lambda does', async (code, errorType, message) => {
    const answer = await ask(programOf(`exports.handler = async () => { ${code} }`));

    const error = JSON.parse(answer.payload) as { errorType: string; errorMessage: string };
    expect(answer.failed).toBe(true);
    expect(error.errorType).toBe(errorType);
    expect(error.errorMessage).toMatch(message);
  });

  it('answers null when the loop runs empty and nobody answered', async () => {
    const answer = await read(programOf('exports.handler = () => new Promise(() => undefined)'));

    expect(answer).toBeNull();
  });

  it('refuses an answer that is too large by its size, not by the time it would take to carry', async () => {
    const { payload, failed } = await ask(programOf('exports.handler = async () => "x".repeat(50e6)', { memorySize: 1024 }));

    expect(failed).toBe(true);
    expect(JSON.parse(payload)).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });

  it('kills a function that runs longer than its timeout, and one that never yields', async () => {
    const waiting = programOf('exports.handler = () => new Promise((r) => setTimeout(r, 60000))', { timeout: 1 });
    const spinning = programOf('exports.handler = () => { for (;;); }', { timeout: 1 });

    const [first, second] = await Promise.all([read(waiting), read(spinning)]);

    const message = expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 1.00 seconds$/) as unknown;
    expect(first).toEqual({ errorType: 'Sandbox.Timedout', errorMessage: message });
    expect(second).toEqual({ errorType: 'Sandbox.Timedout', errorMessage: message });
    expect(small.logged().some((line) => /Task timed out after 1.00 seconds/.test(line))).toBe(true);
  });

  it('kills a function that outgrows its memory', async () => {
    const program = programOf('exports.handler = async () => Buffer.alloc(400 * 1024 * 1024, 1).length', { memorySize: 128 });

    const answer = await read(program);

    expect(answer).toMatchObject({ errorType: 'Runtime.OutOfMemory' });
    expect(small.logged().at(-1)).toMatch(/Max Memory Used: 128 MB\t.*Error Type: Runtime.OutOfMemory/);
  });

  it('lets an invocation be killed mid-step and starts afresh for the next', async () => {
    const program = programOf('exports.handler = async (ms) => { await new Promise((r) => setTimeout(r, ms)); return 1; }');
    const asked = ask(program, 60_000, 'doomed');
    await new Promise((resolve) => setTimeout(resolve, 400));

    await host.kill('doomed');
    const killed = JSON.parse((await asked).payload) as unknown;
    const next = await read(program, 0);

    expect(killed).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: doomed Error: Runtime exited with error: signal: killed',
    });
    expect(next).toBe(1);
  });

  it('never runs a stillborn invocation', async () => {
    const program = programOf('exports.handler = async () => console.log("ran")');

    const answer = await host.invoke(program, { requestId: 'r', invokedArn: FUNCTION_ARN, event: '{}', stillborn: true });

    expect(JSON.parse(answer.payload)).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(small.logged().join('\n')).not.toMatch(/ran/);
  });

  it('writes the log with the role of the function, between START and REPORT', async () => {
    const program = programOf(
      'console.log("loading"); exports.handler = async () => { console.log("hello %s", { a: 1 }); process.stdout.write("raw\\n"); }',
    );

    const answer = await ask(program, {}, 'r-1');

    const patterns = [/^INIT_START/, /\tundefined\tINFO\tloading$/, /^START RequestId: r-1 Version: \$LATEST$/, /Z\tr-1\tINFO\thello { a: 1 }$/, /^raw$/, /^END RequestId: r-1$/, /^REPORT RequestId: r-1\tDuration: .* ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\tInit Duration: .* ms\t$/]; // prettier-ignore
    const lines = small.logged();
    expect(lines).toHaveLength(patterns.length);
    for (const [i, pattern] of patterns.entries()) expect(lines[i]).toMatch(pattern);
    expect(small.calls.map(({ operation }) => operation)).toEqual(['CreateLogStream', 'PutLogEvents']);
    expect(small.calls[0]?.caller).toMatchObject({ role: 'probe', trace: { functionName: 'probe', invocation: 'r-1' } });
    expect(answer.logTail.toString()).toMatch(/hello/);
  });

  it('writes JSON lines at the configured levels', async () => {
    const logging = { format: 'JSON', group: '/g', applicationLevel: 'WARN', systemLevel: 'WARN' } as const;
    const program = programOf(
      'exports.handler = async () => { console.info("quiet"); console.warn({ a: 1 }); console.error("no", new TypeError("x")); }',
      { logging },
    );

    await ask(program, {}, 'r-1');

    const records = small.logged().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records).toMatchObject([
      { level: 'WARN', requestId: 'r-1', message: { a: 1 } },
      { level: 'ERROR', errorType: 'TypeError', errorMessage: 'x' },
    ]);
  });

  it('runs without a log when the role may not write one', async () => {
    const mute = smallGround({ logs: false });
    const other = createHost(mute.ground);

    const answer = await other.invoke(programOf('exports.handler = async () => 1'), {
      requestId: 'r',
      invokedArn: FUNCTION_ARN,
      event: '{}',
    });

    expect(answer.payload).toBe('1');
    await other.stop();
    mute.close();
  });

  it('sets the calendar of the function to the timeline and leaves monotonic clocks alone', async () => {
    const far = smallGround({ startsAt: Date.UTC(2031, 4, 5) });
    const other = createHost(far.ground);
    const code = `const atLoad = new Date().getFullYear(); exports.handler = async () => {
      const fixed = new Date(0);
      return [atLoad, new Date().getFullYear(), new Date(Date.now()).getFullYear(), fixed.getTime(), fixed instanceof Date, Date().slice(11, 15), performance.now() < 60000, new (class X extends Date {})().getFullYear()];
    }`;

    const answer = await other.invoke(programOf(code), { requestId: 'r', invokedArn: FUNCTION_ARN, event: '{}' });

    expect(JSON.parse(answer.payload)).toEqual([2031, 2031, 2031, 0, true, '2031', true, 2031]);
    await other.stop();
    far.close();
  });

  it('gives every execution environment a /tmp of its own', async () => {
    const code = `const fs = require('node:fs'); exports.handler = async (ms) => {
      const had = fs.existsSync('/tmp/mine'); fs.writeFileSync('/tmp/mine', '1'); await fs.promises.appendFile('/tmp/mine', '2');
      await new Promise((r) => setTimeout(r, ms)); return [had, fs.readFileSync('/tmp/mine', 'utf8'), fs.mkdtempSync('/tmp/x-').slice(0, 7), fs.readdirSync('/tmp').length];
    }`;

    const [first, beside] = await Promise.all([read(programOf(code), 300), read(programOf(code), 300)]);

    expect(first).toEqual([false, '12', '/tmp/x-', 2]);
    expect(beside).toEqual([false, '12', '/tmp/x-', 2]);
    expect(await read(programOf(code), 0)).toEqual([true, '12', '/tmp/x-', 3]);
  });

  it('freezes a process that has answered', async () => {
    const code =
      'let ticks = 0; setInterval(() => ticks++, 10); exports.handler = async () => { const t = ticks; ticks = 0; return t; }';

    await read(programOf(code));
    await new Promise((resolve) => setTimeout(resolve, 400));
    const ticks = await read(programOf(code));

    expect(ticks).toBeLessThan(10);
  });

  describe('of a bundle that takes long to compile', () => {
    const filler = Array.from({ length: 2000 }, (_, i) => `function f${i}(a) { return a + ${i} + 'of ${randomUUID()}'; }`);
    const body =
      'exports.handler = async ({ fail }) => { if (fail) throw new Error(f7(1)); return [f1(1), require.main === undefined, __filename]; };';
    const bundle = (more = ''): Program => programOf(`${body}${more}\n${filler.join('\n')}`);
    // Nothing was ever kept in a fresh clone.
    const kept = (): string[] => (existsSync(COMPILED) ? readdirSync(COMPILED) : []);
    const keptOf = ({ sha256 }: Program): string[] =>
      kept().filter((name) => name.startsWith(Buffer.from(sha256, 'base64').toString('hex')));
    afterEach(() => {
      for (const name of kept().filter((one) => one.includes('index.js'))) rmSync(join(COMPILED, name));
    });

    it('keeps what was made of it, and the next process says the same to the column', async () => {
      const program = bundle();
      const answers = [await read(program), await read(program, { fail: true })];
      const [first] = keptOf(program);

      await host.retire(FUNCTION_ARN);
      const again = [await read(program), await read(program, { fail: true })];

      expect(first).toBeDefined();
      expect(again).toEqual(answers);
      expect(JSON.stringify(again)).toContain(`index.js:1:${body.indexOf('new Error') + 1})`);
      expect(keptOf(program)).toEqual([first]);
    });

    it('compiles anew what is kept badly, and keeps that', async () => {
      const program = bundle();
      const answer = await read(program);
      const [spoilt = ''] = keptOf(program);
      writeFileSync(join(COMPILED, spoilt), 'spoilt');

      await host.retire(FUNCTION_ARN);

      expect(await read(program)).toEqual(answer);
      expect(readFileSync(join(COMPILED, spoilt)).length).toBeGreaterThan(1000);
    });

    it('keeps nothing of one that imports while it runs', async () => {
      const program = bundle(" exports.later = () => import('node:fs');");

      await read(program);

      expect(keptOf(program)).toEqual([]);
    });
  });

  it('refuses a package with a corrupted byte', async () => {
    const zip = zipOf({ 'index.js': 'exports.handler = async () => 1' });
    zip.writeUInt8(zip.readUInt8(50) ^ 1, 50);

    await expect(host.prepare(zip, sha256Of(zip))).rejects.toMatchObject({ name: 'BadArchive' });
    await expect(host.prepare(Buffer.from('no zip'), 'x')).rejects.toMatchObject({ name: 'BadArchive' });
  });

  it('ends its processes when the function is retired', async () => {
    const pid = Number(await read(programOf('exports.handler = async () => process.pid')));

    await host.retire(FUNCTION_ARN);

    expect(() => process.kill(pid, 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
  });

  describe('on its way out', () => {
    const heard: { host: string | undefined; url: string | undefined; method: string | undefined }[] = [];
    const server = createServer((request: IncomingMessage, response) => {
      heard.push({ host: request.headers.host, url: request.url, method: request.method });
      response.end('pong');
    });
    const code = `const https = require('node:https'); const http = require('node:http'); const net = require('node:net');
      const get = (lib, ...args) => new Promise((done, failed) => lib.request(...args, (r) => { r.setEncoding('utf8').once('data', done); }).on('error', failed).end());
      exports.handler = async ({ how, url }) => {
        try {
          if (how === 'fetch') { const r = await fetch(url, { method: 'POST', body: 'x' }); return (await r.text()) + ' ' + new URL(url).host; }
          if (how === 'https') return await get(https, url);
          if (how === 'options') return await get(https, { hostname: new URL(url).hostname, path: '/o', headers: { 'x-a': '1' } });
          if (how === 'http') return await get(http, url);
          if (how === 'lookup') return (await require('node:dns/promises').lookup(url)).address;
          if (how === 'socket') return await new Promise((done, failed) => net.connect(443, url).on('error', failed).on('connect', () => done('connected')));
        } catch (error) { const e = error.cause ?? error; return e.code + ': ' + e.message; }
      }`;
    beforeEach(async () => {
      heard.length = 0;
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      small.ground.publish('https://app.example.test', `http://127.0.0.1:${port}`);
      small.ground.publish('http://plain.example.test', `http://127.0.0.1:${port}`);
    });
    afterEach(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    it.each([
      ['fetch', 'https://app.example.test/a?b=1', 'pong app.example.test', 'app.example.test', '/a?b=1'],
      ['https', 'https://app.example.test/s', 'pong', 'app.example.test', '/s'],
      ['options', 'https://app.example.test', 'pong', 'app.example.test', '/o'],
      ['http', 'http://plain.example.test/p', 'pong', 'plain.example.test', '/p'],
      ['fetch', 'http://plain.example.test/f', 'pong plain.example.test', 'plain.example.test', '/f'],
    ])('reaches a published name by %s of %s', async (how, url, answer, name, path) => {
      expect(await read(programOf(code), { how, url })).toBe(answer);
      expect(heard).toMatchObject([{ host: name, url: path }]);
    });

    it.each([
      ['fetch', 'https://example.com/'],
      ['https', 'https://example.com/'],
      ['http', 'http://192.0.2.1/'],
      ['socket', 'example.com'],
    ])('refuses the real internet by %s', async (how, url) => {
      const refusal = await read(programOf(code), { how, url });

      expect(refusal).toMatch(
        /EHOSTUNREACH: connect EHOSTUNREACH (example.com|192.0.2.1):\d+ - the rehearsal serves no such name/,
      );
    });

    it('looks up only what the rehearsal serves', async () => {
      expect(await read(programOf(code), { how: 'lookup', url: 'app.example.test' })).toBe('127.0.0.1');
      expect(await read(programOf(code), { how: 'lookup', url: 'example.com' })).toMatch(/ENOTFOUND/);
    });
  });

  it('leaves no process behind when it is stopped', async () => {
    const pid = Number(await read(programOf('exports.handler = async () => process.pid')));

    await host.stop();

    const alive = execFileSync('ps', ['-A', '-o', 'pid=']).toString().split('\n').map(Number);
    expect(alive).not.toContain(pid);
  });
});
