// npm run rehearse -- <runbook>[/<situation>] [--estate F] [--approve ask|auto|deny|expire|slack|alone|stopped|late] [--fault NAME[@STATE]] [--speed N|virtual] [--seed N] [--out FILE.json]
import './quiet.ts';
import { runCommand } from './command.ts';
import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseFault, type Fault } from '../faults/faults.ts';
import { rehearseAtConsole, type Verdict } from '../run/console.ts';
import { APPROVE, listSituations, loadSituation, type Approve, type Situation } from '../run/situation.ts';
import { taskStatesOf } from '../run/states-of.ts';
import type { Pace } from '../time/timeline.ts';

const USAGE = `npm run rehearse -- <runbook>[/<situation>]   (its main one where none is named)
  --estate FILE                    another estate than the situation's; the service is packaged with it
  --approve ask|auto|deny|expire   who answers: you, or the rehearsal (default: ask at a terminal, else as the situation says);
                                   slack, alone, stopped and late are other ways in which approvers behave
  --fault NAME[@STATE][/service:Operation][#OCCURRENCE]   what goes wrong; may be given more than once
  --speed N|virtual                how fast waiting passes (default: 60 at a terminal, else virtual)
  --seed N                         chance, repeatable (default: 1)
  --out FILE.json                  what came of it, for a program
situations: ${listSituations().join(', ')}
`;

/** A mistake on the command line: one sentence, and nothing is done. */
class UsageError extends Error {}

export async function main(argv: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        estate: { type: 'string' },
        approve: { type: 'string' },
        fault: { type: 'string', multiple: true },
        speed: { type: 'string' },
        seed: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    const [wanted, ...more] = positionals;
    if (values.help === true || wanted === undefined) {
      process.stdout.write(USAGE);
      return values.help === true ? 0 : 2;
    }
    if (more.length > 0) throw new UsageError(`one situation at a time; found also ${more.join(' ')}`);
    const situation = loadSituation(wanted);
    const faults = values.fault?.map((said) => faultOf(said, situation.runbook)) ?? [];
    if (values.out !== undefined) requireWritable(values.out);
    const verdict = await rehearseAtConsole({
      situation,
      estate: values.estate,
      approve: approveOf(values.approve, situation),
      faults: [...situation.faults.map((fault) => fault as ReturnType<typeof parseFault>), ...faults],
      pace: paceOf(values.speed),
      seed: integerOf('--seed', values.seed ?? '1'),
    });
    if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(resultOf(situation, verdict), null, 2)}\n`);
    return verdict.reasons.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

function faultOf(said: string, runbook: string): Fault {
  const fault = parseFault(said);
  const states = taskStatesOf(runbook);
  if (fault.state === undefined || states.includes(fault.state)) return fault;
  throw new UsageError(`--fault: found "${said}", expected a state that calls a Lambda: ${states.join(', ')}`);
}

/** Found before anything starts: what came of a rehearsal is not to be lost at its end. */
function requireWritable(out: string): void {
  const path = resolve(out);
  try {
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('it is a folder');
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
    if (!statSync(dirname(path)).isDirectory()) throw new Error(`${dirname(path)} is no folder`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--out: found "${out}", expected a file that can be written (${why})`);
  }
}

function approveOf(said: string | undefined, situation: Situation): Approve {
  if (said === undefined)
    return process.stdin.isTTY && process.stdout.isTTY && situation.approve === 'auto' ? 'ask' : situation.approve;
  const known = APPROVE.find((value) => value === said);
  if (known === undefined) throw new UsageError(`--approve: found "${said}", expected one of ${APPROVE.join(', ')}`);
  return known;
}

function paceOf(said: string | undefined): Pace {
  if (said === 'virtual' || (said === undefined && !process.stdout.isTTY)) return { kind: 'virtual' };
  const speed = integerOf('--speed', said ?? '60');
  return speed === 1 ? { kind: 'real' } : { kind: 'scaled', speed };
}

function integerOf(flag: string, said: string): number {
  if (!/^[1-9]\d{0,6}$/.test(said)) throw new UsageError(`${flag}: found "${said}", expected a whole number from 1 to 9999999`);
  return Number(said);
}

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

const resultOf = (situation: Situation, { outcome, told, reasons }: Verdict) => ({
  runbook: situation.runbook,
  situation: situation.name,
  status: outcome.status,
  ...(outcome.error !== undefined && { error: outcome.error }),
  startedAt: iso(outcome.startedAt),
  endedAt: iso(outcome.endedAt),
  states: outcome.states.map(({ name, enteredAt, exitedAt, attempts }) => ({
    name,
    enteredAt: iso(enteredAt),
    exitedAt: iso(exitedAt),
    attempts,
  })),
  transitions: outcome.transitions,
  recoverySeconds: told?.recoverySeconds ?? null,
  machineSeconds: outcome.machineSeconds,
  humanSeconds: outcome.humanSeconds,
  objective: told ? { rtoSeconds: told.objectives.rtoSeconds, rpoSeconds: told.objectives.rpoSeconds } : null,
  dataLoss: told?.loss ? { rows: told.loss.rows, seconds: told.loss.seconds } : null,
  dns: told ? { before: told.before, after: told.dns } : null,
  probes: told?.probes ?? null,
  ...(told?.reading && { reader: told.reading }),
  costUsd: outcome.costUsd,
  reportPath: outcome.reportPath ?? null,
  red: reasons,
});

if (require.main === module) runCommand(main, process.argv.slice(2));
