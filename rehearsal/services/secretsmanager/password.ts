// GetRandomPassword: from the cloud's own chance, so that a rehearsal repeats.
import type { GetRandomPasswordCommandInput } from '@aws-sdk/client-secrets-manager';
import type { Ground } from '../ground.ts';
import type { OperationsOf, Sdks } from '../service.ts';
import { invalidParameter, only } from './failures.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

export const createPasswords = (ground: Ground): OperationsOf<Sdks['secretsmanager']> => ({
  GetRandomPassword: {
    asks: () => [{ action: 'secretsmanager:GetRandomPassword', resource: '*' }],
    run(input) {
      only(
        input,
        ...['PasswordLength', 'ExcludeCharacters', 'ExcludeNumbers', 'ExcludePunctuation', 'ExcludeUppercase'],
        ...['ExcludeLowercase', 'IncludeSpace', 'RequireEachIncludedType'],
      );
      const length = input.PasswordLength ?? 32;
      const kinds = kindsOf(input);
      if (kinds.length === 0) throw invalidParameter('The password would have no characters to be made of.');
      const each = input.RequireEachIncludedType ?? true;
      if (length < 1 || length > 4096 || (each && length < kinds.length))
        throw invalidParameter(`Password length must be between ${each ? kinds.length : 1} and 4096.`);
      const required = each ? kinds.map((kind) => pick(ground, kind)) : [];
      const rest = Array.from({ length: length - required.length }, () => pick(ground, kinds.join('')));
      return { RandomPassword: shuffled(ground, [...required, ...rest]).join('') };
    },
  },
});

function kindsOf(input: GetRandomPasswordCommandInput): string[] {
  const kinds = [
    input.ExcludeLowercase === true ? '' : LOWER,
    input.ExcludeUppercase === true ? '' : LOWER.toUpperCase(),
    input.ExcludeNumbers === true ? '' : '0123456789',
    input.ExcludePunctuation === true ? '' : PUNCTUATION,
    input.IncludeSpace === true ? ' ' : '',
  ];
  const left = (kind: string): string =>
    Array.from(kind)
      .filter((c) => !(input.ExcludeCharacters ?? '').includes(c))
      .join('');
  return kinds.map(left).filter((kind) => kind !== '');
}

const pick = (ground: Ground, kind: string): string => kind.charAt(Math.floor(ground.random() * kind.length));

/** The required characters must not stand where everybody knows. */
function shuffled(ground: Ground, characters: string[]): string[] {
  for (let last = characters.length - 1; last > 0; last--) {
    const other = Math.floor(ground.random() * (last + 1));
    [characters[last], characters[other]] = [characters[other] ?? '', characters[last] ?? ''];
  }
  return characters;
}
