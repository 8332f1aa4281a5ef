import { describe, expect, it } from '@jest/globals';
import { draftRun } from '../../shared/runbooks/opening.ts';
import { REQUESTS } from '../../shared/runbooks/requests.ts';
import { Run } from '../../shared/runbooks/run.ts';
import { execution, runWith } from './small-facts.ts';

const resume = execution('night-6');
const opened = (machine: string, request: object): Run =>
  draftRun({ request, execution: execution('night-7', machine), machine, app: 'orders', openedAt: '2026-01-15T09:11:30.000Z' });
const refusal = (message: RegExp): unknown =>
  expect.objectContaining({ name: 'InputInvalid', message: expect.stringMatching(message) });

describe('a request', () => {
  it.each(Object.keys(REQUESTS))('of nothing opens a %s', (runbook) => {
    const run = draftRun({
      request: {},
      execution: execution('night-7', `${runbook}-dev`),
      machine: `${runbook}-dev`,
      app: 'orders',
      openedAt: '2026-01-15T09:11:30.000Z',
    });

    expect(Run.parse(run)).toMatchObject({
      id: 'night-7',
      runbook,
      mode: 'act',
      by: 'unknown',
      override: [],
      resume: null,
      lease: null,
    });
  });

  it('keeps what was asked, and names each override once', () => {
    const run = runWith({ to: 'spare', by: 'Ada', reason: 'fire', override: ['stale-data', 'stale-data'], resume });

    expect(run).toMatchObject({
      by: 'Ada',
      reason: 'fire',
      override: ['stale-data'],
      resume,
      request: { to: 'spare', mode: 'act' },
    });
  });

  it.each([
    ['a failover’s', 'failover-dev', execution('night-6')],
    ['what cleaned up after one', 'failover-dev', execution('after-6', 'aftermath-dev')],
    ['a machine’s whose stage has a dash', 'failover-eu-2', execution('night-6', 'failover-eu-2')],
    ['a roll call’s', 'rollcall-dev', execution('noon', 'rollcall-dev')],
  ])('may go on with %s execution', (_whose, machine, resumed) => {
    expect(opened(machine, { resume: resumed }).resume).toBe(resumed);
  });

  it.each([
    ['is no execution', 'arn:nope'],
    ['is a machine', 'arn:aws:states:eu-west-1:123456789012:stateMachine:failover-dev'],
    ['is of another account', resume.replace('123456789012', '210987654321')],
    ['is of another Region', resume.replace('eu-west-1', 'eu-central-1')],
    ['is of another stage', execution('night-6', 'failover-prod')],
    ['is of another runbook', execution('night-6', 'rollcall-dev')],
    ['is of somebody else’s machine', execution('night-6', 'billing')],
    ['has no name', execution('')],
    ['has something behind its name', `${resume}:1`],
  ])('is refused where what it goes on with %s, with what is expected', (_what, resumed) => {
    const open = () => opened('failover-dev', { resume: resumed });

    expect(open).toThrow(refusal(/^resume: found arn:.*, expected an execution ARN of ours, arn:.*:failover-dev:<name> or arn:/));
  });

  it('is refused where it would go on with itself', () => {
    expect(() => opened('failover-dev', { resume: execution('night-7') })).toThrow(refusal(/^resume: found this very execution/));
  });

  it.each([
    [
      'failover-dev',
      'already-writer',
      /^override: found already-writer, which cannot be overridden \(there is nothing to move\), expected some of standby-unhealthy/,
    ],
    [
      'failover-dev',
      'stale-dat',
      /^override: found stale-dat, which is no limit of a failover, expected some of .*; did you mean stale-data\?$/,
    ],
    ['failover-dev', 'everything', /^override: found everything, which is no limit of a failover, expected some of [^;]*$/],
    [
      'rollcall-dev',
      'stale-data',
      /^override: found stale-data, which is no limit of a rollcall, expected nothing, for it has no limits$/,
    ],
  ])('of %s to lift %s is refused with what can be lifted', (machine, limit, message) => {
    expect(() => opened(machine, { override: [limit] })).toThrow(refusal(message));
  });

  it('is told all its mistakes at once, each once', () => {
    const open = () => opened('failover-dev', { override: ['door-missing', 'stale-data', 'x', 'x'], resume: 'arn:nope' });

    expect(open).toThrow(refusal(/^override: found door-missing[^;]*; override: found x, [^;]*; resume: found arn:nope[^;]*$/));
  });
});
