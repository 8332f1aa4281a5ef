// The real adapters of a copy, bundled as they are deployed, between real servers, with the embedded cloud's S3 and secrets.
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { bundleAdapters, databaseOn, keepSecrets } from '../../rehearsal/bench/sync/adapters.ts';
import { leadHome } from '../../rehearsal/bench/sync/lead-home.ts';
import { startCloud } from '../../rehearsal/cloud.ts';
import { createFolders } from '../../rehearsal/folders.ts';
import type { CopyOrder, Copying, Dumps, Laying, Shelves } from '../../shared/cloud/ports.ts';
import type { Database } from '../../shared/estate.ts';
import type { Proof } from '../../shared/runbooks/proof.ts';
import type { Mark } from '../../shared/runbooks/shelf.ts';
import { standOn } from '../cloud/on-aws.ts';
import { trust } from '../cloud/trust.ts';
import type { CopyServer } from '../../rehearsal/world/postgres/servers.ts';

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
/** Whether its rows are kept as files, and what happens between two acts. */
export interface Between {
  readonly files?: boolean;
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
  await bundleAdapters(file);
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
    const found = databaseOn(server, database);
    if (!known.has(found.instance)) await keepSecrets(cloud, server);
    known.add(found.instance);
    return found;
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
    async copy(from: Side, to: Side, parts = 1, { files = true, poured, built }: Between = {}): Promise<Copied> {
      const copied: Copied[] = [];
      await ports.copying.hold(await databaseOf(from), async ({ snapshot }) => {
        const kept = await orderOf(from, to, snapshot);
        const order = files ? kept : { ...kept, dump: null };
        const laid = await ports.laying.lay(order, parts);
        const rows = await Promise.all(laid.parts.map((tables, part) => ports.copying.pour(order, part, tables, noHeed)));
        await poured?.();
        const upon = await ports.copying.build(order, laid.after, noHeed);
        await built?.(order);
        const left = [...laid.left, ...upon.left];
        const proof = await ports.copying.prove(order, { left, counters: upon.counters }, noHeed);
        await ports.dumps.finish([laid, ...rows, upon].flatMap(({ file: one }) => one ?? []));
        copied.push({ order, left, proof });
      });
      const [only] = copied;
      if (!only) throw new Error('nothing was copied');
      return only;
    },
    async stop() {
      lead();
      distrust?.();
      restore();
      s3.destroy();
      await cloud.stop();
      folders.remove();
    },
  };
}
export type Copier = Awaited<ReturnType<typeof createCopier>>;

const authorities = new Set<string>();
let distrust: (() => void) | undefined;

/** All servers of a file have one authority. */
export function trustServer({ ca }: CopyServer): void {
  if (authorities.has(ca)) return;
  authorities.add(ca);
  distrust = trust(ca);
}
