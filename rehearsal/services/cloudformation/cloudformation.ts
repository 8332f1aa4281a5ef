// CloudFormation: stacks made from templates through the other services' own APIs.
import type { Ground } from '../ground.ts';
import { perRegion } from '../service.ts';
import type { Service } from '../service.ts';
import { liveResources } from '../../stack/record.ts';
import { changeSetOperations } from './change-sets.ts';
import { descriptions } from './descriptions.ts';
import { stackOperations } from './operations.ts';
import { createPages } from './pages.ts';
import type { Room } from './stacks.ts';
import { validation } from './validation.ts';

export function createCloudFormation(ground: Ground): Service<'cloudformation'> {
  const room = perRegion((region): Room => ({ region, stacks: new Map(), changeSets: new Map() }));
  const office = { ground, room, pages: createPages(ground) };
  return {
    id: 'cloudformation',
    operations: { ...stackOperations(office), ...descriptions(office), ...changeSetOperations(office), ...validation(office) },
    inventory() {
      const standing = room
        .all()
        .flatMap(([, { stacks }]) => [...stacks.values()].filter(({ status }) => status !== 'DELETE_COMPLETE'));
      return Object.fromEntries(
        standing.map((stack) => [
          stack.id,
          {
            status: stack.status,
            resources: liveResources(stack).map(({ id, standing: { physicalId } }) => `${id} ${physicalId}`),
          },
        ]),
      );
    },
  };
}
