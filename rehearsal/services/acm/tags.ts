// Tags of certificates.
import { constraint, invalidTag, tooManyTags } from './failures.ts';
import { askAbout, certificateAt, type AcmOperations, type ShelfOf } from './shelf.ts';

const MOST_TAGS = 50;
const LETTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export function tagOperations(shelfOf: ShelfOf): AcmOperations {
  return {
    AddTagsToCertificate: {
      asks: askAbout(shelfOf, 'AddTagsToCertificate'),
      run({ CertificateArn, Tags = [] }, { region }) {
        const { tags } = certificateAt(shelfOf(region), CertificateArn);
        if (Tags.length === 0 || Tags.length > MOST_TAGS) throw tooManyTags();
        for (const { Key = '', Value = '' } of Tags) requireTag(Key, Value);
        const keys = new Set([...tags.keys(), ...Tags.map(({ Key }) => Key)]);
        if (keys.size > MOST_TAGS) throw tooManyTags();
        for (const { Key = '', Value = '' } of Tags) tags.set(Key, Value);
        return {};
      },
    },
    RemoveTagsFromCertificate: {
      asks: askAbout(shelfOf, 'RemoveTagsFromCertificate'),
      run({ CertificateArn, Tags = [] }, { region }) {
        const { tags } = certificateAt(shelfOf(region), CertificateArn);
        // A value that is given must be the tag's own; without one the key is enough.
        for (const { Key = '', Value } of Tags) if (Value === undefined || tags.get(Key) === Value) tags.delete(Key);
        return {};
      },
    },
    ListTagsForCertificate: {
      asks: askAbout(shelfOf, 'ListTagsForCertificate'),
      run: ({ CertificateArn }, { region }) => ({
        Tags: [...certificateAt(shelfOf(region), CertificateArn).tags].map(([Key, Value]) => ({ Key, Value })),
      }),
    },
  };
}

function requireTag(key: string, value: string): void {
  if (key.length === 0 || key.length > 128 || !LETTERS.test(key))
    throw constraint(key, 'tags.1.member.key', 'regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@]*');
  if (value.length > 256 || !LETTERS.test(value))
    throw constraint(value, 'tags.1.member.value', 'regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@]*');
  if (key.toLowerCase().startsWith('aws:')) throw invalidTag('Tag keys that begin with aws: are reserved.');
}
