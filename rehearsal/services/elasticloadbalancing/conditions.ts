// The conditions of a rule: what AWS takes, and whether a request meets them.
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { addressOf } from '../../world/edge/headers.ts';
import { notImitated } from '../error.ts';
import { validation } from './refusals.ts';

const MOST_PER_CONDITION = 3;
const MOST_PER_RULE = 5;
const MOST_WILDCARDS = 6;

interface Field {
  /** The values of a condition, where AWS's newer form or its older one keeps them; undefined when it has neither. */
  values(condition: RuleCondition): readonly string[] | undefined;
  /** What is wrong with one of them. */
  wrong(value: string, condition: RuleCondition): string | undefined;
  meets(value: string, request: IncomingMessage, condition: RuleCondition): boolean;
  readonly repeats?: boolean;
}

const length = (value: string, most: number): boolean => value.length >= 1 && value.length <= most;

/** `*` is any run of characters, `?` any one. */
export function matchesPattern(pattern: string, text: string, ignoreCase = true): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, ignoreCase ? 'is' : 's').test(text);
}

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?')[0] ?? '/';
const hostOf = ({ headers }: IncomingMessage): string => (headers.host ?? '').replace(/:\d+$/, '');
const queryOf = ({ url = '/' }: IncomingMessage): [string, string][] =>
  (url.split('?').slice(1).join('?') || '').split('&').flatMap((pair): [string, string][] => {
    if (pair === '') return [];
    const [key = '', ...value] = pair.split('=');
    return [[key, value.join('=')]];
  });

const FIELDS: Readonly<Record<string, Field>> = {
  'path-pattern': {
    values: ({ Values, PathPatternConfig }) => PathPatternConfig?.Values ?? Values,
    wrong: (value) =>
      length(value, 128) && /^[A-Za-z0-9_\-.$/~"'@:+&()!,;=%*?]+$/.test(value)
        ? undefined
        : `The path pattern '${value}' is not valid`,
    meets: (value, request) => matchesPattern(value, pathOf(request), false),
  },
  'host-header': {
    values: ({ Values, HostHeaderConfig }) => HostHeaderConfig?.Values ?? Values,
    wrong: (value) =>
      length(value, 128) && /^[A-Za-z0-9.*?_-]+$/.test(value) && value.includes('.')
        ? undefined
        : `The host header '${value}' is not valid`,
    meets: (value, request) => matchesPattern(value, hostOf(request)),
  },
  'http-header': {
    repeats: true,
    values: ({ HttpHeaderConfig }) => HttpHeaderConfig?.Values,
    wrong: (value, { HttpHeaderConfig }) => {
      const name = HttpHeaderConfig?.HttpHeaderName ?? '';
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/.test(name) || name.toLowerCase() === 'host')
        return `The HTTP header name '${name}' is not valid`;
      return length(value, 128) ? undefined : `The HTTP header value '${value}' is not valid`;
    },
    meets: (value, { headers }, { HttpHeaderConfig }) => {
      const found = headers[(HttpHeaderConfig?.HttpHeaderName ?? '').toLowerCase()];
      return [found ?? []].flat().some((text) => matchesPattern(value, text));
    },
  },
  'http-request-method': {
    values: ({ HttpRequestMethodConfig }) => HttpRequestMethodConfig?.Values,
    wrong: (value) => (/^[A-Z_-]{1,40}$/.test(value) ? undefined : `The HTTP request method '${value}' is not valid`),
    meets: (value, { method }) => method === value,
  },
  'query-string': {
    repeats: true,
    values: ({ QueryStringConfig }) => QueryStringConfig?.Values?.map(({ Key = '', Value = '' }) => `${Key}=${Value}`),
    wrong: (value) =>
      length(value.slice(value.indexOf('=') + 1), 128) ? undefined : `The query string value '${value}' is not valid`,
    meets: (value, request) => {
      const cut = value.indexOf('=');
      const [key, wanted] = [value.slice(0, cut), value.slice(cut + 1)];
      return queryOf(request).some(([name, text]) => (key === '' || matchesPattern(key, name)) && matchesPattern(wanted, text));
    },
  },
  'source-ip': {
    values: ({ SourceIpConfig }) => SourceIpConfig?.Values,
    wrong: (value) => (isBlock(value) ? undefined : `The source IP address '${value}' is not valid`),
    meets: (value, request) => blockOf(value).check(addressOf(request), isIP(addressOf(request)) === 6 ? 'ipv6' : 'ipv4'),
  },
};

function isBlock(value: string): boolean {
  const [address = '', prefix = ''] = value.split('/');
  const family = isIP(address);
  return family !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}

function blockOf(value: string): BlockList {
  const [address = '', prefix = ''] = value.split('/');
  const block = new BlockList();
  block.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return block;
}

const fieldOf = ({ Field: name = '' }: RuleCondition): Field => {
  const field = FIELDS[name];
  if (!field) throw validation(`Condition field '${name}' must be one of '[${Object.keys(FIELDS).join(',')}]'`);
  return field;
};

/** The conditions as they are kept and described; refuses what AWS refuses. */
export function readConditions(given: readonly RuleCondition[] | undefined): RuleCondition[] {
  if (given === undefined || given.length === 0) throw validation('A condition must be specified');
  const seen = new Set<string>();
  const all: string[] = [];
  const conditions = given.map((condition) => {
    const field = fieldOf(condition);
    const name = condition.Field ?? '';
    refuseRegex(condition);
    if (seen.has(name) && field.repeats !== true) throw validation(`A rule can only have one '${name}' condition`);
    seen.add(name);
    const values = field.values(condition) ?? [];
    if (values.length === 0) throw validation('A condition value must be specified');
    if (values.length > MOST_PER_CONDITION) throw validation(`A condition can only have '${MOST_PER_CONDITION}' values`);
    for (const value of values) {
      const wrong = field.wrong(value, condition);
      if (wrong !== undefined) throw validation(wrong);
    }
    all.push(...values);
    return described(condition, values);
  });
  if (all.length > MOST_PER_RULE) throw validation(`A rule can only have '${MOST_PER_RULE}' condition values`);
  if (all.join('').replaceAll(/[^*?]/g, '').length > MOST_WILDCARDS)
    throw validation(`A rule can only have '${MOST_WILDCARDS}' condition wildcards`);
  return conditions;
}

function refuseRegex({ RegexValues, SourceIpConfig, ...configs }: RuleCondition): void {
  const nested = Object.values(configs).some((config) => typeof config === 'object' && 'RegexValues' in config);
  if (RegexValues !== undefined || nested) throw notImitated('regular expressions in the conditions of rules');
  if (SourceIpConfig?.IpAddressType !== undefined) throw notImitated('the IpAddressType of a source-ip condition');
}

/** The two oldest fields are told in both forms. */
function described(condition: RuleCondition, values: readonly string[]): RuleCondition {
  if (condition.Field === 'path-pattern')
    return { Field: condition.Field, Values: [...values], PathPatternConfig: { Values: [...values] } };
  if (condition.Field === 'host-header')
    return { Field: condition.Field, Values: [...values], HostHeaderConfig: { Values: [...values] } };
  return condition;
}

/** Every condition, by any of its values. */
export const meetsAll = (conditions: readonly RuleCondition[], request: IncomingMessage): boolean =>
  conditions.every((condition) => {
    const field = fieldOf(condition);
    return (field.values(condition) ?? []).some((value) => field.meets(value, request, condition));
  });
