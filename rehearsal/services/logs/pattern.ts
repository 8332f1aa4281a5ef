// The part of the filter pattern language that is imitated: terms, and comparisons of JSON fields.
import { invalid, notImitated } from './refusals.ts';

export type Matches = (message: string) => boolean;

const COMPARISON =
  /^\$\.?((?:[A-Za-z_][\w-]*|\[\d+\])(?:\.[A-Za-z_][\w-]*|\[\d+\])*)\s*(=|!=|<=|>=|<|>)\s*(?:"([^"]*)"|([^\s"&|(){}]+))$/;

/** Every term must be in the message; `?a ?b` wants any of them, `-a` none; `{ $.level = "ERROR" }` reads JSON. */
export function readPattern(pattern: string | undefined): Matches {
  const text = (pattern ?? '').trim();
  if (text === '') return () => true;
  if (text.startsWith('{')) return readJson(text);
  if (text.startsWith('[')) throw notImitated('filter patterns of space-delimited fields ([…])');
  if (text.startsWith('%')) throw notImitated('filter patterns with regular expressions (%…%)');
  return readTerms(text);
}

function readTerms(text: string): Matches {
  const terms = text.match(/[?-]?"[^"]*"|\S+/g) ?? [];
  const plain = (term: string): string => term.replace(/^"(.*)"$/, '$1');
  const any = terms.filter((term) => term.startsWith('?')).map((term) => plain(term.slice(1)));
  const none = terms.filter((term) => term.startsWith('-')).map((term) => plain(term.slice(1)));
  const all = terms.filter((term) => !/^[?-]/.test(term)).map(plain);
  if (all.some((term) => /[^A-Za-z0-9_]/.test(term) && !text.includes(`"${term}"`))) {
    throw invalid('Invalid filter pattern');
  }
  return (message) =>
    all.every((term) => message.includes(term)) &&
    none.every((term) => !message.includes(term)) &&
    (any.length === 0 || any.some((term) => message.includes(term)));
}

function readJson(text: string): Matches {
  const inner = /^\{(.*)\}$/s.exec(text)?.[1]?.trim();
  if (inner === undefined) throw invalid('Invalid filter pattern');
  const alternatives = inner.split('||').map((part) => part.split('&&').map((one) => readComparison(one.trim())));
  return (message) => {
    const value = parsed(message);
    return value !== undefined && alternatives.some((all) => all.every((holds) => holds(value)));
  };
}

function readComparison(text: string): (value: unknown) => boolean {
  const bare = text.replace(/^\((.*)\)$/s, '$1').trim();
  const match = COMPARISON.exec(bare);
  if (!match) {
    throw notImitated(`the filter pattern { ${text} }; it compares fields with a string or a number: { $.a = "b" && $.c > 3 }`);
  }
  const [, path = '', operator = '=', quoted, word] = match;
  const wanted = quoted ?? word ?? '';
  if (quoted === undefined && !/^-?\d+(\.\d+)?$/.test(wanted) && !/^[\w*.-]+$/.test(wanted))
    throw invalid('Invalid filter pattern');
  return (value) => compare(fieldOf(value, path), operator, wanted, quoted !== undefined);
}

function compare(found: unknown, operator: string, wanted: string, isText: boolean): boolean {
  if (typeof found !== 'string' && typeof found !== 'number' && typeof found !== 'boolean') return false;
  const number = Number(wanted);
  if (!isText && typeof found === 'number' && Number.isFinite(number)) {
    const results: Record<string, boolean> = {
      '=': found === number,
      '!=': found !== number,
      '<': found < number,
      '>': found > number,
      '<=': found <= number,
      '>=': found >= number,
    };
    return results[operator] ?? false;
  }
  const expression = new RegExp(`^${wanted.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 's');
  const equal = expression.test(String(found));
  return operator === '=' ? equal : operator === '!=' && !equal;
}

function fieldOf(value: unknown, path: string): unknown {
  return path
    .split(/\.|(?=\[)/)
    .map((key) => key.replace(/^\[(\d+)\]$/, '$1'))
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
      value,
    );
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message) as unknown;
  } catch {
    return undefined;
  }
}
