// A situation: what somebody would paste, what goes wrong, how the approver answers, and what must be true afterwards.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import { FAULT_KINDS } from '../faults/faults.ts';
import type { World } from '../world/builder/builder.ts';
import { loadWorld, type WorldFile } from '../world/builder/world-file.ts';
import { Afterwards, Happening } from './happening.ts';

const ROOT = join(__dirname, '..', '..');
const FOLDER = join(ROOT, 'rehearsal', 'situations');

const FaultRule = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  state: z.string().optional(),
  operation: z
    .string()
    .regex(/^[a-z0-9]+:[A-Za-z]+$/)
    .optional(),
  functionName: z.string().optional(),
  occurrence: z.number().int().positive().optional(),
  times: z.union([z.number().int().positive(), z.literal('always')]).optional(),
  each: z.boolean().optional(),
  probability: z.number().min(0).max(1).optional(),
  milliseconds: z.number().int().positive().optional(),
});

/** `slack`: by a button in the shared channel; `alone`: one goes alone; `stopped`: and another stops the countdown; `late`: all but the first. */
export const APPROVE = ['ask', 'auto', 'deny', 'expire', 'slack', 'alone', 'stopped', 'late'] as const;
export type Approve = (typeof APPROVE)[number];

export type Situation = z.infer<typeof SituationFile> & { readonly name: string; readonly runbook: string };
const SituationFile = z.strictObject({
  /** One sentence: what this shows. */
  says: z.string().min(1),
  /** The one that is meant where only its runbook is named. */
  main: z.literal(true).optional(),
  /** The runbook that is started; the one that its folder is named for where nothing is said. */
  starts: z.string().optional(),
  /** The estate it is rehearsed with, from the repository's root; estate.yml when not said. */
  estate: z.string().min(1).optional(),
  /** What is true when it starts, one of rehearsal/worlds; an empty account when not said. */
  world: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .optional(),
  /** What is pasted into StartExecution. */
  request: z.string().regex(/^events\/.+\.json$/),
  /** Fields of it that are an instant: so many seconds before one of the world's deeds, by its place in the file. */
  moments: z
    .record(z.string(), z.strictObject({ deed: z.int().nonnegative(), secondsBefore: z.int().nonnegative() }))
    .default({}),
  faults: z.array(FaultRule).default([]),
  approve: z.enum(APPROVE).default('auto'),
  during: z.array(Happening).default([]),
  /** A run that came first: it was approved, and stopped by hand when it entered that state. The situation's own goes on with it. */
  earlier: z.strictObject({ request: z.string().regex(/^events\/.+\.json$/), stopAt: z.string() }).optional(),
  /** Another runbook's run that came first and was carried through, and what happened before this one began. */
  after: z
    .strictObject({
      runbook: z.string(),
      request: z.string().regex(/^events\/.+\.json$/),
      then: z.array(Happening).default([]),
      seconds: z.int().nonnegative().default(60),
    })
    .optional(),
  /** The whole time the machine has, instead of what it was deployed with. */
  deadlineSeconds: z.int().positive().optional(),
  expect: z.strictObject({
    status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
    error: z.string().optional(),
    /** Parts of the cause: the limits that were exceeded, the holder that was named. */
    because: z.union([z.string(), z.array(z.string())]).optional(),
    /** States in the order they must be entered. */
    states: z.array(z.string()).optional(),
    /** What the letter of each round says, one a round: as many rounds there must be. */
    asked: z.array(z.string()).optional(),
    /** How the run ends that cleans up after this one; the world is looked at when it has. */
    aftermath: z.strictObject({ status: z.enum(['SUCCEEDED', 'FAILED']), error: z.string().optional() }).optional(),
    world: Afterwards.optional(),
  }),
});

export function listSituations(): string[] {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((runbook) =>
      readdirSync(join(FOLDER, runbook))
        .sort()
        .map((file) => `${runbook}/${file.replace(/\.yml$/, '')}`),
    );
}

/** `failover/planned-maintenance`, or `failover` for its main one. */
export function loadSituation(wanted: string): Situation {
  const known = listSituations();
  const [runbook = '', said, ...more] = wanted.split('/');
  const ours = known.flatMap((one) => (one.startsWith(`${runbook}/`) ? [one.slice(runbook.length + 1)] : []));
  const read = (name: string) =>
    parseSituation(readFileSync(join(FOLDER, runbook, `${name}.yml`), 'utf8'), `rehearsal/situations/${runbook}/${name}.yml`);
  const name = said ?? ours.find((one) => read(one).main === true);
  if (name === undefined || !ours.includes(name) || more.length > 0)
    throw new Error(`there is no situation "${wanted}"; there are: ${known.join(', ')}`);
  const situation = read(name);
  return { ...situation, runbook: situation.starts ?? runbook, name };
}

export function parseSituation(text: string, where: string): z.infer<typeof SituationFile> {
  const document = parseDocument(text);
  const [mistake] = document.errors;
  if (mistake) throw new Error(`${where}: ${mistake.message.split('\n')[0] ?? ''}`);
  const parsed = SituationFile.safeParse(document.toJS());
  if (!parsed.success) throw new Error(`${where}:\n${z.prettifyError(parsed.error)}`);
  const { world, during, expect } = parsed.data;
  const needsWorld = during.some((happening) => happening.do !== 'stop') || expect.world !== undefined;
  if (needsWorld && world === undefined)
    throw new Error(`${where}: what happens in a world and is asked of it needs a \`world\``);
  return parsed.data;
}

export const worldOf = ({ world }: Situation): WorldFile | undefined => (world === undefined ? undefined : loadWorld(world));

/** What is pasted: whoever names an instant knows when it was that something went wrong. */
export function requestOf(situation: Situation, world: Pick<World, 'deedsAt'> | undefined): string {
  const request = readRequest(situation);
  const moments = Object.entries(situation.moments);
  if (moments.length === 0) return request;
  const instants = moments.map(([field, { deed, secondsBefore }]) => {
    const at = world?.deedsAt[deed];
    if (at === undefined) throw new Error(`${situation.runbook}/${situation.name}: its world has no deed ${deed}`);
    return [field, secondOf(at - secondsBefore * 1000)];
  });
  return JSON.stringify({ ...(JSON.parse(request) as object), ...Object.fromEntries(instants) });
}
const secondOf = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

export function readRequest({ request, runbook, name }: Pick<Situation, 'request' | 'runbook' | 'name'>): string {
  const path = join(ROOT, request);
  if (!existsSync(path)) throw new Error(`rehearsal/situations/${runbook}/${name}.yml: there is no ${request}`);
  return readFileSync(path, 'utf8');
}
