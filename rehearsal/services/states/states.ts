// Step Functions: machines, versions, aliases, executions and their tokens, on the interpreter.
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { aliasOperations } from './aliases.ts';
import { createEngine } from './engine.ts';
import { executionOperations } from './executions.ts';
import { historyOperations } from './history.ts';
import { newLedger } from './ledger.ts';
import { machineOperations } from './machines.ts';
import type { Scene, Sight } from './scene.ts';
import { tagOperations } from './tags.ts';
import { createTokenDesk, tokenOperations } from './tokens.ts';
import { versionOperations } from './versions.ts';

export type { Sight } from './scene.ts';

export interface StatesService extends Service<'states'> {
  /** Tells every event and every change of status as it happens; the returned function ends it. */
  watch(listener: (sight: Sight) => void): () => void;
}

export function createStates(ground: Ground): StatesService {
  const listeners = new Set<(sight: Sight) => void>();
  const scene: Scene = {
    ground,
    ledgerOf: perRegion(newLedger),
    tokens: createTokenDesk(ground),
    tell: (sight) => listeners.forEach((listener) => listener(sight)),
  };
  const engine = createEngine(scene);
  return {
    id: 'states',
    operations: {
      ...machineOperations(scene),
      ...versionOperations(scene),
      ...aliasOperations(scene),
      ...executionOperations(scene, engine),
      ...historyOperations(scene),
      ...tokenOperations(scene),
      ...tagOperations(scene),
    },
    inventory: () => Object.fromEntries(scene.ledgerOf.all().flatMap(([, ledger]) => inventoryOf(ledger))),
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => listeners.clear(),
  };
}

function inventoryOf({ machines, executions }: ReturnType<typeof newLedger>): [string, unknown][] {
  return [
    ...[...machines.values()].map((machine): [string, unknown] => [
      machine.arn,
      {
        status: machine.status,
        definition: machine.revision.definition,
        versions: machine.versions.map(({ arn }) => arn),
        aliases: [...machine.aliases.keys()],
        tags: Object.fromEntries(machine.tags),
      },
    ]),
    ...[...executions.values()].map(({ arn, status }): [string, unknown] => [arn, { status }]),
  ];
}
