// Aliases: the names people give keys.
import type { Ask } from '../../iam/ask.ts';
import type { Call, OperationsOf, Sdks } from '../service.ts';
import { invalidState, notFound, refusal, validation } from './failures.ts';
import { type Alias, arnIn, findKey, type Key, keyAsk, type Kms } from './key.ts';
import { pageOf } from './page.ts';

export function createAliases(kms: Kms): OperationsOf<Sdks['kms']> {
  const aliasAsk = (call: Call, operation: string, name: string | undefined): Ask => ({
    action: `kms:${operation}`,
    resource: arnIn(kms, kms.rings(call.region), name ?? ''),
  });
  const standing = (call: Call, name: string | undefined): Alias => {
    const alias = kms.rings(call.region).aliases.get(name ?? '');
    if (!alias) throw notFound(`Alias ${arnIn(kms, kms.rings(call.region), name ?? '')} is not found.`);
    return alias;
  };
  const targetKey = (call: Call, named: string | undefined): Key => {
    if (named?.includes('alias/')) throw validation('Aliases must refer to keys. Not aliases');
    const key = findKey(kms, call.region, named);
    if (key.state === 'PendingDeletion') throw invalidState(`${key.arn} is pending deletion.`);
    return key;
  };

  return {
    CreateAlias: {
      asks: (input, call) => [
        aliasAsk(call, 'CreateAlias', input.AliasName),
        keyAsk(findKey(kms, call.region, input.TargetKeyId), 'CreateAlias', call),
      ],
      run(input, call) {
        const name = requireName(input.AliasName);
        const ring = kms.rings(call.region);
        const arn = arnIn(kms, ring, name);
        if (ring.aliases.has(name)) throw refusal('AlreadyExistsException', `An alias with the name ${arn} already exists`);
        const at = kms.ground.timeline.now();
        ring.aliases.set(name, { name, arn, createdAt: at, updatedAt: at, target: targetKey(call, input.TargetKeyId).id });
        return {};
      },
    },
    UpdateAlias: {
      asks(input, call) {
        const old = kms.rings(call.region).keys.get(standing(call, input.AliasName).target);
        return [
          aliasAsk(call, 'UpdateAlias', input.AliasName),
          ...(old ? [keyAsk(old, 'UpdateAlias', call)] : []),
          keyAsk(findKey(kms, call.region, input.TargetKeyId), 'UpdateAlias', call),
        ];
      },
      run(input, call) {
        requireName(input.AliasName);
        const alias = standing(call, input.AliasName);
        alias.target = targetKey(call, input.TargetKeyId).id;
        alias.updatedAt = kms.ground.timeline.now();
        return {};
      },
    },
    DeleteAlias: {
      asks(input, call) {
        const key = kms.rings(call.region).keys.get(standing(call, input.AliasName).target);
        return [aliasAsk(call, 'DeleteAlias', input.AliasName), ...(key ? [keyAsk(key, 'DeleteAlias', call)] : [])];
      },
      run(input, call) {
        requireName(input.AliasName);
        kms.rings(call.region).aliases.delete(standing(call, input.AliasName).name);
        return {};
      },
    },
    ListAliases: {
      asks: () => [{ action: 'kms:ListAliases', resource: '*' }],
      run(input, call) {
        const key = input.KeyId === undefined ? undefined : findKey(kms, call.region, input.KeyId);
        const all = [...kms.rings(call.region).aliases.values()].filter(({ target }) => !key || target === key.id);
        const { items, more } = pageOf(all, input, 'aliases');
        return {
          Aliases: items.map((alias) => ({
            AliasName: alias.name,
            AliasArn: alias.arn,
            TargetKeyId: alias.target,
            CreationDate: new Date(alias.createdAt),
            LastUpdatedDate: new Date(alias.updatedAt),
          })),
          ...more,
        };
      },
    },
  };
}

function requireName(name: string | undefined): string {
  if (name === undefined || !/^alias\/[a-zA-Z0-9/_-]{1,250}$/.test(name))
    throw refusal(
      'InvalidAliasNameException',
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  if (name.startsWith('alias/aws/')) throw refusal('NotAuthorizedException', `Not authorized to create or change ${name}`);
  return name;
}
