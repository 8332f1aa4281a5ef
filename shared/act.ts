// What every act has in common: it runs under the lease, with the approved plan, and writes what it is about to do before it does it.
// A preparation makes something aside, which nobody is led to: it writes the same, and holds no lease, so that it is in nobody's way.
import * as z from 'zod';
import type { Cloud } from './cloud/ports.ts';
import { holdLease } from './ledger/lease.ts';
import { changeJournal, readJournal } from './ledger/journal.ts';
import { readPlan } from './ledger/plans.ts';
import type { Effect, Intent, RunEntry } from './runbooks/journal.ts';
import { addIntent, markDone } from './runbooks/undo.ts';
import { PlanRef, type Plan } from './runbooks/plan.ts';
import { Run } from './runbooks/run.ts';
import { defineStep, type Step } from './step.ts';

/** What every act reaches besides its own ports. */
type Ground = 'ledger' | 'clock';

export interface Scene {
  readonly run: Run;
  readonly plan: Plan;
  /** As it stood when the act began; what an adopted run did is in it. */
  readonly entry: RunEntry;
  /** Writes the intent and its inverse before the effect; an act that is run again finds its own intent and writes nothing. */
  intend(effect: Effect, invert: Intent['invert']): Promise<Intent>;
  /** Written after the effect, with the cloud's own id of the change where there is one. */
  done(intent: Intent, change?: string): Promise<void>;
}

export interface Act<Ports extends keyof Cloud, Out> {
  readonly name: string;
  readonly ports: readonly Ports[];
  readonly output: z.ZodType<Out>;
  readonly run: (scene: Scene, cloud: Pick<Cloud, Ports | Ground>) => Promise<Out>;
}

export const defineAct = <Ports extends keyof Cloud, Out>(act: Act<Ports, Out>): ActStep<Ports, Out> =>
  defineUnder(holdLease, act);

export const definePreparation = <Ports extends keyof Cloud, Out>(act: Act<Ports, Out>): ActStep<Ports, Out> =>
  defineUnder(() => Promise.resolve(), act);

type ActStep<Ports extends keyof Cloud, Out> = Step<{ run: Run; plan: PlanRef }, Out, Ports | Ground>;

function defineUnder<Ports extends keyof Cloud, Out>(
  hold: (ledger: Cloud['ledger'], run: Run) => Promise<unknown>,
  act: Act<Ports, Out>,
): ActStep<Ports, Out> {
  return defineStep({
    name: act.name,
    ports: [...act.ports, 'ledger', 'clock'],
    input: z.strictObject({ run: Run, plan: PlanRef }),
    output: act.output,

    async run({ run, plan: ref }, cloud) {
      const { ledger, clock } = cloud as Pick<Cloud, Ground>;
      // Nothing is written before all three are there.
      const [, plan, entry] = await Promise.all([hold(ledger, run), readPlan(ledger, ref), readJournal(ledger, run.id)]);
      const now = (): string => clock.now().toISOString();
      const intend: Scene['intend'] = async (effect, invert) => {
        let intent: Intent | undefined;
        await changeJournal(ledger, run.id, (known) => {
          const added = addIntent(known, { act: act.name, effect, invert, at: now() });
          intent = added.intent;
          return added.entry;
        });
        return intent as Intent;
      };
      const done: Scene['done'] = async ({ seq }, change) => {
        await changeJournal(ledger, run.id, (known) => markDone(known, seq, now(), change));
      };
      return act.run({ run, plan, entry, intend, done }, cloud);
    },
  });
}
