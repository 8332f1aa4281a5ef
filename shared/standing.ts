// Who has to do with an instance, asked anew each time: what leads to it, and whether the run that made it is still at work.
import type { Cloud, Listed } from './cloud/ports.ts';
import type { Estate } from './estate.ts';
import { findJournal } from './ledger/journal.ts';
import { RUN_TAG, type InstanceFacts, type SnapshotFacts } from './runbooks/instances.ts';
import type { Standing } from './runbooks/retention.ts';
import { decideRetention, type Things } from './runbooks/retention-scene.ts';
import type { Run } from './runbooks/run.ts';

type Eyes = Pick<Cloud, 'instances' | 'connections' | 'executions' | 'ledger' | 'estate'>;

interface Way {
  readonly says: string;
  readonly host: string;
}

/** Every pointer of every environment: what one leads to is nobody else's either. */
async function waysOf({ connections, estate }: Pick<Eyes, 'connections' | 'estate'>): Promise<Way[]> {
  const read = Object.keys(estate.environments).map(async (environment) =>
    (await connections.read(environment)).flatMap(({ kind, name, host }) =>
      host === null ? [] : [{ says: `the ${kind} ${name} of ${environment}`, host }],
    ),
  );
  return (await Promise.all(read)).flat();
}

/** An instance's endpoint begins with its name, also while RDS tells none. */
const leadsTo = ({ host }: Way, facts: InstanceFacts): boolean => host === facts.host || host.split('.')[0] === facts.id;

const namedBy = ({ environments }: Estate, { id }: InstanceFacts): string[] =>
  Object.entries(environments).flatMap(([name, { database }]) => (database.instance === id ? [`the estate, for ${name},`] : []));

export async function standingsOf(found: readonly InstanceFacts[], eyes: Eyes): Promise<Standing[]> {
  const ways = await waysOf(eyes);
  return Promise.all(
    found.map(async (facts) => ({
      facts,
      ledBy: [...namedBy(eyes.estate, facts), ...ways.flatMap((way) => (leadsTo(way, facts) ? [way.says] : []))],
      runs: await isAtWork(facts.tags[RUN_TAG], eyes),
    })),
  );
}

/** A run that left no journal, or settled, does nothing more. */
async function isAtWork(run: string | undefined, { ledger, executions }: Pick<Eyes, 'ledger' | 'executions'>): Promise<boolean> {
  const entry = run === undefined ? undefined : await findJournal(ledger, run);
  if (entry === undefined || entry.settledAt !== null) return false;
  return (await executions.read(entry.run.execution))?.running === true;
}

export async function gatherThings(run: Run, eyes: Eyes & Pick<Cloud, 'clock'>): Promise<Things> {
  const { instances, ledger, clock } = eyes;
  const { only = [], stopsOnly } = decideRetention(run);
  const [manual, ours, dumps, reports] = await Promise.all([
    stopsOnly ? [] : instances.manualSnapshots(),
    instances.ours(run.app),
    stopsOnly ? [] : ledger.list('dumps/'),
    stopsOnly ? [] : ledger.list('reports/'),
  ]);
  const named = await findNamed(only, [...manual, ...ours], instances);
  return {
    readAt: clock.now().toISOString(),
    snapshots: [...manual, ...named.snapshots],
    instances: await standingsOf([...ours, ...named.instances], eyes),
    dumps: dumps.filter(isFile),
    reports: reports.filter(isFile),
  };
}

const isFile = ({ key }: Listed): boolean => !key.endsWith('/');

/** RDS answers a name that could be none with an error of its own. */
const COULD_BE = { instance: /^[a-z][a-z0-9-]{0,62}$/i, snapshot: /^([a-z]+:)?[a-z][a-z0-9-]{0,254}$/i };

/** What is named and not among ours may still be there, as somebody else's. */
async function findNamed(
  only: readonly string[],
  known: readonly { readonly id: string }[],
  { find, snapshot }: Cloud['instances'],
): Promise<{ snapshots: SnapshotFacts[]; instances: InstanceFacts[] }> {
  const strange = only.filter((id) => !known.some((one) => one.id === id));
  const [instances, snapshots] = await Promise.all([
    Promise.all(strange.filter((id) => COULD_BE.instance.test(id)).map((id) => find(id))),
    Promise.all(strange.filter((id) => COULD_BE.snapshot.test(id)).map((id) => snapshot(id))),
  ]);
  return { instances: instances.filter((one) => one !== null), snapshots: snapshots.filter((one) => one !== null) };
}
