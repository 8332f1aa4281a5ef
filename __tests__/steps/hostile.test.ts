// The page against whoever is not an approver: a thousand malformed, forged, truncated and replayed requests, and two who press at once.
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { requestApproval } from '../../functions/approve/request-approval.ts';
import { createChance } from '../../rehearsal/random.ts';
import { readApproval } from '../../shared/ledger/approvals.ts';
import { approvalIdOf, isSlackSignature } from '../../shared/secret.ts';
import { runStep } from '../../shared/step.ts';
import { linkIn, open, pressIn } from './pressing.ts';
import { pageOver } from './served.ts';
import { planned, RUN } from './small-run.ts';
import { createSmallWorld, type SmallWorld } from './small-world.ts';

const URL_OF_PAGE = 'https://x.lambda-url.eu-west-1.on.aws/';
const ID = approvalIdOf(RUN.execution, 1);

async function asked(): Promise<SmallWorld> {
  const world = createSmallWorld();
  const plan = await planned(world);
  await runStep(requestApproval, { token: 'the-task-token', run: RUN, plan, approved: null, round: 1, url: URL_OF_PAGE }, world);
  return world;
}

describe('a thousand requests that nobody was given the means for', () => {
  const ROUNDS = 1_000;
  let world: SmallWorld;
  let answers: { what: string; status: number | undefined; bytes: string }[];

  beforeAll(async () => {
    world = await asked();
    const page = pageOver(world);
    const link = linkIn(world, 'cto');
    const secret = link.searchParams.get('k') ?? '';
    const nonce = /name="n" value="([^"]+)"/.exec((await open(world, link)).html)?.[1] ?? '';
    const { random } = createChance(7);
    const among = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const noise = (length: number): string =>
      Array.from({ length }, () => String.fromCharCode(32 + Math.floor(random() * 95))).join('');
    const spoilt = (text: string): string => {
      const at = Math.floor(random() * text.length);
      return among([
        text.slice(0, at),
        `${text.slice(0, at)}~${text.slice(at + 1)}`,
        `${text}${noise(1 + at)}`,
        text.split('').toReversed().join(''),
        noise(text.length),
        '',
      ]);
    };
    const paths = [
      `/approvals/${ID}`,
      `/approvals/${'y'.repeat(12)}`,
      '/approvals/',
      '/',
      `/approvals/${ID}/${'d'.repeat(22)}`,
      '/slack',
      '/../approvals',
    ];
    answers = [];
    for (let n = 0; n < ROUNDS; n++) {
      const path = random() < 0.6 ? `/approvals/${among([ID, 'y'.repeat(12)])}` : among([...paths, spoilt(`/approvals/${ID}`)]);
      const method = among(['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);
      // Never the right secret with the right nonce: that is what the approver has.
      const isNear = random() < 0.3;
      const fields = {
        k: isNear ? secret : spoilt(secret),
        n: isNear ? spoilt(nonce) : among([nonce, spoilt(nonce)]),
        answer: among(['approve', 'refuse', 'alone', 'stop', noise(5)]),
        reason: among(['', noise(20), 'x'.repeat(501)]),
        typed: among(['', 'spare', 'orders']),
      };
      // A spoilt nonce may come out as it was.
      if (fields.k === secret && fields.n === nonce) fields.n = '';
      const form = random() < 0.15 ? noise(200) : new URLSearchParams(fields).toString();
      const isBase64Encoded = random() < 0.5;
      const event = {
        rawPath: path,
        rawQueryString: method === 'POST' ? '' : new URLSearchParams({ k: spoilt(secret) }).toString(),
        headers: random() < 0.2 ? { 'x-slack-signature': `v0=${noise(64)}`, 'x-slack-request-timestamp': noise(10) } : {},
        requestContext: { http: { method } },
        body: isBase64Encoded ? Buffer.from(form).toString('base64') : form,
        isBase64Encoded,
      } as unknown as LambdaFunctionURLEvent;
      const { statusCode, body, headers } = await page(event);
      const known = fields.k === secret && method === 'POST' ? 'known' : 'unknown';
      answers.push({
        what: known,
        status: statusCode,
        bytes: method === 'HEAD' ? '' : `${JSON.stringify(headers)}${body ?? ''}`,
      });
    }
  });

  it('decide nothing', async () => {
    expect(world.answers).toEqual([]);
    expect(await readApproval(ID, world.ledger)).toMatchObject({ answers: [], decision: null, countdown: null, opened: [] });
  });

  it('are told no stack, no path and no secret', () => {
    const told = answers.filter(({ bytes }) => /\bat .+:\d+:\d+|Error:|node_modules|the-task-token/.test(bytes));

    expect(told).toEqual([]);
    expect(answers.filter(({ status }) => (status ?? 500) >= 500)).toEqual([]);
  });

  it('get the same bytes whether there is such a request or not', () => {
    const unknown = new Set(
      answers.filter(({ what, status, bytes }) => what === 'unknown' && status === 404 && bytes !== '').map(({ bytes }) => bytes),
    );

    expect(unknown.size).toBe(1);
    expect(answers.length).toBe(ROUNDS);
  });
});

describe('two who press in the same moment', () => {
  it('one to approve and one to refuse, a hundred times: one decision each, and both are told the same', async () => {
    const outcomes = { approved: 0, refused: 0 };
    for (let round = 0; round < 100; round++) {
      const world = await asked();
      const presses = [
        () => pressIn(world, linkIn(world, 'cto'), { answer: 'approve', reason: 'go' }),
        () => pressIn(world, linkIn(world, 'ada'), { answer: 'refuse', reason: 'no' }),
      ];
      // Whoever begins is not always the same.
      const pages = await Promise.all((round % 2 === 0 ? presses : presses.toReversed()).map((press) => press()));
      const { decision } = await readApproval(ID, world.ledger);

      expect(world.answers).toHaveLength(1);
      const says = `This request was ${decision?.answer === 'approve' ? 'approved by cto' : 'refused by ada'}`;
      expect(pages.map(({ html }) => html.includes(says))).toEqual([true, true]);
      outcomes[decision?.answer === 'approve' ? 'approved' : 'refused']++;
    }
    expect(outcomes.approved).toBeGreaterThan(0);
    expect(outcomes.refused).toBeGreaterThan(0);
  });
});

describe('Slack’s signature', () => {
  // The example of Slack's own documentation.
  const key = '8f742231b10e8888abcd99yyyzzz85a5';
  const body = Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  );
  const signed = {
    timestamp: '1531420618',
    signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    body,
  };
  const then = new Date(1_531_420_618_000);

  it('is as Slack documents it', () => {
    expect(isSlackSignature(key, signed, then)).toBe(true);
  });

  it.each([
    ['another body', { ...signed, body: Buffer.from('token=other') }, then],
    ['another time', { ...signed, timestamp: '1531420619' }, then],
    ['no number for a time', { ...signed, timestamp: 'now' }, then],
    ['another signature', { ...signed, signature: signed.signature.replace('a2', 'a3') }, then],
    ['none', { ...signed, signature: '' }, then],
    ['five minutes later: a replay', signed, new Date(then.getTime() + 301_000)],
  ])('is not that of %s', (_what, said, now) => {
    expect(isSlackSignature(key, said, now)).toBe(false);
  });

  it('is not that of another key', () => {
    expect(isSlackSignature(`${key}x`, signed, then)).toBe(false);
  });
});
