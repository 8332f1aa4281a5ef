// HTML of the rehearsal's own pages: whatever came from elsewhere is text.
import { linksOf } from '../world/chat/message.ts';

export const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

export const link = (address: string, html: string): string => `<a href="${escape(address)}" rel="noreferrer">${html}</a>`;

/** Text with its links as links; everything else is text, whatever it looks like. */
export function renderText(text: string): string {
  let html = '';
  let from = 0;
  for (const found of linksOf(text)) {
    const at = text.indexOf(found, from);
    html += `${escape(text.slice(from, at))}${link(found, escape(found))}`;
    from = at + found.length;
  }
  return html + escape(text.slice(from));
}

/** `2026-01-15T03:12:04.000Z` as people say it. */
export const sayInstant = (at: string): string => at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
export const time = (at: string, said = sayInstant(at)): string => `<time datetime="${escape(at)}">${escape(said)}</time>`;
