// One intent inverted by the cloud's own APIs, after a look at the world: what somebody else changed since is left to them.
import type { Clock, Ledger, Names, Outside, Web } from './cloud/ports.ts';
import { RunbookError } from './errors.ts';
import type { Estate } from './estate.ts';
import { changeJournal } from './journal.ts';
import { changeLease } from './lease.ts';
import { readRecords } from './records.ts';
import type { EffectOf, Intent } from './runbooks/journal.ts';
import { declareWriter } from './runbooks/lease.ts';
import type { Run } from './runbooks/run.ts';
import { decideInverse, noteChange, type Undone } from './runbooks/undo.ts';
import { answersAs } from './vantage.ts';

export interface CloudHands {
  readonly ledger: Ledger;
  readonly names: Names;
  readonly web: Web;
  readonly outside: Outside;
  readonly estate: Estate;
  readonly clock: Clock;
}

export async function invertCloud(intent: Intent, run: Run, hands: CloudHands): Promise<Undone> {
  const { effect } = intent;
  switch (effect.kind) {
    case 'records':
      return putBack(intent, effect, run, hands);
    case 'web-fence':
      for (const listener of effect.listeners) await hands.web.unfence(listener, effect.run);
      return { how: 'inverted', says: `the load balancer of ${effect.environment} takes requests again` };
    case 'writer':
      return restoreWriter(effect, run, hands);
    case 'database-fence':
      throw new RunbookError('CloudRefused', 'a database is unfenced from inside its network only', { act: intent.act });
  }
}

async function putBack(intent: Intent, effect: EffectOf<'records'>, run: Run, hands: CloudHands): Promise<Undone> {
  const { names, estate, ledger } = hands;
  const decision = decideInverse(effect, await readRecords(names, estate, effect.zone));
  if (decision.kind === 'leave') return { how: 'left', says: decision.says };
  let { change } = intent;
  if (decision.kind === 'invert') {
    change = await names.change(effect.zone, effect.inverse, `${run.runbook} ${run.id} put back`);
    const id = change;
    await changeJournal(ledger, run.id, (entry) => noteChange(entry, intent.seq, id));
  }
  // Before the names are back the fences must stand, or two sides could be written to.
  if (change === null || (await names.inSync(change)) || (await answersAs(estate, effect.zone, effect.before, hands))) {
    return { how: 'inverted', says: `the records of ${effect.zone} are as they were` };
  }
  throw new RunbookError('NotYet', `${change} is PENDING: the names are being put back; asked again until the deadline`, { change });
}

async function restoreWriter(effect: EffectOf<'writer'>, run: Run, { ledger, clock }: CloudHands): Promise<Undone> {
  const lease = await changeLease(ledger, run, (held) =>
    held.writer === effect.from ? held : declareWriter(held, run, effect.from, held.epoch + 1, clock.now()),
  );
  return { how: 'inverted', says: `${lease.writer} is the writer: epoch ${lease.epoch}` };
}
