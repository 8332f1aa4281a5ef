// The real adapters of a copy, bundled as they are deployed, between real servers, with the embedded cloud's S3 and secrets.
import dns from 'node:dns';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { bundleOptions as options } from '../../esbuild.config.ts';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { createFolders } from '../../rehearsal/folders.ts';
import type { CopyOrder, Copying, Dumps, Laying, Shelves } from '../../shared/cloud/ports.ts';
import type { Database } from '../../shared/estate.ts';
import type { Proof } from '../../shared/runbooks/proof.ts';
import type { Mark } from '../../shared/runbooks/shelf.ts';
import { standOn } from '../cloud/on-aws.ts';
import { trust } from '../cloud/trust.ts';
import type { CopyServer } from './servers.ts';

const ADAPTERS = `
  export { awsCopying } from './shared/cloud/aws/copying.ts';
  export { awsLaying } from './shared/cloud/aws/laying.ts';
  export { awsShelves } from './shared/cloud/aws/shelves.ts';
  export { awsDumps } from './shared/cloud/aws/dumps.ts';`;
interface Adapters {
  awsCopying(): Copying;
  awsLaying(): Laying;
  awsShelves(): Shelves;
  awsDumps(): Dumps;
}

export interface Side {
  readonly server: CopyServer;
  readonly database: string;
}
export interface Copied {
  readonly order: CopyOrder;
  /** What the target could not be given. */
  readonly left: readonly string[];
  readonly proof: Proof;
}
/** What happens between two acts. */
export interface Between {
  readonly poured?: () => Promise<void>;
  readonly built?: (order: CopyOrder) => Promise<void>;
}

export const BUCKET = 'ledger';
export const noHeed = (): Promise<void> => Promise.resolve();
const at = '2026-01-15T03:00:00.000Z';
export const markOf = (kind: Mark['kind'], run = 'run-1'): Mark => ({
  ...{ run, kind, from: 'main', at, epoch: 1, shelvedAt: null, comment: null },
});

/** One for a file: its cloud, its bundle, and whom it trusts. */
export async function createCopier() {
  const folders = createFolders();
  const file = join(folders.folder('copier'), 'adapters.cjs');
  await bundle(file);
  const cloud = await startCloud({ pace: { kind: 'virtual' } });
  const restore = standOn(cloud, { LEDGER_BUCKET: BUCKET });
  const s3 = new S3Client({ forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
  const lead = leadHome();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it is made only now, and is no module of ours
  const adapters = require(file) as Adapters;
  const ports = {
    copying: adapters.awsCopying(),
    laying: adapters.awsLaying(),
    shelves: adapters.awsShelves(),
    dumps: adapters.awsDumps(),
  };
  const known = new Set<string>();
  let runs = 0;
  const databaseOf = async ({ server, database }: Side): Promise<Database> => {
    const name = `${server.endpoint.split('.')[0]}`;
    if (!known.has(name)) await tell(cloud, name, server);
    known.add(name);
    const { owner, application } = server;
    return {
      ...{ instance: name, name: database, owner, application },
      secrets: { master: `${name}/master`, application: `${name}/application` },
    };
  };
  const orderOf = async (from: Side, to: Side, snapshot: string): Promise<CopyOrder> => ({
    from: { environment: 'main', database: await databaseOf(from) },
    to: { environment: 'spare', database: await databaseOf(to) },
    incoming: `${to.database}__incoming_${++runs}`,
    mark: markOf('incoming', `run-${runs}`),
    snapshot,
    dump: `runs/${runs}/dump`,
  });
  return {
    ...ports,
    cloud,
    s3,
    file,
    databaseOf,
    orderOf,
    /** Lay, pour, build, prove; nobody's name changes. */
    async copy(from: Side, to: Side, parts = 1, { poured, built }: Between = {}): Promise<Copied> {
      const copied: Copied[] = [];
      await ports.copying.hold(await databaseOf(from), async ({ snapshot }) => {
        const order = await orderOf(from, to, snapshot);
        const laid = await ports.laying.lay(order, parts);
        const rows = await Promise.all(laid.parts.map((tables, part) => ports.copying.pour(order, part, tables, noHeed)));
        await poured?.();
        const upon = await ports.copying.build(order, laid.after, noHeed);
        await built?.(order);
        const left = [...laid.left, ...upon.left];
        const proof = await ports.copying.prove(order, { left, counters: upon.counters }, noHeed);
        await ports.dumps.finish([laid.file, ...rows.map(({ file: one }) => one), upon.file]);
        copied.push({ order, left, proof });
      });
      const [only] = copied;
      if (!only) throw new Error('nothing was copied');
      return only;
    },
    async stop() {
      lead();
      restore();
      s3.destroy();
      await cloud.stop();
      folders.remove();
    },
  };
}
export type Copier = Awaited<ReturnType<typeof createCopier>>;

export async function bundle(file: string): Promise<void> {
  const { outputFiles } = await build({
    ...options(),
    stdin: { contents: ADAPTERS, resolveDir: join(__dirname, '../..') },
    sourcemap: false,
    minify: false,
    write: false,
  });
  writeFileSync(file, outputFiles[0]?.text ?? '');
}

async function tell(
  cloud: Cloud,
  name: string,
  { endpoint: host, port, master, application, password }: CopyServer,
): Promise<void> {
  const keep = (whose: string, username: string): Promise<unknown> =>
    cloud.call('secretsmanager', 'CreateSecret', {
      Name: `${name}/${whose}`,
      SecretString: JSON.stringify({ username, password, host, port }),
    });
  await keep('master', master);
  await keep('application', application);
}

const authorities = new Set<string>();
let distrust: (() => void) | undefined;

/** All servers of a file have one authority. */
export function trustServer({ ca }: CopyServer): void {
  if (authorities.has(ca)) return;
  authorities.add(ca);
  distrust = trust(ca);
}

/** The names of RDS lead to this machine; answers how they lead there no more. */
function leadHome(): () => void {
  const before = dns.lookup;
  const here = ((name: string, given: dns.LookupOptions, done: (...answer: unknown[]) => void): void => {
    if (!name.endsWith('.rds.amazonaws.com')) {
      before(name, given, done as never);
      return;
    }
    if (given.all === true) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else done(null, '127.0.0.1', 4);
  }) as unknown as typeof dns.lookup;
  dns.lookup = here;
  return () => {
    dns.lookup = before;
    distrust?.();
  };
}
