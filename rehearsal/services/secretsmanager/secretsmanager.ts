// Secrets Manager, small enough for a laptop: versions, staging labels, recovery windows; KMS judged at every value.
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { createPasswords } from './password.ts';
import { createPolicies } from './policies.ts';
import { createReading } from './reading.ts';
import type { Secret, Secrets } from './secret.ts';
import { createWriting } from './writing.ts';

export function createSecretsManager(ground: Ground): Service<'secretsmanager'> {
  const regions = perRegion(() => new Map<string, Secret>());
  const secrets: Secrets = { ground, in: regions };
  return {
    id: 'secretsmanager',
    operations: {
      ...createWriting(secrets),
      ...createReading(secrets),
      ...createPolicies(secrets),
      ...createPasswords(ground),
    },
    // Names and versions only: an inventory is printed, a secret never is.
    inventory: () =>
      Object.fromEntries(
        regions
          .all()
          .flatMap(([, all]) => [...all.values()])
          .map(({ arn, versions, deletion }): [string, unknown] => [
            arn,
            {
              versions: [...versions.values()].map(({ id, stages }) => [id, ...stages]),
              scheduledForDeletion: deletion !== undefined,
            },
          ]),
      ),
  };
}
