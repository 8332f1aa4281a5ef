// The same words for services that each read some characters as commands: what people wrote can neither ping nor pretend.

/** Without the bar, after which Slack would read another name for the link. */
const URL_IN_TEXT = /https?:\/\/[^\s<>|`"()[\]]+/g;

/** Slack reads three characters as commands; everything else is left alone where `mrkdwn` is off. A URL in brackets is a link. */
export const forSlack = (text: string): string => aroundLinks(text, escapeSlack, (url) => `<${escapeSlack(url)}>`);

const escapeSlack = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Discord takes a backslash before everything that would be markup or a mention. A URL in brackets shows no preview. */
export const forDiscord = (text: string): string =>
  aroundLinks(
    text,
    (part) => part.replace(/[\\*_~`|>#[\]()<@:+-]/g, '\\$&'),
    (url) => `<${url}>`,
  );

function aroundLinks(text: string, escape: (part: string) => string, link: (url: string) => string): string {
  const urls = text.match(URL_IN_TEXT) ?? [];
  return text
    .split(URL_IN_TEXT)
    .map((part, i) => `${escape(part)}${urls[i] === undefined ? '' : link(urls[i])}`)
    .join('');
}

/** No longer than a service takes; that something is missing is said. Cut before escaping, so that no escape is cut in two. */
export const clip = (text: string, mostCharacters: number): string =>
  text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;

/** A mail's subject as SNS takes it: ASCII, one line, under a hundred characters, beginning with a letter or digit. */
export const subjectOf = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[–—]/g, '-')
    .replace(/[^\x20-\x7e\s]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 99)
    .trim();
