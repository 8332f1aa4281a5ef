// Changing records, and asking whether every server has heard.
import { BadName, normalName } from '../../world/dns/names.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import type { AliasWorld } from './alias.ts';
import { judgeBatch } from './batch.ts';
import { wellFormed } from './form.ts';
import { submit } from './propagation.ts';
import { bareId, changeInfo, changeOf, type Room, zoneArn, zoneOf } from './room.ts';

const worldOf = (room: Room, target: AliasWorld['target']): AliasWorld => ({
  target,
  targets: () => [...room.targets.values()],
  zone: (id) => room.zones.get(id),
});

export const createChanges = (room: Room, target: AliasWorld['target']): OperationsOf<Sdks['route53']> => ({
  ChangeResourceRecordSets: {
    asks: ({ HostedZoneId, ChangeBatch: batch }) => {
      const changes = batch?.Changes ?? [];
      const each = (read: (change: (typeof changes)[number]) => string | undefined): string[] => [
        ...new Set(changes.flatMap((change) => read(change) ?? [])),
      ];
      return [
        {
          action: 'route53:ChangeResourceRecordSets',
          resource: zoneArn(HostedZoneId),
          context: {
            'route53:ChangeResourceRecordSetsNormalizedRecordNames': each((change) => judgedName(change.ResourceRecordSet?.Name)),
            'route53:ChangeResourceRecordSetsRecordTypes': each((change) => change.ResourceRecordSet?.Type),
            'route53:ChangeResourceRecordSetsActions': each((change) => change.Action),
          },
        },
      ];
    },
    run(input) {
      const zone = zoneOf(room, input.HostedZoneId);
      const comment = input.ChangeBatch?.Comment;
      const records = judgeBatch(zone, wellFormed(input.ChangeBatch?.Changes, comment), worldOf(room, target));
      return { ChangeInfo: changeInfo(submit(room, zone, records, comment)) };
    },
  },
  GetChange: {
    asks: ({ Id }) => [{ action: 'route53:GetChange', resource: `arn:aws:route53:::change/${bareId(Id)}` }],
    run: ({ Id }) => ({ ChangeInfo: changeInfo(changeOf(room, Id)) }),
  },
});

/** Policies name records in lower case, with octal escapes and without the final dot. */
function judgedName(name = ''): string {
  try {
    return normalName(name).replace(/(?<=.)\.$/, '');
  } catch (error) {
    if (error instanceof BadName) return name.toLowerCase();
    throw error;
  }
}
