// The Parameter Store, small enough for a laptop: names, hierarchies, versions, labels; SecureStrings through KMS.
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { latestOf, type Parameter, type Store } from './parameter.ts';
import { createReading } from './reading.ts';
import { createTagging } from './tagging.ts';
import { createWriting } from './writing.ts';

export function createSsm(ground: Ground): Service<'ssm'> {
  const regions = perRegion(() => new Map<string, Parameter>());
  const store: Store = { ground, in: regions };
  return {
    id: 'ssm',
    operations: { ...createWriting(store), ...createReading(store), ...createTagging(store) },
    inventory: () =>
      Object.fromEntries(
        regions
          .all()
          .flatMap(([, all]) => [...all.values()])
          .map((parameter): [string, unknown] => [
            parameter.arn,
            { type: latestOf(parameter).type, version: latestOf(parameter).version },
          ]),
      ),
  };
}
