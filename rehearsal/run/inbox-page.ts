// The inbox as a page: each message as its channel would show it, newest first. Plain HTML, no script, nothing from elsewhere.
import { createHash } from 'node:crypto';
import { escape, renderText, sayInstant, time } from './html.ts';
import type { Mail } from './inbox.ts';
import { drawSlack, type Reader } from './slack-view.ts';

const STYLE = `:root{color-scheme:light dark;--paper:light-dark(#fff,#1a1d21);--ink:light-dark(#1d1c1d,#e3e4e5);--soft:light-dark(#5f5e60,#a7a9ac);--line:light-dark(#dddbdd,#3c4045);--blue:light-dark(#1264a3,#5fb4f5)}
*{box-sizing:border-box}
body{font:16px/1.46 Lato,"Helvetica Neue",Helvetica,"Segoe UI",system-ui,sans-serif;color:var(--ink);background:light-dark(#f4f4f5,#111315);max-width:48rem;margin:0 auto;padding:1rem .75rem 3rem}
h1{font-size:1.25rem;margin:.2rem 0 1rem}
a{color:var(--blue);overflow-wrap:anywhere}
p,pre,h2,h3,dl,dd{margin:0}
article{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;margin:0 0 1rem;overflow:hidden}
.where{display:flex;flex-wrap:wrap;gap:.1rem .6rem;align-items:baseline;padding:.45rem .8rem;border-bottom:1px solid var(--line);font-size:.85rem;color:var(--soft)}
.where b{color:var(--ink)}
.where time{margin-left:auto}
.note{border:1px solid #e01e5a;border-left-width:.4rem;border-radius:.4rem;background:var(--paper);padding:.6rem .8rem;margin:0 0 1rem;overflow-wrap:anywhere}
.post{display:flex;gap:.55rem;padding:.75rem .8rem .9rem}
.post:target{background:light-dark(#fdf6dc,#2c2a1e)}
.face{flex:none;width:2.25rem;height:2.25rem;border-radius:.5rem;background:#4a154b;color:#fff;font-weight:900;display:grid;place-items:center}
.said{min-width:0;flex:1;overflow-wrap:anywhere}
.by{display:flex;flex-wrap:wrap;gap:0 .4rem;align-items:baseline}
.by b{font-weight:900}
.by time,.edited,.only,.gone{font-weight:400;color:var(--soft);font-size:.8rem}
.gone{font-style:italic;font-size:1rem}
.app{font-size:.62rem;font-weight:700;letter-spacing:.02em;padding:.05rem .25rem;border-radius:.2rem;background:light-dark(#e8e8e8,#35383c);color:var(--soft)}
.text{white-space:pre-wrap}
.slack h3{font-size:1.15rem;font-weight:900;line-height:1.3;margin:.35rem 0 .25rem}
.slack b{font-weight:900}
.slack hr{border:0;border-top:1px solid var(--line);margin:.8rem 0}
.section{margin:.35rem 0}
.beside{margin:.4rem 0 0}
.fields{display:grid;gap:.5rem 1rem;margin:.4rem 0 .2rem}
.context{font-size:.8rem;line-height:1.4;color:var(--soft);margin:.4rem 0;display:flex;flex-wrap:wrap;gap:.1rem .6rem}
.context b{color:inherit}
.li{display:flex;gap:.5rem}
.li>span:first-child{flex:none}
.at{background:light-dark(#e8f2fb,#17324a);color:var(--blue);border-radius:.2rem;padding:0 .15rem}
.at.all{background:light-dark(#fbefc6,#4a3c10);color:light-dark(#7a4b00,#f2c744)}
q{quotes:none;display:block;border-left:.25rem solid var(--line);padding-left:.6rem}
code{font:.8em/1.5 ui-monospace,Menlo,Consolas,monospace;color:light-dark(#c01343,#e8912d);background:light-dark(#f6f6f7,#232629);border:1px solid var(--line);border-radius:.2rem;padding:.1rem .2rem}
.slack pre{font:.8em/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;background:light-dark(#f6f6f7,#232629);border:1px solid var(--line);border-radius:.25rem;padding:.5rem;margin:.25rem 0}
.actions{display:flex;flex-wrap:wrap;gap:.5rem;margin:.6rem 0 .2rem;align-items:flex-start}
.button{display:inline-flex;align-items:center;font-family:inherit;font-weight:700;font-size:.9rem;line-height:1.2;text-decoration:none;color:var(--ink);background:var(--paper);border:1px solid light-dark(#1d1c1d4d,#e8e8e84d);border-radius:.5rem;padding:.4rem .85rem;cursor:pointer;min-height:2.5rem}
.button.primary{background:#007a5a;border-color:#007a5a;color:#fff}
.button.danger{background:#d01a50;border-color:#d01a50;color:#fff}
.button:hover{filter:brightness(.94)}
.button:focus-visible,input:focus-visible,textarea:focus-visible,select:focus-visible{outline:3px solid light-dark(#1d9bd1,#5fb4f5);outline-offset:1px}
span.button{cursor:default;opacity:.75}
.confirm summary{list-style:none}
.confirm summary::-webkit-details-marker{display:none}
.confirm[open]{flex:1 0 100%}
.confirm>div{border:1px solid var(--line);border-radius:.5rem;padding:.7rem .8rem;margin:.5rem 0 0}
.confirm p{margin:.6rem 0 0}
.deny{display:block;font-size:.85rem;color:var(--soft);margin:.4rem 0 0}
.input{display:block;margin:.7rem 0}
.input b{display:block;font-size:.9rem;margin:0 0 .25rem}
.input b span{font-weight:400;color:var(--soft)}
.input small{display:block;color:var(--soft);margin:.2rem 0 0}
input[type=text],textarea,select{font:inherit;color:inherit;background:var(--paper);border:1px solid light-dark(#868686,#797c80);border-radius:.3rem;padding:.5rem .6rem}
input[type=text],textarea{width:100%}
select{padding:.3rem .4rem}
.who{font-size:.85rem;color:var(--soft);border-top:1px dashed var(--line);margin:.8rem 0 0;padding:.6rem 0 0}
.discord{--paper:light-dark(#fff,#313338);--ink:light-dark(#313338,#dbdee1)}
.discord .face{border-radius:50%;background:#5865f2}
.discord .app{background:#5865f2;color:#fff}
.discord .by b{font-weight:600}
.mail dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .8rem;padding:.7rem .8rem;border-bottom:1px solid var(--line);font-size:.9rem}
.mail dt{color:var(--soft)}
.mail dd{overflow-wrap:anywhere}
.mail dd.subject{font-weight:700}
.mail pre,.webhook pre{font:.82rem/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;padding:.8rem}
@media (min-width:34rem){body{padding:1.5rem 1rem 4rem}.section{display:flex;gap:1rem;justify-content:space-between}.section>div:first-child{flex:1;min-width:0}.beside{margin:0}.fields{grid-template-columns:1fr 1fr}}`;

/** The page may use this style and nothing else; forms go nowhere but back. */
export const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

export interface Page {
  /** The people of the Slack workspace; with none nothing can be pressed. */
  readonly people: readonly Reader[];
  /** What is to be told about a press, in one line. */
  readonly note?: string | undefined;
}

const where = ({ channel, to, at }: Mail): string =>
  `<p class="where"><b>${escape(channel)}</b><span>${escape(to)}</span>${time(at)}</p>`;

function renderSlack(mail: Mail, first: Mail, people: readonly Reader[]): string {
  const { slack, blocks, to } = mail;
  if (slack === undefined) return renderMail(mail);
  const pressers = people.filter(({ id }) => slack.readers.includes(id));
  const nameOf = (member: string): string => people.find(({ id }) => id === member)?.name ?? member;
  const face = drawSlack({ ...slack, at: first.at, to, blocks, pressers, nameOf });
  return `<article class="slack">${where({ ...mail, at: first.at })}${face}</article>`;
}

function renderDiscord(mail: Mail): string {
  const { at, words } = mail;
  const by = `<p class="by"><b>Changeover</b> <span class="app">APP</span> ${time(at, at.slice(11, 16))}</p>`;
  const said = `<div class="said">${by}<div class="text">${renderText(words)}</div></div>`;
  return `<article class="discord">${where(mail)}<div class="post"><span class="face" aria-hidden="true">C</span>${said}</div></article>`;
}

const renderWebhook = (mail: Mail): string =>
  `<article class="webhook">${where(mail)}<pre>POST ${escape(mail.to)}\n\n${renderText(mail.words)}</pre></article>`;

function renderMail(mail: Mail): string {
  const { from, to, at, subject, words } = mail;
  const line = (name: string, value: string, as = ''): string => `<dt>${name}</dt><dd${as}>${escape(value)}</dd>`;
  const head = `${line('From', from)}${line('To', to)}${line('Date', sayInstant(at))}${line('Subject', subject, ' class="subject"')}`;
  return `<article class="mail">${where(mail)}<dl>${head}</dl><pre>${renderText(words)}</pre></article>`;
}

/** A Slack message stands once, where it was posted, as it is now; what replaced it is not a message of its own. */
function renderAll(mails: readonly Mail[], people: readonly Reader[]): string[] {
  const keyOf = ({ slack }: Mail): string => (slack ? `${slack.conversation} ${slack.ts}` : '');
  const newest = new Map<string, Mail>();
  const oldest = new Map<string, Mail>();
  for (const mail of mails) {
    if (!mail.slack) continue;
    if (!newest.has(keyOf(mail))) newest.set(keyOf(mail), mail);
    oldest.set(keyOf(mail), mail);
  }
  return mails.flatMap((mail) => {
    if (mail.slack) return oldest.get(keyOf(mail)) === mail ? [renderSlack(newest.get(keyOf(mail)) ?? mail, mail, people)] : [];
    if (mail.channel === 'Discord') return [renderDiscord(mail)];
    return [mail.channel === 'webhook' ? renderWebhook(mail) : renderMail(mail)];
  });
}

export function renderInbox(mails: readonly Mail[], { people, note }: Page): string {
  const body = mails.length > 0 ? renderAll(mails, people).join('\n') : '<p>Nothing was sent yet.</p>';
  const told = note === undefined ? '' : `<p class="note" role="alert">${escape(note)}</p>\n`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Inbox (${mails.length})</title><style>${STYLE}</style></head><body><h1>Inbox</h1>
${told}${body}</body></html>`;
}
