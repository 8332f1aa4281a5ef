// What the parts of Step Functions share: the ground, the ledgers of all Regions, the open task tokens, and who is watching.
import type { ExecutionStatus } from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '../../states/world.ts';
import type { Ground } from '../ground.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import type { Ledger } from './ledger.ts';
import type { TokenDesk } from './tokens.ts';

export type StatesOperations = OperationsOf<Sdks['states']>;

/** What a watcher is told, as it happens. */
export type Sight =
  | { readonly kind: 'event'; readonly executionArn: string; readonly machineName: string; readonly event: HistoryEvent }
  | {
      readonly kind: 'status';
      readonly executionArn: string;
      readonly machineName: string;
      readonly status: ExecutionStatus;
      readonly at: number;
      readonly error: string | undefined;
    };

export interface Scene {
  readonly ground: Ground;
  readonly ledgerOf: ((region: string) => Ledger) & { all(): [string, Ledger][] };
  readonly tokens: TokenDesk;
  readonly tell: (sight: Sight) => void;
}

/** Step Functions in its own name: what it publishes to CloudWatch. */
export const ownName = (ground: Ground, source?: string) =>
  ({ kind: 'service', service: 'states.amazonaws.com', account: ground.account, source }) as const;
