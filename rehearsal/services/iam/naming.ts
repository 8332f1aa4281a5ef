// Names, paths, ARNs and ids of the account's identities.
import { constraint, validation } from './failures.ts';

const NAME = /^[\w+=,.@-]+$/;
const PATH = /^(\/|\/[\u0021-\u007E]+\/)$/;

export function checkName(member: string, name: string, longest: number): void {
  if (name.length > longest) throw constraint(member, name, `have length less than or equal to ${longest}`);
  if (!NAME.test(name)) {
    throw validation(
      `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  }
}

export function checkPath(path: string): void {
  if (path.length > 512) throw constraint('path', path, 'have length less than or equal to 512');
  if (!PATH.test(path)) {
    throw validation(
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    );
  }
}

export const roleArn = (account: string, path: string, name: string): string => `arn:aws:iam::${account}:role${path}${name}`;
export const policyArn = (account: string, path: string, name: string): string => `arn:aws:iam::${account}:policy${path}${name}`;
export const userArn = (account: string, name: string): string => `arn:aws:iam::${account}:user/${name}`;

/** Ids are capitals and digits after a prefix that tells what they are of. */
export const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
export const ID_LENGTH = 17;

/** Documents travel percent-encoded, as RFC 3986 has it. */
export const encodeDocument = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** IAM counts what a policy says, not how it is laid out. */
export const sizeOf = (text: string): number => text.replace(/\s/g, '').length;

/** The one user of the account has the same id in every cloud, as IAM and STS both tell it. */
export const OPERATOR_ID = 'AIDAQOPERATOR22222222';
