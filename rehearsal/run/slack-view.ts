// A Slack message as Slack draws it, as far as plain HTML goes: mrkdwn, the blocks, their buttons, and a form to press them with.
import { buttonsIn } from '../world/chat/block-reading.ts';
import { fieldsIn, isFields, textOf, type Fields } from '../world/chat/http.ts';
import { replaceLinks, unescape, type SlackFace } from '../world/chat/message.ts';
import { escape, link, time } from './html.ts';

export interface Reader {
  readonly id: string;
  readonly name: string;
}

export interface SlackView extends SlackFace {
  readonly at: string;
  readonly to: string;
  readonly blocks: unknown;
  /** The people who may press; with none of them the buttons are only drawn. */
  readonly pressers: readonly Reader[];
  nameOf(member: string): string;
}

/** The names of what the inbox's form posts. */
export const WORDS = 'words:';
export const buttonName = (block: string, action: string): string => `${encodeURIComponent(block)} ${encodeURIComponent(action)}`;
export const anchorOf = (conversation: string, ts: string): string => `m-${conversation}-${ts.replace('.', '-')}`;

const EMOJI: Readonly<Record<string, string>> = {
  white_check_mark: '✅',
  warning: '⚠️',
  rotating_light: '🚨',
  x: '❌',
  no_entry: '⛔',
  hourglass_flowing_sand: '⏳',
  information_source: 'ℹ️',
  eyes: '👀',
  bell: '🔔',
  lock: '🔒',
};
const withEmoji = (text: string): string => text.replace(/:([a-z_]+):/g, (all, name: string) => EMOJI[name] ?? all);

/** Stands for a piece that is done, so that no asterisk in it is read again; nobody types these characters. */
const [OPEN, SHUT] = ['\uE000', '\uE001'];
const EDGE = `[\\s()\\[\\]{}.,;:!?*_~"'&/–—-]|${OPEN}|${SHUT}`;
const between = (mark: string): RegExp => new RegExp(`(^|${EDGE})${mark}(?=\\S)([^\\n]*?\\S)${mark}(?=$|${EDGE})`, 'gm');
const [BOLD, ITALIC, STRUCK] = [between('\\*'), between('_'), between('~')];
const PIECE = new RegExp(`(${OPEN}\\d+${SHUT})`);
const CONTROL = /```\n?([\s\S]+?)```\n?|`([^`\n]+)`|<([^<>]+)>/g;

export function drawMrkdwn(text: string, nameOf: (member: string) => string, formats = true): string {
  const done: string[] = [];
  const put = (html: string): string => `${OPEN}${done.push(html) - 1}${SHUT}`;
  const controlled = text
    .replace(/[\uE000\uE001]/g, '')
    .replace(CONTROL, (all, block?: string, code?: string, inner?: string) => {
      if (inner !== undefined) return put(drawControl(inner, nameOf));
      if (!formats) return all;
      return put(block === undefined ? `<code>${escape(unescape(code ?? ''))}</code>` : `<pre>${escape(unescape(block))}</pre>`);
    });
  const linked = unescape(controlled)
    .split(PIECE)
    .map((part) => (part.startsWith(OPEN) ? part : replaceLinks(part, (found) => put(link(found, escape(found))))))
    .join('');
  const escaped = escape(formats ? withEmoji(linked) : linked);
  const html = formats
    ? escaped
        .replace(BOLD, '$1<b>$2</b>')
        .replace(ITALIC, '$1<i>$2</i>')
        .replace(STRUCK, '$1<s>$2</s>')
        .replace(/^&gt; ?(.*)$\n?/gm, '<q>$1</q>')
        .replace(/^(•|◦|\d+\.) (.*)$\n?/gm, '<span class="li"><span>$1</span><span>$2</span></span>')
    : escaped;
  return html.replace(new RegExp(`${OPEN}(\\d+)${SHUT}`, 'g'), (_all, index: string) => done[Number(index)] ?? '');
}

/** What stands between angle brackets: a link, a person, a channel, everybody. */
function drawControl(inner: string, nameOf: (member: string) => string): string {
  const bar = inner.indexOf('|');
  const [target, label] = bar < 0 ? [inner, undefined] : [inner.slice(0, bar), unescape(inner.slice(bar + 1))];
  const chip = (text: string, rings = ''): string => `<span class="at${rings}">${escape(text)}</span>`;
  if (target.startsWith('!date')) return escape(label ?? '');
  if (target.startsWith('!')) return chip(`@${label ?? target.slice(1).replace(/^subteam\^/, '')}`, ' all');
  if (target.startsWith('@')) return chip(`@${nameOf(target.slice(1))}`);
  if (target.startsWith('#')) return chip(`#${label ?? target.slice(1)}`);
  const address = unescape(target);
  return /^(https?|mailto):/.test(address) ? link(address, escape(label ?? address)) : escape(label ?? address);
}

export function drawSlack(view: SlackView): string {
  const { app, at, to, ts, conversation, deleted, pressers, readers, nameOf } = view;
  const name = `<p class="by"><b>${escape(app)}</b> <span class="app">APP</span> ${time(at, at.slice(11, 16))}</p>`;
  const only = /\(only .* sees it\)$/.test(to)
    ? `<p class="only">Only visible to ${readers.map((id) => escape(`@${nameOf(id)}`)).join(', ')}</p>`
    : '';
  const said = deleted ? '<p class="gone">This message was deleted.</p>' : drawContent(view);
  const pressable = !deleted && pressers.length > 0 && buttonsIn(fieldsIn(view.blocks)).some(({ element }) => isPressed(element));
  const body = pressable ? drawForm(said, view) : said;
  const face = `<span class="face" aria-hidden="true">${escape(app.slice(0, 1))}</span>`;
  return `<div class="post" id="${escape(anchorOf(conversation, ts))}">${face}<div class="said">${only}${name}${body}</div></div>`;
}

const isPressed = (button: Fields): boolean => button['url'] === undefined;

function drawContent({ blocks, markup, mrkdwn, marked: edited, nameOf, pressers }: SlackView): string {
  const list = fieldsIn(blocks);
  const note = edited ? ' <span class="edited">(edited)</span>' : '';
  if (list.length === 0) return `<div class="text">${drawMrkdwn(markup, nameOf, mrkdwn)}${note}</div>`;
  return list.map((block) => drawBlock(block, nameOf, pressers.length > 0)).join('\n');
}

function drawBlock(block: Fields, nameOf: (member: string) => string, pressable: boolean): string {
  const { type, text, fields, elements, accessory } = block;
  const draw = (value: unknown): string => drawText(value, nameOf);
  const button = (element: Fields): string => drawButton(textOf(block['block_id']), element, nameOf, pressable);
  switch (type) {
    case 'header':
      return `<h3>${draw(text)}</h3>`;
    case 'divider':
      return '<hr>';
    case 'context':
      return `<p class="context">${fieldsIn(elements)
        .map((element) => `<span>${draw(element)}</span>`)
        .join(' ')}</p>`;
    case 'actions':
      return `<div class="actions">${fieldsIn(elements).map(button).join(' ')}</div>`;
    case 'input':
      return drawInput(block, nameOf);
    default: {
      const words = text === undefined ? '' : `<div class="text">${draw(text)}</div>`;
      const cells = fieldsIn(fields).map((field) => `<div class="text">${draw(field)}</div>`);
      const grid = cells.length > 0 ? `<div class="fields">${cells.join('')}</div>` : '';
      const beside = fieldsIn([accessory]).map(button).join('');
      return `<div class="section"><div>${words}${grid}</div>${beside === '' ? '' : `<div class="beside">${beside}</div>`}</div>`;
    }
  }
}

const drawText = (value: unknown, nameOf: (member: string) => string): string => {
  if (!isFields(value)) return '';
  const text = textOf(value['text']);
  return value['type'] === 'mrkdwn' ? drawMrkdwn(text, nameOf) : escape(withEmoji(text));
};

function drawButton(block: string, element: Fields, nameOf: (member: string) => string, pressable: boolean): string {
  const { text, url, style, confirm, action_id: action } = element;
  const look = `button ${textOf(style)}`.trim();
  const words = drawText(text, nameOf);
  if (url !== undefined) return `<a class="${look}" href="${escape(textOf(url))}" rel="noreferrer">${words}</a>`;
  if (!pressable) return `<span class="${look}">${words}</span>`;
  const press = (said: string, as: string): string =>
    `<button class="${as}" name="button" value="${escape(buttonName(block, textOf(action)))}">${said}</button>`;
  if (!isFields(confirm)) return press(words, look);
  const how = textOf(confirm['style']) === 'danger' ? 'danger' : 'primary';
  const ask = `<b>${drawText(confirm['title'], nameOf)}</b><div class="text">${drawText(confirm['text'], nameOf)}</div>`;
  const deny = `<span class="deny">${drawText(confirm['deny'], nameOf)}: press ${words} again</span>`;
  return `<details class="confirm"><summary class="${look}">${words}</summary><div>${ask}<p>${press(drawText(confirm['confirm'], nameOf), `button ${how}`)} ${deny}</p></div></details>`;
}

function drawInput({ label, element, hint, optional }: Fields, nameOf: (member: string) => string): string {
  if (!isFields(element)) return '';
  const { action_id: action, max_length: most = 3000, placeholder, multiline, initial_value: first } = element;
  const hinted = isFields(placeholder) ? ` placeholder="${escape(textOf(placeholder['text']))}"` : '';
  const common = `name="${escape(`${WORDS}${textOf(action)}`)}" maxlength="${Number(most)}"${hinted}`;
  const value = escape(textOf(first));
  const field =
    multiline === true ? `<textarea rows="3" ${common}>${value}</textarea>` : `<input type="text" ${common} value="${value}">`;
  const said = `${drawText(label, nameOf)}${optional === true ? ' <span>(optional)</span>' : ''}`;
  return `<label class="input"><b>${said}</b>${field}${hint === undefined ? '' : `<small>${drawText(hint, nameOf)}</small>`}</label>`;
}

/** A button that submits must be pressed itself: the first one is switched off, so that Enter in an input presses nothing. */
function drawForm(said: string, { conversation, ts, pressers }: SlackView): string {
  const hidden = `<input type="hidden" name="conversation" value="${escape(conversation)}"><input type="hidden" name="ts" value="${escape(ts)}">`;
  const people = pressers.map(({ id, name }) => `<option value="${escape(id)}">${escape(name)}</option>`).join('');
  const who = `<p class="who"><label>In the rehearsal pressed by <select name="member">${people}</select></label></p>`;
  return `<form method="post" action="/press"><button disabled hidden></button>${hidden}${said}${who}</form>`;
}
