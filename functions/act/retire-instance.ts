import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { clock, connections, estate, executions, instances, ledger, onLambda, servers } from '../../shared/lambda.ts';
import { RetireDetail } from '../../shared/runbooks/retiring.ts';
import { retire } from '../../shared/retiring.ts';

/** Instances that the approved plan names go for good, one after the other. Safe to repeat: each try goes on where the world stands. */
export const retireInstance = defineAct({
  name: 'retireInstance',
  ports: ['instances', 'servers', 'connections', 'executions', 'estate'],
  output: z.strictObject({ retired: z.array(z.string()) }),

  async run(scene, cloud) {
    const { shelves } = RetireDetail.parse(scene.plan.detail);
    for (const one of shelves) await retire(one, scene, cloud);
    return { retired: shelves.map(({ instance }) => instance) };
  },
});

export const handler = onLambda(retireInstance, { instances, servers, connections, executions, estate, ledger, clock });
