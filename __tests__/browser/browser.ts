// A real browser for the pages that people read: one a test file, that reaches nothing but this machine, and leaves nothing behind.
import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type BrowserServer, type Page } from 'playwright-core';
import { signalGroup } from '../../rehearsal/host/kin.ts';
import { unpackBrowser, type Program } from './unpacked.ts';

/** A page in a context of its own: no cookie, cache or history is shared with another visit. */
export interface Visit {
  readonly page: Page;
  /** Every request that it made, in its order: `GET http://…`. */
  readonly requests: readonly string[];
  /** What a developer would see in red: errors and warnings of the console, refusals of the page's policy, requests that failed. */
  readonly troubles: readonly string[];
}

/** A telephone, as a person woken at night holds it. */
export const TELEPHONE = { width: 360, height: 740 };

const NAMES_ON_THE_PATH = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Names ending in .test are this machine; every other name and address is nowhere, also for what the browser asks on its own account. */
const HERE = /^([a-z0-9.-]+\.)?test$|^127\.0\.0\.1$/;
const RULES = 'MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';
const FLAGS = [
  `--host-resolver-rules=${RULES}`,
  // No process that only waits to be forked; a container's /dev/shm is often too small.
  '--no-zygote',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  // Letters as wide as they are told, on every machine.
  '--font-render-hinting=none',
];
const START_MILLISECONDS = 30_000;
/** On two busy cores; the unpacking is over by then. */
const PATIENCE_MILLISECONDS = 60_000;

/** `inBrowser` is `describe` where a browser starts; elsewhere what it holds is counted as skipped, and one line says why. */
export function useBrowser(): { inBrowser: (title: string, tests: () => void) => void; visit: typeof visit } {
  const { program, why } = find();
  let home = '';
  let server: BrowserServer | undefined;
  let browser: Browser | undefined;
  const visits: (Visit & { close: () => Promise<void> })[] = [];

  const start = async (): Promise<void> => {
    if (!program) return;
    home = mkdtempSync(join(tmpdir(), 'changeover-browser-'));
    server = await chromium.launchServer({ ...launchOptions(program, home), host: '127.0.0.1' });
    browser = await chromium.connect(server.wsEndpoint());
  };
  const close = async (): Promise<void> => {
    const pid = server?.process().pid ?? -1;
    try {
      await browser?.close();
      await server?.close();
    } finally {
      // Also what no longer listens.
      signalGroup(pid, 'SIGKILL');
      if (home !== '') rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  };
  async function visit(options: BrowserContextOptions = {}): Promise<Visit> {
    if (!browser) throw new Error('no browser was started');
    const context = await browser.newContext({ viewport: TELEPHONE, ...options });
    const page = await context.newPage();
    const requests: string[] = [];
    const troubles: string[] = [];
    page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
    page.on('requestfailed', (request) => troubles.push(`${request.url()}: ${request.failure()?.errorText ?? 'failed'}`));
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
    });
    const made = { page, requests, troubles, close: () => context.close() };
    visits.push(made);
    return made;
  }
  const leave = async (): Promise<void> => {
    const left = visits.splice(0);
    await Promise.all(left.map((one) => one.close()));
    const strangers = left.flatMap(({ requests }) => requests).filter((request) => !isHere(request));
    if (strangers.length > 0) throw new Error(`the page asked for what is not of this machine: ${strangers.join(', ')}`);
  };

  const inBrowser = (title: string, tests: () => void): void => {
    if (!program) process.stderr.write(`skipped: ${title}, because no browser starts here: ${why}\n`);
    const where = program ? describe : describe.skip;
    where(title, () => {
      beforeAll(start, PATIENCE_MILLISECONDS);
      afterEach(leave);
      afterAll(close, PATIENCE_MILLISECONDS);
      tests();
    });
  };
  return { inBrowser, visit };
}

/** A picture of the whole page, for a person to look at. */
export async function shoot(page: Page, { width, scheme }: { width: number; scheme: 'light' | 'dark' }, folder: string) {
  await page.setViewportSize({ width, height: width < 600 ? TELEPHONE.height : 800 });
  await page.emulateMedia({ colorScheme: scheme });
  const path = join(folder, `${width}-${scheme}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}

const isHere = (request: string): boolean => HERE.test(new URL(request.slice(request.indexOf(' ') + 1)).hostname);

const launchOptions = ({ path, envIn }: Program, home: string) => ({
  executablePath: path,
  args: FLAGS,
  // It would need rights that neither root nor a container has, against pages that are our own.
  chromiumSandbox: false,
  timeout: START_MILLISECONDS,
  env: { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home, ...envIn(home) },
});

/** The first that starts: what came with `npm ci`, then what is installed. Whether one starts is known only by starting it. */
function find(): { program?: Program; why: string } {
  const whys: string[] = [];
  for (const [name, locate] of candidates()) {
    try {
      const program = locate();
      startOnce(program);
      return { program, why: '' };
    } catch (error) {
      whys.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { why: whys.join('; ').replace(/\s+/g, ' ') };
}

function candidates(): [string, () => Program][] {
  const asked = process.env['CHANGEOVER_BROWSER'];
  if (asked !== undefined) return [['CHANGEOVER_BROWSER', () => installedAt(asked)]];
  const installed = NAMES_ON_THE_PATH.flatMap((name) =>
    (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((folder) => join(folder, name))
      .filter(mayRun)
      .slice(0, 1),
  );
  return [
    ['@sparticuz/chromium', unpackBrowser],
    ...installed.map((path): [string, () => Program] => [path, () => installedAt(path)]),
  ];
}

const installedAt = (path: string): Program => ({ path, envIn: () => ({}) });

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** In a process of its own, because tests must be told before they run whether they are skipped. */
function startOnce(program: Program): void {
  const home = mkdtempSync(join(tmpdir(), 'changeover-browser-'));
  const start = `require('playwright-core').chromium.launch(JSON.parse(process.argv[1])).then((browser) => browser.close())`;
  const options = JSON.stringify(launchOptions(program, home));
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['-e', `${start}.catch((e) => { console.error(e.message); process.exit(1); })`, options],
      {
        cwd: __dirname,
        // The driver leaves its folders behind where nothing starts: they go with this one.
        env: { ...process.env, TMPDIR: home },
        encoding: 'utf8',
        timeout: START_MILLISECONDS + 10_000,
      },
    );
    if (status !== 0) throw new Error(reasonOf(stderr));
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** The driver writes a page; the line that names what is missing is the loader's, or its first. */
function reasonOf(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => line.includes('error while loading')) ??
    lines.find((line) => line !== '') ??
    'it did not start'
  ).replace(/^.*?\[err\] /, '');
}
