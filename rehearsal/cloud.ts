// The embedded cloud: one process, one port, every service, one timeline.
import { createCredentials } from './iam/credentials.ts';
import type { Caller } from './iam/ask.ts';
import type { Credentials, Judge, StatementUse } from './iam/contract.ts';
import { createJudge } from './iam/judge.ts';
import { operatorOf } from './iam/operator.ts';
import { createPrincipals } from './iam/principals.ts';
import { createDoor, type Denial, type Done } from './door.ts';
import { createFaults, type Faults } from './faults/faults.ts';
import { createFolders } from './folders.ts';
import { createChance } from './random.ts';
import { AwsError } from './services/error.ts';
import type { BusEvent, Ground, Keys } from './services/ground.ts';
import { createServices, type Services } from './services/registry.ts';
import type { InputOf, OperationName, OutputOf, ServiceId, Sdks } from './services/service.ts';
import { createTimeline, type Pace, type Timeline } from './time/timeline.ts';
import { ConnectionLost, serveWire } from './wire/server.ts';
import { createAuthority } from './world/authority.ts';
import { holdWorkshop } from './host/workshop.ts';
import { holdInstallation } from './world/postgres/installation.ts';
import type { Authority } from './world/contract.ts';

export interface CloudOptions {
  readonly pace: Pace;
  /** Where the timeline begins; now by default. */
  readonly startsAt?: number;
  readonly seed?: number;
  /** 0 takes any free port. */
  readonly port?: number;
  readonly region?: string;
}

export interface Cloud {
  readonly account: string;
  readonly region: string;
  readonly endpoint: string;
  /** An administrator's keys. */
  readonly operator: Keys;
  readonly timeline: Timeline;
  readonly faults: Faults;
  readonly services: Services;
  readonly ground: Ground;
  readonly authorities: Authorities;
  /** The operator's own call, without the wire. */
  call<Id extends ServiceId, Op extends OperationName<Sdks[Id]>>(
    service: Id,
    operation: Op,
    input: InputOf<Sdks[Id], Op>,
    region?: string,
  ): Promise<OutputOf<Sdks[Id], Op>>;
  /** Everything that stands, by service. */
  inventory(): Record<string, Record<string, unknown>>;
  usage(): readonly StatementUse[];
  /** Every refusal a role was given. */
  denials(): readonly Denial[];
  /** Tells of every call that took effect; the returned function ends it. */
  watchCalls(listener: (done: Done) => void): () => void;
  /** What stands on this cloud and ends with it, at the next reset or at the end, before its services do. */
  whenEnding(work: () => Promise<void>): void;
  /** An empty cloud on the same port; whatever ran is ended. What is not said is as it was started with. */
  reset(options?: Pick<CloudOptions, 'startsAt' | 'seed' | 'region'>): Promise<void>;
  stop(): Promise<void>;
}

/** Whose certificates are trusted: the public one's by everybody, RDS's by whoever was given it. */
export interface Authorities {
  readonly public: Authority;
  readonly rds: Authority;
}

/** The account every fixture names; no real one has it. */
const ACCOUNT = '123456789012';
const DEFAULT_REGION = 'eu-west-1';

interface Beginning {
  readonly startsAt?: number | undefined;
  readonly seed?: number | undefined;
  readonly region?: string | undefined;
}

interface Generation {
  readonly timeline: Timeline;
  readonly faults: Faults;
  readonly credentials: Credentials;
  readonly judge: Judge;
  readonly services: Services;
  readonly ground: Ground;
  readonly authorities: Authorities;
  readonly operator: Caller;
  readonly requestId: () => string;
  readonly door: ReturnType<typeof createDoor>;
  readonly endings: (() => Promise<void>)[];
}

export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const folders = createFolders();
  // PostgreSQL and the functions' code are laid out once, not at every reset.
  const postgres = holdInstallation();
  const workshop = holdWorkshop();
  let port = 0;
  const watchers = new Set<(done: Done) => void>();

  const build = async ({ startsAt, seed = 1, region = DEFAULT_REGION }: Beginning): Promise<Generation> => {
    const timeline = createTimeline({ pace: options.pace, ...(startsAt !== undefined && { startsAt }) });
    const chance = createChance(seed);
    // Faults and request ids have a chance of their own, so that a fault more does not move every jitter.
    const faults = createFaults(createChance(seed + 1).random);
    const ids = createChance(seed + 2);
    const principals = createPrincipals();
    const judge = createJudge(principals, ACCOUNT, timeline.now);
    const credentials = createCredentials({ account: ACCOUNT, chance, now: timeline.now, offset: timeline.offset });
    const listeners: ((event: BusEvent) => void)[] = [];
    const published = new Map<string, string>();
    const ground: Ground = {
      timeline,
      account: ACCOUNT,
      region,
      endpoint: () => `http://127.0.0.1:${port}`,
      random: chance.random,
      uuid: chance.uuid,
      token: chance.token,
      folder: folders.folder,
      call: async (caller, service, operation, input, where = region) => {
        try {
          const call = {
            service,
            operation,
            input: input as Record<string, unknown>,
            caller,
            region: where,
            requestId: ids.uuid(),
          };
          return (await door.handle(call)) as never;
        } catch (error) {
          if (error instanceof ConnectionLost) throw new AwsError('SdkClientException', 'Connection reset', { status: 500 });
          throw error;
        }
      },
      assume: (roleArn, service, session, trace) => judge.assume(roleArn, service, session, trace),
      allows: (caller, ask, where = region) => judge.judge(caller, ask, { at: timeline.now(), region: where }).allowed,
      issueKeys: (who) => credentials.issue(who),
      revokeKeys: (id) => credentials.revoke(id),
      publish: (publicOrigin, loopback) => void published.set(publicOrigin, loopback),
      unpublish: (publicOrigin) => void published.delete(publicOrigin),
      published: () => published,
      faultOfInvocation: (trace) => faults.ofInvocation(trace),
      emit: (event) => listeners.forEach((listener) => listener(event)),
      onEmit: (listener) => void listeners.push(listener),
    };
    // Their files stand in a folder that a reset empties.
    const folder = folders.folder('authorities');
    const authorities = {
      public: await createAuthority(folder, timeline.now),
      rds: await createAuthority(folder, timeline.now, 'rds'),
    };
    const services = createServices(ground, principals, credentials, authorities);
    const tell = (done: Done): void => watchers.forEach((watcher) => watcher(done));
    const door = createDoor({ account: ACCOUNT, timeline, judge, faults, services, tell });
    const operator = operatorOf(ACCOUNT);
    return {
      timeline,
      faults,
      credentials,
      judge,
      services,
      ground,
      authorities,
      operator,
      requestId: ids.uuid,
      door,
      endings: [],
    };
  };

  let now = await build(options);
  const wire = await serveWire({
    port: options.port ?? 0,
    credentials: () => now.credentials,
    now: () => now.timeline.now(),
    requestId: () => now.requestId(),
    defaultRegion: () => now.ground.region,
    folder: () => folders.folder('spool'),
    handle: (call) => now.door.receive(call),
  });
  port = wire.port;

  const end = async (generation: Generation): Promise<void> => {
    generation.timeline.stop();
    for (const work of generation.endings.splice(0)) await work();
    for (const service of Object.values(generation.services)) await service.stop?.();
  };
  return {
    account: ACCOUNT,
    get region() {
      return now.ground.region;
    },
    endpoint: `http://127.0.0.1:${port}`,
    get operator() {
      return now.credentials.operator;
    },
    get timeline() {
      return now.timeline;
    },
    get faults() {
      return now.faults;
    },
    get services() {
      return now.services;
    },
    get ground() {
      return now.ground;
    },
    get authorities() {
      return now.authorities;
    },
    call: (service, operation, input, where) => now.ground.call(now.operator, service, operation, input, where),
    inventory: () => Object.fromEntries(Object.values(now.services).map((service) => [service.id, service.inventory()])),
    usage: () => now.judge.usage(),
    denials: () => now.door.denials(),
    watchCalls(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
    whenEnding: (work) => void now.endings.push(work),
    async reset(next = {}) {
      await end(now);
      // What was asked of the cloud that is gone will not be answered by it.
      wire.drop();
      folders.empty();
      now = await build({ ...options, ...next });
    },
    async stop() {
      await end(now);
      await wire.close();
      folders.remove();
      await postgres.release();
      await workshop.release();
    },
  };
}
