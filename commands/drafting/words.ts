// What names and tags of things tell: whose they are, and of which environment.
import type { Tags, Thing } from '../../shared/cloud/account.ts';

const ENVIRONMENT_TAGS = ['environment', 'env', 'stage'];
const APPLICATION_TAGS = ['application', 'app', 'project', 'service', 'product'];

/** What kind of thing it is, never whose. */
const KINDS = new Set([
  ...['db', 'database', 'databases', 'postgres', 'postgresql', 'pg', 'rds', 'sql', 'instance', 'replica', 'reader', 'read', 'ro'],
  ...['lb', 'alb', 'elb', 'nlb', 'balancer', 'load', 'loadbalancer', 'web', 'www', 'app', 'api', 'server', 'backend', 'frontend'],
  ...['cdn', 'cloudfront', 'distribution', 'site', 'bucket', 's3', 'storage', 'static', 'public', 'private', 'internal'],
  ...['upload', 'uploads', 'media', 'file', 'files', 'attachment', 'attachments', 'asset', 'assets', 'data', 'log', 'logs'],
  ...['env', 'environment'],
]);
const UPLOADS = new Set(['upload', 'uploads', 'media', 'attachment', 'attachments']);
const STANDBYS = new Set(['standby', 'spare', 'dr', 'failover', 'secondary', 'recovery', 'passive', 'reserve', 'fallback']);
const SANDBOXES = new Set(['sandbox', 'dev', 'development', 'test', 'testing', 'qa', 'uat', 'demo', 'preview', 'playground']);
/** With which a name may end where there is only one to compare. */
const ENVIRONMENTS = new Set([
  ...[...STANDBYS, ...SANDBOXES, 'main', 'primary', 'prod', 'production', 'live', 'stage', 'staging', 'blue', 'green'],
]);

export const partsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

interface Said {
  readonly key: string;
  readonly value: string;
}
/** A tag by one of its usual keys, however they are written. */
function tagged(tags: Tags, keys: readonly string[]): Said | undefined {
  for (const wanted of keys) {
    const found = Object.entries(tags).find(([key, value]) => key.toLowerCase() === wanted && partsOf(value).length > 0);
    if (found) return { key: found[0], value: found[1] };
  }
  return undefined;
}
export const environmentTag = ({ tags }: Thing): Said | undefined => tagged(tags, ENVIRONMENT_TAGS);
export const applicationTag = ({ tags }: Thing): Said | undefined => tagged(tags, APPLICATION_TAGS);

/** Where the one run of parts lies in the other. */
const runAt = (parts: readonly string[], run: readonly string[]): number =>
  run.length === 0 ? -1 : parts.findIndex((_, at) => run.every((part, nth) => parts[at + nth] === part));
export const carries = (parts: readonly string[], run: readonly string[]): boolean => runAt(parts, run) !== -1;

const without = (parts: readonly string[], run: readonly string[]): string[] => {
  const at = runAt(parts, run);
  return at === -1 ? [...parts] : [...parts.slice(0, at), ...parts.slice(at + run.length)];
};

/** What is left of a name without the application, the Region, the account, the kind and a number: its environment, or nothing. */
export function labelOf(name: string, app: string, region: string): string {
  const left = without(without(partsOf(name), partsOf(app)), partsOf(region));
  return left.filter((part) => !KINDS.has(part) && !/^(\d{1,3}|\d{12})$/.test(part)).join('-');
}

const said = (words: ReadonlySet<string>) => (name: string) => partsOf(name).some((part) => words.has(part));
export const soundsLikeStandby = said(STANDBYS);
export const soundsLikeSandbox = said(SANDBOXES);
export const soundsLikeUploads = said(UPLOADS);

/** The application's part of its databases' names: what they begin with, or of a single one what stands before its environment. */
export function stemOf(names: readonly string[]): string {
  const split = names.map((name) => partsOf(name).filter((part) => !KINDS.has(part)));
  const [first = []] = split;
  if (split.length === 1) {
    const last = first.at(-1) ?? '';
    return (first.length > 1 ? (ENVIRONMENTS.has(last) ? first.slice(0, -1) : first.slice(0, 1)) : first).join('-');
  }
  const differs = first.findIndex((part, at) => split.some((other) => other[at] !== part));
  return first.slice(0, differs === -1 ? first.length : differs).join('-');
}

/** An environment's name as the estate takes it: lower case, digits and single hyphens, at most 31 characters. */
export function asId(text: string): string {
  const joined = partsOf(text).join('-');
  const letters = /^[a-z]/.test(joined) ? joined : `e-${joined}`;
  return letters.slice(0, 31).replace(/-+$/, '');
}
