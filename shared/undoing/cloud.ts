// One intent inverted by the cloud's own APIs, after a look at the world: what somebody else changed since is left to them.
import type { Clock, Ledger, Names, Outside, Web } from '../cloud/ports.ts';
import { RunbookError } from '../errors.ts';
import type { Estate } from '../estate.ts';
import { changeJournal } from '../ledger/journal.ts';
import { changeLease, readLease } from '../ledger/lease.ts';
import { readRecords } from '../records.ts';
import type { EffectOf, Intent, RunEntry } from '../runbooks/journal.ts';
import { declareWriter } from '../runbooks/lease.ts';
import type { Run } from '../runbooks/run.ts';
import { decideInverse, forgetChange, noteChange, type Found, type Inverse, type Undone } from '../runbooks/undo.ts';
import { answersAs } from '../vantage.ts';

export interface CloudHands {
  readonly ledger: Ledger;
  readonly names: Names;
  readonly web: Web;
  readonly outside: Outside;
  readonly estate: Estate;
  readonly clock: Clock;
}

export async function invertCloud(entry: RunEntry, intent: Intent, run: Run, hands: CloudHands): Promise<Undone> {
  const { effect } = intent;
  const decision = decideInverse(entry, intent, await lookAt(entry, intent, run, hands));
  if (decision.kind === 'leave') return { how: 'left', says: decision.says };
  switch (effect.kind) {
    case 'records':
      return putBack(decision, intent, effect, run, hands);
    case 'web-fence':
      for (const listener of effect.listeners) await hands.web.unfence(listener, effect.run);
      return { how: 'inverted', says: `the load balancer of ${effect.environment} takes requests again` };
    case 'web-lift':
      for (const listener of effect.listeners) await hands.web.fence(effect.environment, listener, effect.run);
      return { how: 'inverted', says: `the load balancer of ${effect.environment} answers 503 again` };
    case 'gap':
    case 'merge':
    case 'uploads':
    case 'retired':
    case 'snapshot':
    case 'beside':
    case 'dressed':
    case 'proven':
    case 'shelved':
    case 'expired':
    case 'stopped':
    case 'removed':
      return { how: 'nothing', says: decision.kind === 'back' ? decision.says : '' };
    case 'writer':
      return decision.kind === 'back' ? { how: 'nothing', says: decision.says } : restoreWriter(effect, run, hands);
    case 'database-fence':
    case 'database-lift':
    case 'swap':
    case 'incoming':
    case 'opened':
    case 'rows':
    case 'connection':
    case 'renaming':
      throw new RunbookError('CloudRefused', 'databases and their servers are changed by functions of their own', {
        act: intent.act,
      });
  }
}

async function lookAt(entry: RunEntry, { effect }: Intent, run: Run, { names, estate, ledger }: CloudHands): Promise<Found> {
  if (effect.kind === 'writer') {
    const { lease } = await readLease(ledger, run.app);
    return lease ? { lease } : {};
  }
  if (effect.kind !== 'records') return {};
  const zones = [...new Set(entry.intents.flatMap((one) => (one.effect.kind === 'records' ? one.effect.zone : [])))];
  const records = zones.map(async (zone) => [zone, await readRecords(names, estate, zone)] as const);
  return { records: Object.fromEntries(await Promise.all(records)) };
}

async function putBack(
  decision: Inverse,
  intent: Intent,
  effect: EffectOf<'records'>,
  run: Run,
  hands: CloudHands,
): Promise<Undone> {
  const { names, estate, ledger, clock } = hands;
  let { change } = intent;
  // A change was made, and the id of the one that put it back died with its step: made again, it changes nothing and has an id.
  const lost = decision.kind === 'back' && change === null && intent.doneAt !== null;
  if (decision.kind === 'invert' || lost) {
    await changeJournal(ledger, run.id, (known) => forgetChange(known, intent.seq, clock.now().toISOString()));
    const inverse = lost ? effect.inverse.map(({ record }) => ({ action: 'UPSERT' as const, record })) : effect.inverse;
    const made = await names.change(effect.zone, inverse, `${run.runbook} ${run.id} put back`);
    await changeJournal(ledger, run.id, (known) => noteChange(known, intent.seq, made));
    change = made;
  }
  // Before the names are back the fences must stand, or two sides could be written to.
  if (change === null || (await names.inSync(change)) || (await answersAs(estate, effect.zone, effect.before, hands))) {
    return decision.kind === 'back' && change === null
      ? { how: 'nothing', says: decision.says }
      : { how: 'inverted', says: `the records of ${effect.zone} are as they were` };
  }
  throw new RunbookError('NotYet', `${change} is PENDING: the names are being put back; asked again until the deadline`, {
    change,
  });
}

async function restoreWriter(effect: EffectOf<'writer'>, run: Run, { ledger, clock }: CloudHands): Promise<Undone> {
  const lease = await changeLease(ledger, run, (held) =>
    held.writer === effect.from ? held : declareWriter(held, run, effect.from, held.epoch + 1, clock.now()),
  );
  return { how: 'inverted', says: `${lease.writer} is the writer: epoch ${lease.epoch}` };
}
