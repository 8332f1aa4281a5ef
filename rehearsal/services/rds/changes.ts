// How each pending change comes about: the status meanwhile, what PostgreSQL feels of it, and what RDS tells.
import { backup } from './birth.ts';
import { type Instance, type Pending, type Rds, zoneLetter } from './instance.ts';
import { tell, type Told } from './journal.ts';
import type { Phase } from './lifecycle.ts';
import { rise } from './power.ts';
import { expose } from './reach.ts';

export function changes(rds: Rds, instance: Instance, pending: Pending): Phase[] {
  const { identifier: _renamed, password, ...settings } = pending;
  const grows = settings.allocatedStorageGigabytes !== undefined || settings.storageType !== undefined;
  const beginsBackups = instance.settings.backupRetentionDays === 0 && (settings.backupRetentionDays ?? 0) > 0;
  return [
    ...(Object.keys(settings).length > 0 ? [modifying(rds, instance, settings)] : []),
    ...(grows ? [OPTIMIZING] : []),
    ...(beginsBackups ? [backup(rds, instance)] : []),
    ...(password === undefined ? [] : [resetting(rds, instance, password)]),
  ];
}

/** The volume is in use meanwhile, and may not be changed again. */
const OPTIMIZING: Phase = { status: 'storage-optimization', takes: 'rds:StorageOptimizing' };

type Changed = Omit<Pending, 'identifier' | 'password'>;

function modifying(rds: Rds, instance: Instance, wanted: Changed): Phase {
  const [begins, ends] = wordsOf(instance, wanted);
  const restarts = wanted.instanceClass !== undefined || turnsBackups(instance, wanted);
  return {
    status: 'modifying',
    takes: restarts ? 'rds:ChangingClass' : 'rds:Modifying',
    async first() {
      for (const what of begins) tell(rds, instance, what);
      if (!restarts) return;
      tell(rds, instance, 'shutDown');
      await instance.cluster?.stop('fast');
    },
    async then() {
      if (restarts) await rise(rds, instance);
      settle(instance, wanted);
      expose(rds, instance);
      for (const what of ends) tell(rds, instance, what);
      if (restarts) tell(rds, instance, 'restarted');
    },
  };
}

/** Backups begin and end with a restart. */
const turnsBackups = ({ settings }: Instance, { backupRetentionDays: days }: Changed): boolean =>
  days !== undefined && (days === 0) !== (settings.backupRetentionDays === 0);

function wordsOf(instance: Instance, wanted: Changed): readonly [readonly Told[], readonly Told[]] {
  const { multiAz } = wanted;
  const pairs: (readonly [Told | undefined, Told])[] = [
    ...(wanted.instanceClass !== undefined ? [['changingClass', 'changedClass'] as const] : []),
    ...(wanted.allocatedStorageGigabytes !== undefined ? [['growing', 'grown'] as const] : []),
    ...(multiAz === undefined ? [] : [multiAz ? (['doubling', 'doubled'] as const) : (['halving', 'halved'] as const)]),
    ...(turnsBackups(instance, wanted)
      ? [[undefined, wanted.backupRetentionDays === 0 ? 'disabledBackups' : 'enabledBackups'] as const]
      : []),
  ];
  return [pairs.flatMap(([begin]) => begin ?? []), pairs.map(([, end]) => end)];
}

/** What was pending is so. */
function settle(instance: Instance, wanted: Changed): void {
  const { settings, region } = instance;
  const left = Object.entries(instance.pending).filter(([key]) => !Object.hasOwn(wanted, key));
  instance.pending = Object.fromEntries(left);
  const other = [0, 1].map((place) => `${region}${zoneLetter(place)}`).find((zone) => zone !== settings.availabilityZone);
  const zones = wanted.multiAz === undefined ? {} : { secondaryZone: wanted.multiAz ? other : undefined };
  const { engineVersion: _same, ...changed } = wanted;
  instance.settings = { ...settings, ...changed, ...zones };
}

const resetting = (rds: Rds, instance: Instance, password: string): Phase => ({
  status: 'resetting-master-credentials',
  takes: 'rds:ResettingPassword',
  async then() {
    const trouble = await setPassword(instance, password).then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
    const { password: _set, ...rest } = instance.pending;
    instance.pending = rest;
    if (trouble === undefined) tell(rds, instance, 'resetPassword');
    else tell(rds, instance, 'keptPassword', trouble);
  },
});

async function setPassword({ cluster, settings }: Instance, password: string): Promise<void> {
  const session = await cluster?.open();
  if (!session) throw new Error('there is no PostgreSQL');
  try {
    const master = session.escapeIdentifier(settings.masterUsername);
    await session.query(`ALTER ROLE ${master} PASSWORD ${session.escapeLiteral(password)}`);
  } finally {
    await session.end();
  }
}
