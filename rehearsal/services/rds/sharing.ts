// Who else may restore a snapshot: kept and told, as there is no other account here to try it.
import type { DBSnapshotAttributesResult } from '@aws-sdk/client-rds';
import type { Ask } from '../../iam/ask.ts';
import { AwsError } from '../error.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { invalidValue, missing } from './failures.ts';
import type { Rds } from './instance.ts';
import { askAbout } from './naming.ts';
import { requireReady } from './snapshots.ts';
import { findSnapshot, type Snapshot } from './vault.ts';

const RESTORE = 'restore';
const MOST_ACCOUNTS = 20;

export function createSharing(rds: Rds): OperationsOf<Sdks['rds']> {
  const ask = (action: string, name: string | undefined, call: Call): Ask =>
    askAbout(action, 'snapshot', name, call, rds.vault(call.region).snapshots.get((name ?? '').toLowerCase())?.tags);
  const standing = (call: Call, name: string | undefined): Snapshot => {
    if (!name) throw missing('DBSnapshotIdentifier');
    return findSnapshot(rds, call.region, call.account, name, call.at);
  };
  return {
    DescribeDBSnapshotAttributes: {
      asks: (input, call) => [ask('DescribeDBSnapshotAttributes', input.DBSnapshotIdentifier, call)],
      run: (input, call) => ({ DBSnapshotAttributesResult: attributesOf(standing(call, input.DBSnapshotIdentifier)) }),
    },
    ModifyDBSnapshotAttribute: {
      asks: (input, call) => [ask('ModifyDBSnapshotAttribute', input.DBSnapshotIdentifier, call)],
      run(input, call) {
        const { AttributeName: name, ValuesToAdd: added = [], ValuesToRemove: removed = [] } = input;
        const snapshot = standing(call, input.DBSnapshotIdentifier);
        if (name !== RESTORE) throw invalidValue(`Invalid snapshot attribute: ${name ?? ''}`);
        if (snapshot.type !== 'manual')
          throw new AwsError('InvalidDBSnapshotState', 'Only manual snapshots can be shared: copy an automated one first.');
        requireReady(snapshot, call.at, 'share');
        const accounts = new Set([...snapshot.sharedWith, ...added].filter((account) => !removed.includes(account)));
        requireAccounts(snapshot, [...accounts]);
        snapshot.sharedWith.clear();
        for (const account of accounts) snapshot.sharedWith.add(account);
        return { DBSnapshotAttributesResult: attributesOf(snapshot) };
      },
    },
  };
}

function requireAccounts({ of }: Snapshot, accounts: readonly string[]): void {
  const wrong = accounts.find((account) => account !== 'all' && !/^\d{12}$/.test(account));
  if (wrong !== undefined) throw invalidValue(`Invalid account identifier: ${wrong}`);
  if (accounts.includes('all') && of.settings.storageEncrypted)
    throw invalidValue('An encrypted snapshot cannot be made public.');
  if (accounts.length > MOST_ACCOUNTS)
    throw new AwsError('SharedSnapshotQuotaExceeded', `A snapshot cannot be shared with more than ${MOST_ACCOUNTS} accounts.`);
}

const attributesOf = ({ identifier, sharedWith }: Snapshot): DBSnapshotAttributesResult => ({
  DBSnapshotIdentifier: identifier,
  DBSnapshotAttributes: [{ AttributeName: RESTORE, AttributeValues: [...sharedWith].sort() }],
});
