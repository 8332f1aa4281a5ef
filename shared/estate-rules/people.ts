// Whoever must say yes exists, is one person, can be reached, and is enough.
import { lacks, once, quoted, when, type Rule } from './mistake.ts';

const lowerCase = (value: string): string => value.toLowerCase();

export const approvers: Rule = ({ approvers: people = [], channels }) => [
  ...(['name', 'email', 'slack'] as const).flatMap((field) =>
    once(
      people.map((one, at) => [['approvers', at, field], one?.[field]] as const),
      'each person once',
      'one person would count as two',
      lowerCase,
    ),
  ),
  ...people.flatMap((one, at) =>
    (one?.away ?? []).flatMap((days, nth) =>
      when(
        days?.from !== undefined && days.until !== undefined && days.until < days.from,
        ['approvers', at, 'away', nth, 'until'],
        days?.until ?? '',
        `${days?.from ?? ''} or later`,
        'write the last day after the first',
      ),
    ),
  ),
  ...people.flatMap((one, at) =>
    when(
      one?.slack !== undefined && channels !== undefined && lacks(channels.slack, 'bot'),
      ['approvers', at, 'slack'],
      `${quoted(one?.slack ?? '')}, and no bot that could write there`,
      'channels.slack.bot',
      "name the secret with the bot's token there, or take this out",
    ),
  ),
];

export const approval: Rule = ({ approvers: people, approval: how }) => {
  const { quorum, expiresAfterSeconds: expires, escalateAfterSeconds: escalates } = how ?? {};
  const many = people?.length;
  if (many === undefined || many === 0 || quorum === undefined) return [];
  const told = `${many} approver${many === 1 ? '' : 's'}`;
  const path = (field: string) => ['approval', field];
  return [
    ...when(quorum > many, path('quorum'), `${quorum} with ${told}`, `at most ${many}`, 'lower it, or add approvers'),
    // Whoever asked may not approve: if the others are too few, nobody could ever say yes.
    ...when(
      how?.fourEyes === true && how.soloEmergency === false && quorum === many,
      path('fourEyes'),
      `true with ${told} and a quorum of ${quorum}`,
      'enough approvers besides the one who asks',
      'add an approver, or set soloEmergency: true',
    ),
    ...when(
      escalates !== undefined && many === 1,
      path('escalateAfterSeconds'),
      `${escalates ?? ''} with ${told}`,
      'somebody to escalate to',
      'add an approver, or take this out',
    ),
    ...when(
      escalates !== undefined && expires !== undefined && escalates >= expires,
      path('escalateAfterSeconds'),
      `${escalates ?? ''}`,
      `less than ${expires ?? ''}, which is approval.expiresAfterSeconds`,
      'lower it',
    ),
  ];
};

export const channels: Rule = ({ approvers: people, channels: declared, resolvers = [] }) => {
  const slack = declared?.slack;
  const path = ['channels', 'slack'];
  const told = people === undefined || people.some((one) => one === undefined || !lacks(one, 'slack'));
  const mute = lacks(slack, 'webhook') && lacks(slack, 'bot') && lacks(slack, 'channel');
  return [
    ...once(
      (declared?.email ?? []).map((address, at) => [['channels', 'email', at], address] as const),
      'each address once',
      'take one out',
      lowerCase,
    ),
    ...once(
      resolvers.map((address, at) => [['resolvers', at], address] as const),
      'each resolver once',
      'take one out',
      lowerCase,
    ),
    ...when(
      slack !== undefined && mute,
      path,
      'nothing in it',
      'a webhook or a bot',
      'name the secret of one, or take slack out',
    ),
    ...when(
      slack?.channel !== undefined && lacks(slack, 'bot'),
      [...path, 'channel'],
      `${quoted(slack?.channel ?? '')}, and no bot that could write there`,
      'channels.slack.bot',
      'name the secret with its token there, or take this out: a webhook has a channel of its own',
    ),
    ...when(
      slack?.bot !== undefined && lacks(slack, 'channel') && !told,
      [...path, 'bot'],
      'a bot that nobody hears',
      'a channel, or an approver with a member id',
      'set channels.slack.channel or slack of an approver, or take this out',
    ),
    ...when(
      slack?.signing !== undefined && (lacks(slack, 'bot') || lacks(slack, 'channel')),
      [...path, 'signing'],
      'a signing secret, and no bot that posts buttons in a channel',
      'channels.slack.bot and channels.slack.channel',
      'set both, or take this out: a webhook has no buttons',
    ),
  ];
};
