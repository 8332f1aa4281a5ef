// Grants: one principal's leave to use one key, outside any policy.
import type { GrantListEntry } from '@aws-sdk/client-kms';
import type { OperationsOf, Sdks } from '../service.ts';
import { invalidState, notFound, only, validation } from './failures.ts';
import { findKey, type Grant, type Key, keyAsk, type Kms } from './key.ts';
import { pageOf } from './page.ts';

export const createGrants = (kms: Kms): OperationsOf<Sdks['kms']> => ({
  CreateGrant: {
    asks(input, call) {
      const asked = keyAsk(findKey(kms, call.region, input.KeyId), 'CreateGrant', call);
      return [{ ...asked, context: { ...asked.context, 'kms:GrantOperations': [...(input.Operations ?? [])] } }];
    },
    run(input, call) {
      only(input, ...['KeyId', 'GranteePrincipal', 'RetiringPrincipal', 'Operations', 'Constraints', 'GrantTokens', 'Name']);
      const key = findKey(kms, call.region, input.KeyId);
      if (key.state === 'PendingDeletion') throw invalidState(`${key.arn} is pending deletion.`);
      if ((input.Operations ?? []).length === 0)
        throw validation(
          "1 validation error detected: Value '[]' at 'operations' failed to satisfy constraint: Member must have length greater than or equal to 1",
        );
      const hex = '0123456789abcdef';
      const grant: Grant = {
        id: kms.ground.token(64, hex),
        token: kms.ground.token(88),
        name: input.Name,
        createdAt: kms.ground.timeline.now(),
        grantee: input.GranteePrincipal ?? '',
        retiring: input.RetiringPrincipal,
        operations: input.Operations ?? [],
        constraints: input.Constraints,
        issuer: `arn:aws:iam::${call.account}:root`,
      };
      // The same named request again answers the grant that stands.
      const same = grant.name === undefined ? undefined : [...key.grants.values()].find((one) => says(one) === says(grant));
      const kept = same ?? grant;
      key.grants.set(kept.id, kept);
      return { GrantId: kept.id, GrantToken: kept.token };
    },
  },
  ListGrants: {
    asks: (input, call) => [keyAsk(findKey(kms, call.region, input.KeyId), 'ListGrants', call)],
    run(input, call) {
      only(input, 'KeyId', 'Limit', 'Marker', 'GrantId', 'GranteePrincipal');
      const key = findKey(kms, call.region, input.KeyId);
      const wanted = [...key.grants.values()].filter(
        ({ id, grantee }) => id === (input.GrantId ?? id) && grantee === (input.GranteePrincipal ?? grantee),
      );
      const { items, more } = pageOf(wanted, input, 'grants');
      return { Grants: items.map((grant) => entryOf(key, grant)), ...more };
    },
  },
  RevokeGrant: {
    asks: (input, call) => [keyAsk(findKey(kms, call.region, input.KeyId), 'RevokeGrant', call)],
    run(input, call) {
      only(input, 'KeyId', 'GrantId');
      const key = findKey(kms, call.region, input.KeyId);
      if (!key.grants.delete(input.GrantId ?? '')) throw notFound(`Grant ID ${input.GrantId ?? ''} not found.`);
      return {};
    },
  },
});

const says = ({ name, grantee, retiring, operations, constraints }: Grant): string =>
  JSON.stringify([name, grantee, retiring, operations, constraints]);

const entryOf = (key: Key, grant: Grant): GrantListEntry => ({
  KeyId: key.arn,
  GrantId: grant.id,
  ...(grant.name !== undefined && { Name: grant.name }),
  CreationDate: new Date(grant.createdAt),
  GranteePrincipal: grant.grantee,
  ...(grant.retiring !== undefined && { RetiringPrincipal: grant.retiring }),
  IssuingAccount: grant.issuer,
  Operations: [...grant.operations],
  ...(grant.constraints && { Constraints: grant.constraints }),
});
