// The part of metric math that is plain arithmetic: ids, numbers, + - * / and parentheses. Functions are refused by name.
import { notImitated, validation } from './failures.ts';

export type Formula =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'operation'; readonly operator: '+' | '-' | '*' | '/'; readonly left: Formula; readonly right: Formula };

export function parseExpression(text: string): Formula {
  if (/^\s*(SELECT|SEARCH)\b/i.test(text)) throw notImitated(`metric math: ${text.trim().slice(0, 6).toUpperCase()}`);
  const tokens = text.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|\S/g) ?? [];
  let place = 0;
  const next = (): string | undefined => tokens[place];
  const wrong = (): Error => validation(`Error in expression '${text}': unexpected ${next() ?? 'end'}`);

  const operations = (operators: readonly string[], part: () => Formula): Formula => {
    let left = part();
    for (let operator = next(); operator !== undefined && operators.includes(operator); operator = next()) {
      place++;
      left = { kind: 'operation', operator: operator as '+', left, right: part() };
    }
    return left;
  };
  const sum = (): Formula => operations(['+', '-'], product);
  const product = (): Formula => operations(['*', '/'], atom);

  function atom(): Formula {
    const token = next();
    place++;
    if (token === undefined) throw wrong();
    if (token === '(') return closed(sum());
    if (token === '-') return { kind: 'operation', operator: '-', left: { kind: 'number', value: 0 }, right: atom() };
    if (/^\d/.test(token)) return { kind: 'number', value: Number(token) };
    if (!/^\w/.test(token)) throw wrong();
    if (next() === '(') throw notImitated(`the metric math function ${token}`);
    return { kind: 'id', id: token };
  }

  function closed(inner: Formula): Formula {
    if (next() !== ')') throw wrong();
    place++;
    return inner;
  }

  const formula = sum();
  if (place < tokens.length) throw wrong();
  return formula;
}

export function idsIn(formula: Formula): string[] {
  if (formula.kind === 'id') return [formula.id];
  return formula.kind === 'number' ? [] : [...idsIn(formula.left), ...idsIn(formula.right)];
}

/** Undefined where one of the series has no datapoint, or a division is by zero: such a point is not returned. */
export function calculate(formula: Formula, valueOf: (id: string) => number | undefined): number | undefined {
  if (formula.kind === 'number') return formula.value;
  if (formula.kind === 'id') return valueOf(formula.id);
  const left = calculate(formula.left, valueOf);
  const right = calculate(formula.right, valueOf);
  if (left === undefined || right === undefined) return undefined;
  if (formula.operator === '+') return left + right;
  if (formula.operator === '-') return left - right;
  if (formula.operator === '*') return left * right;
  return right === 0 ? undefined : left / right;
}
