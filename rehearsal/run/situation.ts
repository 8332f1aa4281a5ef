// A situation: what somebody would paste, what goes wrong, how the approver answers, and what must be true afterwards.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { FAULT_KINDS } from '../faults/faults.ts';

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
  probability: z.number().min(0).max(1).optional(),
  milliseconds: z.number().int().positive().optional(),
});

export const APPROVE = ['ask', 'auto', 'deny', 'expire'] as const;
export type Approve = (typeof APPROVE)[number];

export type Situation = z.infer<typeof SituationFile> & { readonly name: string; readonly runbook: string };
const SituationFile = z.strictObject({
  /** One sentence: what this shows. */
  says: z.string().min(1),
  /** What is pasted into StartExecution. */
  request: z.string().regex(/^events\/.+\.json$/),
  faults: z.array(FaultRule).default([]),
  approve: z.enum(APPROVE).default('auto'),
  expect: z.strictObject({
    status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
    error: z.string().optional(),
    /** States in the order they must be entered. */
    states: z.array(z.string()).optional(),
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

/** `rollcall/ordinary`, or `rollcall` for its `ordinary` situation. */
export function loadSituation(wanted: string): Situation {
  const [runbook = '', name = 'ordinary'] = wanted.split('/');
  const path = join(FOLDER, runbook, `${name}.yml`);
  if (!/^[a-z-]+(\/[a-z0-9-]+)?$/.test(wanted) || !existsSync(path)) {
    throw new Error(`there is no situation "${wanted}"; there are: ${listSituations().join(', ')}`);
  }
  const parsed = SituationFile.safeParse(parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new Error(`rehearsal/situations/${runbook}/${name}.yml:\n${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, runbook, name };
}

export const readRequest = (situation: Situation): string => readFileSync(join(ROOT, situation.request), 'utf8');
