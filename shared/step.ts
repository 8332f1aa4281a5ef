// One state's worth of work as a value, so that Lambda, a test and a rehearsal can all run it.
import * as z from 'zod';
import type { Cloud } from './cloud/ports.ts';
import { RunbookError } from './errors.ts';

export interface Step<In, Out, Ports extends keyof Cloud> {
  readonly name: string;
  /** What the step may reach; its bundle holds nothing else. */
  readonly ports: readonly Ports[];
  readonly input: z.ZodType<In>;
  readonly output: z.ZodType<Out>;
  readonly run: (input: In, cloud: Pick<Cloud, Ports>) => Promise<Out>;
}

export const defineStep = <In, Out, Ports extends keyof Cloud>(step: Step<In, Out, Ports>): Step<In, Out, Ports> => step;

/** Refuses an unknown input before anything is touched; an output that is not what the step promised is a bug and stops the run. */
export async function runStep<In, Out, Ports extends keyof Cloud>(
  step: Step<In, Out, Ports>,
  event: unknown,
  cloud: Pick<Cloud, Ports>,
): Promise<Out> {
  const input = step.input.safeParse(event);
  if (!input.success) throw new RunbookError('InputInvalid', `${step.name}: ${z.prettifyError(input.error)}`);
  return step.output.parse(await step.run(input.data, cloud));
}
