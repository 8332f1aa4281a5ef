// HTML as text, with every value escaped.

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escape = (text: string): string => text.replace(/[&<>"']/g, (c) => ESCAPES[c] ?? c);

export const STYLE = `
:root{color-scheme:light dark;--ink:#16202c;--soft:#5b6b7d;--paper:#f6f7f9;--card:#fff;--line:#d8dee6;--go:#0b6b3a;--good:#0b6b3a;--stop:#a4262c;--wait:#b7791f}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf3;--soft:#9fb0c3;--paper:#10161d;--card:#18212b;--line:#2c3947;--go:#1f7a4a;--good:#5cc690;--stop:#f0757b;--wait:#d69e2e}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:38rem;margin:0 auto;padding:1.25rem}h1{font-size:1.45rem;line-height:1.25;margin:.5rem 0 1rem}
section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem 1.1rem;margin:0 0 1rem}
dl{margin:0;display:grid;grid-template-columns:fit-content(40%) 1fr;gap:.35rem 1rem}dt{color:var(--soft)}dd{margin:0}
label{display:block;color:var(--soft);margin-bottom:.35rem}textarea,input{width:100%;font:inherit;color:inherit;background:transparent;border:1px solid var(--soft);border-radius:.5rem;padding:.5rem}textarea{min-height:3.25rem}
.buttons{display:grid;grid-template-columns:1fr 1fr;gap:1.25rem;margin-top:1rem}button{font:inherit;font-weight:600;min-height:3.25rem;border-radius:.6rem;border:2px solid var(--go);background:var(--go);color:#fff}
button:focus-visible,textarea:focus-visible,input:focus-visible,a:focus-visible{outline:3px solid var(--wait);outline-offset:2px}button.stop{background:transparent;color:var(--stop);border-color:var(--stop)}p.note{color:var(--soft);font-size:.95rem}
h2{font-size:1.05rem;margin:0 0 .6rem}.soft{color:var(--soft);font-size:.9rem}.big{font-size:1.1rem;margin:.2rem 0 .6rem}
ol,ul{margin:0;padding-left:1.3rem}li{margin:0 0 .8rem}table{width:100%;border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-top:1px solid var(--line)}td:first-child{width:38%}td b{font-size:.82rem}th{color:var(--soft);font-weight:400;border:0;white-space:nowrap}
.diff{margin-top:.3rem;font:.9rem/1.45 ui-monospace,monospace}.diff del,.diff ins{display:block;text-decoration:none;padding:.1rem .5rem;border-left:3px solid}.diff del{border-color:var(--stop)}.diff ins{border-color:var(--go)}.diff del::before{content:"− "}.diff ins::before{content:"+ "}
.alarm{border:3px solid var(--stop);font-weight:700}.alarm p{margin:.3rem 0}tr.exceeded b,tr.overridden b{color:var(--stop)}
.bar{display:block;width:100%;height:.7rem;background:var(--paper);border-radius:.25rem}.bar rect{fill:var(--go)}.bar rect.person{fill:var(--wait)}
.timeline td:first-child{white-space:nowrap;width:1%}h1.red{color:var(--stop)}h1.green{color:var(--good)}tr.left b{color:var(--stop)}section section{border:0;padding:0;margin:0}
`.trim();

/** Looked at again by itself, without a script. */
export interface Again {
  readonly seconds: number;
  readonly at: string;
}
const again = ({ seconds, at }: Again): string => `<meta http-equiv="refresh" content="${seconds};url=${escape(at)}">`;

export const page = (title: string, body: string, refresh?: Again): string =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
  `<meta name="robots" content="noindex">${refresh ? again(refresh) : ''}<title>${escape(title)}</title><style>${STYLE}</style></head>` +
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
  readonly says: string;
  readonly from: string;
  readonly to: string;
  /** A person was waited for. */
  readonly person: boolean;
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
  const percent = (milliseconds: number): string => ((milliseconds / whole) * 100).toFixed(2);
  const bars = spans.map(({ name, says, from, to, person }) => {
    const width = Math.max(at(to) - at(from), whole / 200);
    const x = percent(Math.min(at(from) - start, whole - width));
    // A drawing, because the page's policy allows no style on an element.
    const bar =
      `<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="${escape(name)}">` +
      `<rect x="${x}" y="0" width="${percent(width)}" height="4"${person ? ' class="person"' : ''}/></svg>`;
    return `<tr><td>${escape(name)}</td><td>${bar}<span class="soft">${duration(at(to) - at(from))}${person ? ' for a person' : ''} · ${escape(says)}</span></td></tr>`;
  });
  return `<table class="timeline">${bars.join('')}</table>`;
}
