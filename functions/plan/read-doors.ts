import * as z from 'zod';
import { clock, estate, ledger, onLambda, web } from '../../shared/lambda.ts';
import { storeFacts } from '../../shared/ledger/facts.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { defineStep } from '../../shared/step.ts';

/** Reads the load balancers and distributions of both sides, their listeners, certificates and targets. Reads only. */
export const readDoors = defineStep({
  name: 'readDoors',
  ports: ['ledger', 'web', 'estate', 'clock'],
  input: z.strictObject({ run: Run }),
  output: z.strictObject({ key: z.string() }),

  async run({ run }, { ledger, web, estate, clock }) {
    const sides = Object.entries(estate.environments).filter(([, { role }]) => role !== 'sandbox');
    const doors = await Promise.all(
      sides.map(async ([name, side]) => {
        const loadBalancer = (await web.read(name, 'loadBalancer')) ?? null;
        if (side.web.distribution === undefined) return [name, { loadBalancer }] as const;
        return [name, { loadBalancer, distribution: (await web.read(name, 'distribution')) ?? null }] as const;
      }),
    );
    return {
      key: await storeFacts(ledger, run, 'doors', { readAt: clock.now().toISOString(), doors: Object.fromEntries(doors) }),
    };
  },
});

export const handler = onLambda(readDoors, { ledger, web, estate, clock });
