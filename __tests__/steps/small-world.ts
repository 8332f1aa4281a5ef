// Small worlds for steps: a ledger in a Map, records and rules in lists, databases that remember what was done to them, a list of what
// was said and written, a clock that stands still.
import type { Announcement, Cloud, DatabaseFacts, Front, OutsideAnswer, OutsideRequest } from '../../shared/cloud/ports.ts';
import { RunbookError } from '../../shared/errors.ts';
import { Estate } from '../../shared/estate.ts';
import type { Divergence, RowDifference } from '../../shared/runbooks/divergence.ts';
import type { RecordChange, RecordSet } from '../../shared/runbooks/journal.ts';
import { keyOf } from '../../shared/runbooks/record-sets.ts';
import type { UploadDivergence } from '../../shared/runbooks/uploads.ts';

export interface Letter {
  readonly approver: string;
  readonly subject: string;
  readonly text: string;
}

export interface SmallWorld extends Cloud {
  /** Keys in the order they were written. */
  readonly writes: string[];
  readonly answers: unknown[];
  readonly mails: Letter[];
  readonly announcements: Announcement[];
  /** What stands in the shared channel now. */
  readonly posted: Announcement[];
  /** What was said in Slack to one member alone. */
  readonly whispers: string[];
  readonly entries: Map<string, { body: object; version: string }>;
  /** What was changed outside the ledger, in its order. */
  readonly acts: string[];
  readonly records: RecordSet[];
  /** By `<environment> <kind>`. */
  readonly fronts: Map<string, Front>;
  readonly facts: Map<string, DatabaseFacts>;
  /** Who may connect, by environment. */
  readonly connects: Map<string, readonly string[]>;
  /** Notes by environment. */
  readonly notes: Map<string, string[]>;
  readonly runs: Map<string, { running: boolean; status: string; stoppedAt: string | null }>;
  /** Listeners by the run that fenced them. */
  readonly rules: Map<string, string>;
  setNow(iso: string): void;
  /** Who answers a request from outside. */
  answerOutside(answer: (request: OutsideRequest) => OutsideAnswer): void;
  answerLookUp(answer: (server: string, name: string, type: 'A' | 'AAAA') => readonly string[]): void;
  /** How many seconds a server goes on with what it remembers. */
  answerKeeps(answer: (server: string) => number): void;
  setInSync(inSync: boolean): void;
  /** What the two databases differ by until they are merged. */
  setDivergence(divergence: Divergence): void;
  /** What was uploaded there since the move, and what stands here under the same names. */
  setFiles(files: UploadDivergence): void;
  readonly merged: RowDifference[];
}

export const SMALL_ESTATE = Estate.parse({
  app: 'orders',
  region: 'eu-west-1',
  strategy: 'warm',
  objectives: { rtoSeconds: 300, rpoSeconds: 21_600 },
  environments: {
    main: environment('main', 'primary'),
    spare: environment('spare', 'standby'),
  },
  names: [
    { name: 'app.orders.test.', zone: 'Z0ORDERSTEST0001', types: ['A', 'AAAA'], needs: { frontEnd: true, api: true } },
    { name: 'api.orders.test.', zone: 'Z0ORDERSTEST0001', types: ['A', 'AAAA'], needs: { api: true } },
  ],
  copies: [{ from: 'main', to: 'spare', class: 'raw', everySeconds: 21_600 }],
  approvers: [
    { name: 'cto', email: 'cto@orders.test' },
    { name: 'ada', email: 'ada@orders.test' },
  ],
});

function environment(name: string, role: 'primary' | 'standby') {
  return {
    role,
    database: {
      instance: `orders-${name}`,
      name: 'orders',
      owner: 'orders_owner',
      application: 'orders_app',
      secrets: { master: `orders/${name}/master`, application: `orders/${name}/application` },
    },
    web: { loadBalancer: `orders-${name}` },
    buckets: { uploads: `orders-${name}-uploads` },
    network: { subnets: ['subnet-0a1b2c3d4e5f60001'], securityGroups: ['sg-0a1b2c3d4e5f60001'] },
  };
}

export function createSmallWorld(now = '2026-01-15T03:12:00.000Z', estate = SMALL_ESTATE): SmallWorld {
  const entries = new Map<string, { body: object; version: string }>();
  const writes: string[] = [];
  const answers: unknown[] = [];
  const acts: string[] = [];
  const mails: Letter[] = [];
  const announcements: Announcement[] = [];
  const posted: Announcement[] = [];
  const whispers: string[] = [];
  const records: RecordSet[] = [];
  const fronts = new Map<string, Front>();
  const facts = new Map<string, DatabaseFacts>();
  const connects = new Map<string, readonly string[]>();
  const notes = new Map<string, string[]>();
  const runs = new Map<string, { running: boolean; status: string; stoppedAt: string | null }>();
  const rules = new Map<string, string>();
  const answered = new Set<string>();
  let instant = now;
  let version = 0;
  let secrets = 0;
  let changes = 0;
  let inSync = true;
  let divergence: Divergence | undefined;
  let files: UploadDivergence = { there: [], here: [], more: false, keepsVersions: null };
  const merged: RowDifference[] = [];
  const leapt = new Set<string>();
  let outsideAnswer: (request: OutsideRequest) => OutsideAnswer = () => ({
    status: null,
    body: '',
    headers: {},
    trouble: 'nobody answers',
  });
  let lookUpAnswer: (server: string, name: string, type: 'A' | 'AAAA') => readonly string[] = () => [];
  let keeps: (server: string) => number = () => 0;
  const write = (key: string, body: object): void => {
    entries.set(key, { body: structuredClone(body), version: `v${++version}` });
    writes.push(key);
  };
  const hear = (token: string, answer: unknown): Promise<'delivered' | 'gone'> => {
    if (answered.has(token)) return Promise.resolve('gone');
    answered.add(token);
    answers.push(answer);
    return Promise.resolve('delivered');
  };
  const environmentOf = (instance: string): string =>
    Object.entries(estate.environments).find(([, { database }]) => database.instance === instance)?.[0] ?? '';
  const change = ({ action, record }: RecordChange): void => {
    const at = records.findIndex((known) => keyOf(known) === keyOf(record));
    if (action === 'CREATE' && at !== -1) throw new RunbookError('CloudRefused', 'it already exists');
    if (action === 'DELETE' && at === -1) throw new RunbookError('CloudRefused', 'it was not found');
    if (at !== -1) records.splice(at, 1);
    if (action !== 'DELETE') records.push(record);
  };
  return {
    entries,
    writes,
    answers,
    mails,
    announcements,
    posted,
    whispers,
    acts,
    records,
    fronts,
    facts,
    connects,
    notes,
    runs,
    rules,
    estate,
    setNow: (iso) => (instant = iso),
    answerOutside: (answer) => (outsideAnswer = answer),
    answerLookUp: (answer) => (lookUpAnswer = answer),
    answerKeeps: (answer) => (keeps = answer),
    setInSync: (value) => (inSync = value),
    setDivergence: (value) => (divergence = value),
    setFiles: (value) => (files = value),
    merged,
    ledger: {
      read: (key) => Promise.resolve(entries.get(key)),
      create: (key, body) => {
        if (entries.has(key)) return Promise.resolve(false);
        write(key, body);
        return Promise.resolve(true);
      },
      replace: (key, body, wanted) => {
        if (entries.get(key)?.version !== wanted) return Promise.resolve(false);
        write(key, body);
        return Promise.resolve(true);
      },
      list: (prefix) =>
        Promise.resolve(
          [...entries.keys()]
            .filter((key) => key.startsWith(prefix))
            .sort()
            .map((key) => ({ key, writtenAt: instant, bytes: JSON.stringify(entries.get(key)?.body).length })),
        ),
      publish: (key, text) => {
        write(key, { text });
        return Promise.resolve();
      },
    },
    tasks: {
      succeed: (token, output) => hear(token, output),
      fail: (token, error, cause) => hear(token, { error, cause }),
    },
    post: {
      deliver: (mail) => {
        mails.push(mail);
        return Promise.resolve({ sent: ['e-mail'], silent: [] });
      },
    },
    channels: {
      announce: (message) => {
        announcements.push(message);
        posted.push(message);
        return Promise.resolve({ sent: ['Slack'], silent: [], posted: [{ channel: 'C1', ts: String(posted.length) }] });
      },
      replace: ({ ts }, message) => {
        posted[Number(ts) - 1] = message;
        return Promise.resolve({ sent: ['Slack'], silent: [] });
      },
    },
    slack: {
      sent: ({ signature }) => Promise.resolve(signature === 'slack’s own'),
      whisper: (_channel, member, text) => {
        whispers.push(`${member}: ${text}`);
        return Promise.resolve({ sent: ['Slack'], silent: [] });
      },
    },
    names: {
      read: ({ name }) => Promise.resolve(records.filter(({ Name }) => Name === name)),
      change: (zone, batch) => {
        batch.forEach(change);
        acts.push(`records ${zone} ${batch.length}`);
        return Promise.resolve(`C${++changes}`);
      },
      inSync: () => Promise.resolve(inSync),
      serversOf: () => Promise.resolve(['ns-1.awsdns-01.org', 'ns-2.awsdns-02.net']),
    },
    web: {
      read: (name, kind) => Promise.resolve(fronts.get(`${name} ${kind}`)),
      fence: (_environment, listener, run) => {
        if (rules.get(listener) === run) return Promise.resolve();
        rules.set(listener, run);
        acts.push(`fence ${listener}`);
        return Promise.resolve();
      },
      unfence: (listener, run) => {
        if (rules.get(listener) === run && rules.delete(listener)) acts.push(`unfence ${listener}`);
        return Promise.resolve();
      },
    },
    uploads: {
      countSince: () => Promise.resolve({ count: 0, more: false }),
      compare: () => Promise.resolve(files),
      copy: (from, to, keys) => {
        acts.push(`copy ${keys.join(' ')} from ${from} to ${to}`);
        // As a bucket with a key of its own: the same file, another tag.
        const brought = files.there.filter(({ key }) => keys.includes(key)).map((one) => ({ ...one, etag: 'copied' }));
        files = { ...files, here: [...files.here.filter(({ key }) => !keys.includes(key)), ...brought] };
        return Promise.resolve([]);
      },
      pair: () => Promise.reject(new RunbookError('CloudRefused', 'the small world has no pair of buckets')),
      remove: () => Promise.reject(new RunbookError('CloudRefused', 'the small world takes no file away')),
    },
    databases: {
      read: (name) => {
        const known = facts.get(name);
        if (known) return Promise.resolve(known);
        throw new RunbookError('CloudRefused', `the small world has no database of ${name}`);
      },
      fence: ({ instance }) => {
        connects.set(environmentOf(instance), []);
        acts.push(`fence ${instance}`);
        return Promise.resolve({ openSession: 'terminated', newSession: 'permission denied', ended: 2, spared: 1 });
      },
      unfence: ({ instance }, connect) => {
        connects.set(environmentOf(instance), connect);
        acts.push(`unfence ${instance}`);
        return Promise.resolve();
      },
      compare: (here, there) => {
        const { environment } = here;
        const alike = { tables: [], rows: [], columns: {}, collisions: [], schema: [], uncompared: [], milliseconds: 1 };
        return Promise.resolve(divergence ?? { here: environment, there: there.environment, ...alike });
      },
      merge: ({ instance }, rows) => {
        merged.push(...rows);
        divergence = divergence && { ...divergence, rows: [], tables: [] };
        acts.push(`merge ${instance}`);
        return Promise.resolve();
      },
      revert: ({ instance }, rows) => {
        merged.splice(0, merged.length, ...merged.filter((row) => !rows.includes(row)));
        acts.push(`revert ${instance}`);
        return Promise.resolve();
      },
      instant: () => Promise.resolve('700'),
      leap: ({ instance }, targets) => {
        if (leapt.has(instance)) return Promise.resolve();
        leapt.add(instance);
        acts.push(`leap ${instance} ${targets.length}`);
        return Promise.resolve();
      },
      findNote: ({ instance }, note) => {
        const name = environmentOf(instance);
        const found = notes.get(name)?.includes(note) === true;
        return Promise.resolve(found ? { environment: name, writtenAt: instant } : undefined);
      },
    },
    outside: {
      lookUp: (server, name, type) => {
        const given = lookUpAnswer(server, name, type);
        return Promise.resolve(given.map((address) => ({ address, keepsSeconds: keeps(server) })));
      },
      ask: (request) => Promise.resolve(outsideAnswer(request)),
    },
    laying: nowhere('copies'),
    copying: nowhere('copies'),
    shelves: nowhere('shelves'),
    dumps: nowhere('dumps'),
    instances: nowhere('instances'),
    servers: nowhere('servers'),
    serverNames: nowhere('servers'),
    connections: nowhere('connections'),
    restored: nowhere('restored'),
    metrics: nowhere('metrics'),
    executions: {
      read: (execution) => Promise.resolve(runs.get(execution)),
      stop: (execution) => {
        runs.set(execution, { running: false, status: 'ABORTED', stoppedAt: instant });
        acts.push(`stop ${execution}`);
        return Promise.resolve();
      },
    },
    clock: {
      now: () => new Date(instant),
      pause: (seconds) => {
        instant = new Date(Date.parse(instant) + seconds * 1000).toISOString();
        return Promise.resolve();
      },
    },
    chance: { secret: () => String(++secrets).padStart(43, 's') },
  };
}

/** What a copy needs stands in __tests__/copies, on real servers: here nobody asks for it. */
const nowhere = (what: string) =>
  new Proxy({}, { get: () => () => Promise.reject(new RunbookError('CloudRefused', `the small world has no ${what}`)) }) as never;
