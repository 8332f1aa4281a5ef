// A plan for people: what would be lost, what would change, the limits, the facts with their ages. The approval page and the
// report show the same.
import type { Change, Fact, Limit, Loss, Plan } from '../runbooks/plan.ts';
import { ago, escape, section } from './html.ts';

export function lossOf(loss: Loss, title = 'What would be lost'): string {
  const rows = loss.tables
    .filter(({ rows: count }) => count > 0)
    .map(({ table, rows: count, by }) => `<tr><td>${escape(table)}</td><td>${count}</td><td>${HOW[by]}</td></tr>`);
  const table = rows.length === 0 ? '' : `<table><tr><th>Table</th><th>Rows</th><th>Told by</th></tr>${rows.join('')}</table>`;
  return section(title, `<p class="big">${escape(loss.says)}</p>${table}`);
}
const HOW = { key: 'counted', count: 'difference of counts', rate: 'estimated by the last rate' } as const;

const change = ({ act, says, target, before, after }: Change): string =>
  `<li><b>${escape(says)}</b><br><span class="soft">${escape(act)} · ${escape(target)}</span>` +
  `<div class="diff"><del>${escape(before)}</del><ins>${escape(after)}</ins></div></li>`;

export interface ChangesWords {
  readonly title: string;
  /** How it is said of a step that has no part in it. */
  readonly left: string;
}
const AHEAD: ChangesWords = { title: 'What will change, in this order', left: 'is left out' };

export function changesOf({ changes, skipped, predictedSeconds, costUsd }: Plan, words = AHEAD): string {
  const left = skipped.map(
    ({ act, why }) => `<li><b>${escape(act)} ${words.left}</b><br><span class="soft">${escape(why)}</span></li>`,
  );
  const none = changes.length + left.length === 0 ? '<p>Nothing.</p>' : '';
  return section(
    words.title,
    `${none}<ol>${changes.map(change).join('')}${left.join('')}</ol>` +
      `<p class="soft">Predicted: ${predictedSeconds} s of work after the answer, $${costUsd.toFixed(4)}.</p>`,
  );
}

export function limitsOf(limits: readonly Limit[]): string {
  if (limits.length === 0) return '';
  const order = { exceeded: 0, overridden: 1, kept: 2 } as const;
  const rows = [...limits]
    .sort((one, other) => order[one.verdict] - order[other.verdict])
    .map(({ name, verdict, observed, expected, unjudged }) => {
      const word = unjudged === true ? 'not judged' : verdict === 'kept' ? 'kept' : verdict.toUpperCase();
      return `<tr class="${verdict}"><td>${escape(name)}<br><b>${word}</b></td><td>${escape(observed)}<br><span class="soft">limit: ${escape(expected)}</span></td></tr>`;
    });
  return section('Limits', `<table>${rows.join('')}</table>`);
}

export function factsOf(known: readonly Fact[], now: Date): string {
  if (known.length === 0) return '';
  const rows = known.map(
    ({ name, value, source, readAt }) =>
      `<tr><td>${escape(name)}</td><td>${escape(value)}<br><span class="soft">${escape(source)}, read ${ago(readAt, now)}</span></td></tr>`,
  );
  return section('Facts it rests on', `<table>${rows.join('')}</table>`);
}
