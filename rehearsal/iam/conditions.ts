// The condition operators: what each compares, and what an absent key means to it.
import { BlockList } from 'node:net';
import type { PolicyStatement } from './ask.ts';
import type { Context } from './context.ts';
import { expand, matchesArn, matchesPattern, plain } from './pattern.ts';

interface Test {
  /** Whether one value of the request fits one value of the policy. */
  fits(requested: string, wanted: string): boolean;
  /** A negated operator holds when nothing fits, and when the key is absent. */
  readonly negated?: boolean;
  /** Whether a value written in a policy makes sense to the operator. */
  valid?(wanted: string): boolean;
  /** Whether `${…}` is filled in before comparing. */
  readonly variables?: boolean;
}

const instant = (text: string): number => (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));
const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));
const isInstant = (text: string): boolean => Number.isFinite(instant(text));
const isBoolean = (text: string): boolean => /^(true|false)$/i.test(text);
const isArnPattern = (text: string): boolean => text === '*' || text.split(':').length >= 6 || text.includes('${');

const text = (fits: Test['fits']): Test => ({ fits, variables: true });
const numeric = (compare: (a: number, b: number) => boolean): Test => ({
  fits: (requested, wanted) => isNumber(requested) && compare(Number(requested), Number(wanted)),
  valid: isNumber,
});
const date = (compare: (a: number, b: number) => boolean): Test => ({
  fits: (requested, wanted) => compare(instant(requested), instant(wanted)),
  valid: isInstant,
});
const not = (test: Test): Test => ({ ...test, negated: true });

const equals = text((requested, wanted) => requested === plain(wanted));
const equalsIgnoreCase = text((requested, wanted) => requested.toLowerCase() === plain(wanted).toLowerCase());
const like = text((requested, wanted) => matchesPattern(wanted, requested));
// ArnEquals and ArnLike behave alike: both take wildcards.
const arn: Test = { ...text((requested, wanted) => matchesArn(wanted, requested)), valid: isArnPattern };
const numberEquals = numeric((a, b) => a === b);
const dateEquals = date((a, b) => a === b);
const ip: Test = { fits: inBlock, valid: isBlock };

const TESTS: Readonly<Record<string, Test>> = {
  StringEquals: equals,
  StringNotEquals: not(equals),
  StringEqualsIgnoreCase: equalsIgnoreCase,
  StringNotEqualsIgnoreCase: not(equalsIgnoreCase),
  StringLike: like,
  StringNotLike: not(like),
  NumericEquals: numberEquals,
  NumericNotEquals: not(numberEquals),
  NumericLessThan: numeric((a, b) => a < b),
  NumericLessThanEquals: numeric((a, b) => a <= b),
  NumericGreaterThan: numeric((a, b) => a > b),
  NumericGreaterThanEquals: numeric((a, b) => a >= b),
  DateEquals: dateEquals,
  DateNotEquals: not(dateEquals),
  DateLessThan: date((a, b) => a < b),
  DateLessThanEquals: date((a, b) => a <= b),
  DateGreaterThan: date((a, b) => a > b),
  DateGreaterThanEquals: date((a, b) => a >= b),
  Bool: { fits: (requested, wanted) => requested.toLowerCase() === wanted.toLowerCase(), valid: isBoolean },
  ArnEquals: arn,
  ArnLike: arn,
  ArnNotEquals: not(arn),
  ArnNotLike: not(arn),
  IpAddress: ip,
  NotIpAddress: not(ip),
};

interface Operator {
  readonly test: Test | 'Null';
  readonly set: 'all' | 'any' | undefined;
  readonly ifExists: boolean;
}

/** Reads `ForAllValues:StringLikeIfExists`; undefined when there is no such operator. */
export function readOperator(written: string): Operator | undefined {
  const parts = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(written);
  const name = parts?.[2] ?? '';
  const set = parts?.[1] === undefined ? undefined : parts[1] === 'ForAllValues' ? 'all' : 'any';
  const ifExists = parts?.[3] !== undefined;
  if (name === 'Null') return set === undefined && !ifExists ? { test: 'Null', set, ifExists } : undefined;
  const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
  return test && { test, set, ifExists };
}

/** Whether a policy may write this value for this operator. */
export function acceptsValue({ test }: Operator, wanted: string): boolean {
  return test === 'Null' ? isBoolean(wanted) : (test.valid?.(wanted) ?? true);
}

export const takesVariables = ({ test }: Operator): boolean => test !== 'Null' && test.variables === true;

/** Every operator and every key of a Condition block must hold. */
export function conditionsHold(condition: PolicyStatement['Condition'], context: Context, variables: boolean): boolean {
  return Object.entries(condition ?? {}).every(([written, keys]) => {
    const operator = readOperator(written);
    if (!operator) return false;
    return Object.entries(keys).every(([key, value]) =>
      holds(operator, context.values(key), wantedOf(operator, value, context, variables)),
    );
  });
}

function wantedOf(operator: Operator, value: unknown, context: Context, variables: boolean): string[] {
  const written = (Array.isArray(value) ? value : [value]).map(String);
  if (!variables || !takesVariables(operator)) return written;
  return written.map((w) => expand(w, context)).filter((w) => w !== undefined);
}

function holds({ test, set, ifExists }: Operator, values: readonly string[] | undefined, wanted: readonly string[]): boolean {
  const absent = values === undefined || values.length === 0;
  if (test === 'Null') return wanted.some((w) => (w.toLowerCase() === 'true') === absent);
  if (absent) return set === 'all' || ifExists || (set === undefined && test.negated === true);
  const fits = (value: string): boolean => wanted.some((w) => test.fits(value, w)) !== (test.negated ?? false);
  // Without a set operator a negated test must hold for every value of the request.
  return set === 'all' || (set === undefined && test.negated) ? values.every(fits) : values.some(fits);
}

function isBlock(block: string): boolean {
  return /^[0-9a-f.:]+(\/\d{1,3})?$/i.test(block);
}

function inBlock(address: string, block: string): boolean {
  const family = block.includes(':') ? 'ipv6' : 'ipv4';
  const [network = '', prefix = family === 'ipv4' ? '32' : '128'] = block.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
