// The zones' records on Route 53.
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type ListResourceRecordSetsCommandInput,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { RecordSet } from '../../runbooks/journal.ts';
import type { Names } from '../ports.ts';
import { asking } from './errors.ts';

/** Route 53 takes no longer comments. */
const MAX_COMMENT_CHARACTERS = 256;

export function awsNames(): Names {
  // Route 53 is one for all Regions, and its control plane stands in this one.
  const route53 = new Route53Client({ region: 'us-east-1' });

  /** The zone's list begins at the name; it ends for us where the next name does. */
  async function readAll(zone: string, name: string): Promise<RecordSet[]> {
    const found: RecordSet[] = [];
    for await (const record of recordSets(route53, zone, { StartRecordName: name })) {
      if (plain(record.Name) !== plain(name)) return found;
      found.push(asRead(record));
    }
    return found;
  }

  return {
    read: ({ name, zone }) => asking(`reading ${name} in ${zone}`, () => readAll(zone, name)),
    change: (zone, changes, comment) =>
      asking(`changing ${[...new Set(changes.map(({ record }) => record.Name))].join(', ')} in ${zone}`, async () => {
        const Changes = changes.map(({ action, record }) => ({ Action: action, ResourceRecordSet: record as ResourceRecordSet }));
        const ChangeBatch = { Comment: comment.slice(0, MAX_COMMENT_CHARACTERS), Changes };
        const { ChangeInfo } = await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch }));
        return bare(ChangeInfo?.Id ?? '');
      }),
    inSync: (change) =>
      asking(`reading the change ${change}`, async () => {
        const { ChangeInfo } = await route53.send(new GetChangeCommand({ Id: change }));
        return ChangeInfo?.Status === 'INSYNC';
      }),
    serversOf: (zone) =>
      asking(`reading the name servers of ${zone}`, async () => {
        const { DelegationSet } = await route53.send(new GetHostedZoneCommand({ Id: zone }));
        return DelegationSet?.NameServers ?? [];
      }),
  };
}

type From = Omit<ListResourceRecordSetsCommandInput, 'HostedZoneId'>;

/** A zone's list from there to its end, page by page as it is read. */
export async function* recordSets(
  route53: Route53Client,
  HostedZoneId: string,
  start: From = {},
): AsyncGenerator<ResourceRecordSet> {
  let from: From | undefined = start;
  while (from !== undefined) {
    const page: ListResourceRecordSetsCommandOutput = await route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId, ...from }),
    );
    yield* page.ResourceRecordSets ?? [];
    from = page.IsTruncated
      ? {
          StartRecordName: page.NextRecordName,
          StartRecordType: page.NextRecordType,
          StartRecordIdentifier: page.NextRecordIdentifier,
        }
      : undefined;
  }
}

/** `/change/C0123` as the API answers it; every other call takes it without. */
export const bare = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** Route 53 writes everything but letters, digits, hyphen and underscore as an octal escape. */
export const plain = (name: string | undefined): string =>
  (name ?? '')
    .replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
    .toLowerCase()
    .replace(/\.?$/, '.');

/** The SDK names absent fields too; what is compared and put back holds only what is there. */
const asRead = (record: ResourceRecordSet): RecordSet => RecordSet.parse(JSON.parse(JSON.stringify(record)));
