// The values a template is made of, and the two ways CloudFormation says no to one.
import { AwsError } from '../services/error.ts';
import type { Json } from '../states/world.ts';

export type { Json };
export type JsonObject = { [key: string]: Json };

/** What a value reads as before the resource it comes from stands; AWS shows the same words in a change set. */
export const KNOWN_AFTER_APPLY = '{{changeSet:KNOWN_AFTER_APPLY}}';

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Own keys only: a logical id may be called `constructor`. */
export const entriesOf = (value: Json | undefined): [string, Json][] => (isObject(value) ? Object.entries(value) : []);

export const memberOf = (value: Json | undefined, key: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

export const isUnknown = (value: unknown): boolean =>
  typeof value === 'string'
    ? value.includes(KNOWN_AFTER_APPLY)
    : Array.isArray(value)
      ? value.some(isUnknown)
      : isObject(value) && Object.values(value).some(isUnknown);

export const invalid = (message: string): AwsError => new AwsError('ValidationError', message, { status: 400 });

export const malformed = (message: string): AwsError => invalid(`Template format error: ${message}`);

/** For what AWS has and this cloud has not: refused by name, never ignored. */
export const notImitated = (what: string): AwsError =>
  new AwsError('NotImplemented', `${what} is not imitated by this cloud`, { status: 501 });
