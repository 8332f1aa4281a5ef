// An announcement as Slack's blocks. Everything that people wrote is plain text, so that it can neither ping nor look like our words.
import type { Announcement, Button } from '../ports.ts';
import { WORDS } from '../../runbooks/slack-press.ts';
import { clip } from './words.ts';

const LONGEST_TITLE = 150;
const LONGEST_SECTION = 2_900;
const MOST_SECTIONS = 8;
const LONGEST_WORDS = 500;
const LONGEST_QUESTION = 300;

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });

/** A line that begins something else, so that a telephone shows no wall of words. */
const BEGINS = /^(Why|What will change|Predicted|The world moved since the last request): ?/;

/** Lines as few sections as they fit into; what is cut says so. */
function sectionsOf(lines: readonly string[]): object[] {
  const sections: string[] = [];
  for (const line of lines.map((one) => clip(one, LONGEST_SECTION))) {
    const last = sections.at(-1);
    if (last !== undefined && !BEGINS.test(line) && last.length + line.length < LONGEST_SECTION)
      sections[sections.length - 1] = `${last}\n${line}`;
    else sections.push(line);
  }
  const kept = sections.slice(0, MOST_SECTIONS);
  const cut = sections.length > MOST_SECTIONS ? ['… the rest is on the page and in the ledger'] : [];
  return [...kept, ...cut].filter((text) => text.trim() !== '').map((text) => ({ type: 'section', text: plain(text) }));
}

type Asks = NonNullable<Announcement['asks']>;

const LABELS = { approve: 'Approve', refuse: 'Refuse', stop: 'Stop' } as const satisfies Record<Button, string>;

function buttonOf(button: Button, { approval, before = 'Approve what is shown above?' }: Asks): object {
  const own = { type: 'button', action_id: button, text: plain(LABELS[button]), value: approval };
  if (button !== 'approve') return { ...own, style: 'danger' };
  // A thumb that slips decides nothing.
  const question = clip(before, LONGEST_QUESTION);
  const confirm = { title: plain('Approve?'), text: plain(question), confirm: plain('Approve'), deny: plain('Not yet') };
  return { ...own, style: 'primary', confirm };
}

const words = {
  type: 'input',
  block_id: 'words',
  optional: true,
  label: plain('A word with your answer; a refusal needs one'),
  element: { type: 'plain_text_input', action_id: WORDS, max_length: LONGEST_WORDS },
};

/** A label without width: a person sees nothing, and a program that opens what it is sent opens it. */
const decoy = (url: string) => ({ type: 'context', elements: [{ type: 'mrkdwn', text: `<${url}|\u200b>` }] });

const pressable = (asks: Asks): object[] => [
  ...(asks.buttons.includes('approve') ? [words] : []),
  { type: 'actions', block_id: 'answer', elements: asks.buttons.map((button) => buttonOf(button, asks)) },
];

export function blocksOf({ title, lines, asks, decoys }: Announcement, hasButtons: boolean): object[] {
  return [
    { type: 'header', text: plain(clip(title, LONGEST_TITLE)) },
    ...sectionsOf(lines),
    ...(hasButtons && asks ? pressable(asks) : []),
    ...(decoys?.['Slack'] === undefined ? [] : [decoy(decoys['Slack'])]),
  ];
}
