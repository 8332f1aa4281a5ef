// How long AWS takes: drawn between the two ends that latencies.yml gives for an operation, with its source.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

const Latencies = z.record(
  z.string(),
  z
    .strictObject({
      seconds: z.tuple([z.number().nonnegative(), z.number().nonnegative()]),
      says: z.string().min(1),
      source: z.url(),
    })
    .refine(({ seconds: [low, high] }) => low <= high, 'the shortest comes first'),
);

let known: z.infer<typeof Latencies> | undefined;

/** Read at first use: most tests wait for nothing. */
export function latencies(): z.infer<typeof Latencies> {
  known ??= Latencies.parse(parse(readFileSync(join(__dirname, '..', 'latencies.yml'), 'utf8')));
  return known;
}

/** Seconds this occurrence of it takes. */
export function secondsOf(name: string, random: () => number): number {
  const latency = latencies()[name];
  if (!latency) throw new Error(`latencies.yml says nothing of ${name}`);
  const [low, high] = latency.seconds;
  return low + (high - low) * random();
}
