import * as z from 'zod';
import { defineAct } from '../../shared/act.ts';
import { RunbookError } from '../../shared/errors.ts';
import { clock, ledger, onLambda, serverNames, servers } from '../../shared/lambda.ts';
import { nextShelving } from '../../shared/runbooks/beside.ts';
import { isShelf, shelfTags } from '../../shared/runbooks/instances.ts';
import { detailOf, shelvedEffect } from '../../shared/runbooks/restoring.ts';

/** What people used until now is renamed, tagged, and stopped after a last snapshot. Safe to repeat: the world says how far it is. */
export const shelveInstance = defineAct({
  name: 'shelveInstance',
  ports: ['servers', 'serverNames'],
  output: z.strictObject({ says: z.string() }),

  async run({ run, plan, intend, done }, { servers, serverNames, clock }) {
    const detail = detailOf(plan);
    const { live, shelf, environment, lastSnapshot } = detail;
    if (live === null) return { says: 'left out: there was no instance that people used' };
    const { instance } = live.place;
    const intent = await intend(shelvedEffect(detail, clock.now()), { no: 'it is what people used before' });
    const found = { old: await serverNames.find(instance), shelf: await serverNames.find(shelf) };
    const next = nextShelving(found, { resourceId: live.resourceId, tagged: ({ tags }) => isShelf(tags, run.id) });
    if (next.kind === 'rename') await serverNames.rename(instance, shelf);
    if (next.kind === 'tag') await servers.tag(next.arn, shelfTags({ app: run.app, run: run.id, environment }, clock.now()));
    if (next.kind === 'stop') await servers.stop(shelf, lastSnapshot);
    const says = next.kind === 'wait' ? next.says : `${shelf}: ${next.kind} was asked for`;
    if (next.kind !== 'done') throw new RunbookError('NotYet', `${says}; asked again until the deadline`, { shelf });
    await done(intent);
    return { says: `${shelf} is ${next.facts.status}, with what people used until now` };
  },
});

export const handler = onLambda(shelveInstance, { servers, serverNames, ledger, clock });
