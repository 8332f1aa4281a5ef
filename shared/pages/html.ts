// HTML as text, with every value escaped.

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escape = (text: string): string => text.replace(/[&<>"']/g, (c) => ESCAPES[c] ?? c);

export const STYLE = `
:root{color-scheme:light dark;--ink:#16202c;--soft:#5b6b7d;--paper:#f6f7f9;--card:#fff;--line:#d8dee6;--go:#0b6b3a;--stop:#a4262c}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf3;--soft:#9fb0c3;--paper:#10161d;--card:#18212b;--line:#2c3947;--go:#2f9e63;--stop:#e0565d}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.5 system-ui,sans-serif}
main{max-width:38rem;margin:0 auto;padding:1.25rem}h1{font-size:1.45rem;line-height:1.25;margin:.5rem 0 1rem}
section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem 1.1rem;margin:0 0 1rem}
dl{margin:0;display:grid;grid-template-columns:auto 1fr;gap:.35rem 1rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
label{display:block;color:var(--soft);margin-bottom:.35rem}textarea{width:100%;min-height:4.5rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:.5rem;padding:.5rem}
.buttons{display:grid;gap:.75rem;margin-top:1rem}button{font:inherit;font-weight:600;min-height:3.25rem;border-radius:.6rem;border:2px solid var(--go);background:var(--go);color:#fff}
button.stop{background:transparent;color:var(--stop);border-color:var(--stop)}p.note{color:var(--soft);font-size:.95rem}
h2{font-size:1.05rem;margin:0 0 .6rem}.soft{color:var(--soft);font-size:.9rem}.big{font-size:1.1rem;margin:.2rem 0 .6rem}
ol,ul{margin:0;padding-left:1.3rem}li{margin:0 0 .8rem}table{width:100%;border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}th{color:var(--soft);font-weight:400;border:0}
.diff{margin-top:.3rem;font:.9rem/1.45 ui-monospace,monospace;overflow-wrap:anywhere}.diff del,.diff ins{display:block;text-decoration:none;padding:.1rem .5rem;border-left:3px solid}.diff del{border-color:var(--stop)}.diff ins{border-color:var(--go)}
.alarm{border:3px solid var(--stop);font-weight:700}.alarm p{margin:.3rem 0}tr.exceeded b,tr.overridden b{color:var(--stop)}
.bar{display:block;background:var(--paper);border-radius:.25rem;overflow:hidden}.bar i{display:block;height:.7rem;border-radius:.25rem;background:var(--go)}
`.trim();

export const page = (title: string, body: string): string =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
  `<meta name="robots" content="noindex"><title>${escape(title)}</title><style>${STYLE}</style></head>` +
  `<body><main>${body}</main></body></html>\n`;

export const facts = (rows: readonly (readonly [string, string])[]): string =>
  `<section><dl>${rows.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('')}</dl></section>`;

/** `2026-01-15 03:12:07 UTC`: milliseconds help nobody who is asked something at night. */
export const instant = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;

export const section = (title: string, body: string): string => `<section><h2>${escape(title)}</h2>${body}</section>`;

/** `4 m 10 s ago`, as seen from `now`. */
export const ago = (iso: string, now: Date): string => {
  const milliseconds = now.getTime() - Date.parse(iso);
  return milliseconds < 1000 ? 'just now' : `${duration(milliseconds)} ago`;
};

export interface Span {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export const duration = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`;
};

/** Who waited on whom: one bar a span, on one scale. */
export function timeline(spans: readonly Span[]): string {
  const at = (iso: string): number => Date.parse(iso);
  const start = Math.min(...spans.map(({ from }) => at(from)));
  const whole = Math.max(1, Math.max(...spans.map(({ to }) => at(to))) - start);
  const percent = (milliseconds: number): string => `${((milliseconds / whole) * 100).toFixed(2)}%`;
  const bars = spans.map(({ name, from, to }) => {
    const width = Math.max(at(to) - at(from), whole / 200);
    const bar = `<i style="margin-left:${percent(Math.min(at(from) - start, whole - width))};width:${percent(width)}"></i>`;
    return `<dt>${escape(name)}</dt><dd><span class="bar">${bar}</span>${duration(at(to) - at(from))}</dd>`;
  });
  return `<section><dl>${bars.join('')}</dl></section>`;
}
