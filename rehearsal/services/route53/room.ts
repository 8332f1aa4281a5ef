// The zones of the account, what their servers answer already, and the changes on their way there.
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { AliasTarget } from '../../world/dns/directory.ts';
import type { Ground } from '../ground.ts';
import { noSuchChange, noSuchZone } from './refusals.ts';

export type RecordSet = ResourceRecordSet & { readonly Name: string; readonly Type: string };

export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly callerReference: string;
  readonly comment: string | undefined;
  readonly nameServers: readonly string[];
  readonly tags: Map<string, string>;
  /** As the API tells them. */
  records: readonly RecordSet[];
  /** As the authoritative servers answer them; undefined before they have heard of the zone. */
  served: readonly RecordSet[] | undefined;
  /** Changes the servers have not heard of, oldest first. */
  pending: readonly Change[];
  /** When the last of them will have. */
  landsAt: number;
  /** Found anew: what is still on its way to this one has nowhere to land. */
  replaced?: boolean;
}

export interface Change {
  readonly id: string;
  readonly comment: string | undefined;
  readonly submittedAt: number;
  status: 'PENDING' | 'INSYNC';
}

/** A change that every server has heard of, by instants of the timeline. */
export interface Landed {
  readonly change: string;
  readonly zone: string;
  readonly submittedAt: number;
  readonly landedAt: number;
}

export interface Room {
  readonly ground: Ground;
  readonly zones: Map<string, Zone>;
  /** Zones some server still answers for: a deleted one is among them until its deletion has gone round. */
  readonly serving: Set<Zone>;
  readonly changes: Map<string, Change>;
  readonly targets: Map<string, AliasTarget>;
  /** Name servers to their addresses. */
  readonly nameServers: Map<string, string>;
  /** What a situation says a change takes, instead of what is drawn. */
  insyncSeconds: number | 'never' | undefined;
  readonly onLanded: Set<(landed: Landed) => void>;
}

/** Ids are given with and without the path they are told with. */
export const bareId = (id = ''): string => id.replace(/^\/?(hostedzone|change)\//, '');
export const zoneArn = (id: string | undefined): string => `arn:aws:route53:::hostedzone/${bareId(id)}`;

export function zoneOf(room: Room, id: string | undefined): Zone {
  const zone = room.zones.get(bareId(id));
  if (!zone) throw noSuchZone(bareId(id));
  return zone;
}

export function changeOf(room: Room, id: string | undefined): Change {
  const change = room.changes.get(bareId(id));
  if (!change) throw noSuchChange(bareId(id));
  return change;
}

export const changeInfo = (change: Change) => ({
  Id: `/change/${change.id}`,
  Status: change.status,
  SubmittedAt: new Date(change.submittedAt),
  ...(change.comment !== undefined && { Comment: change.comment }),
});
