import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageService } from '../../rehearsal/run/package.ts';
import type { Deployed } from '../../rehearsal/run/rehearse.ts';
import { startSmallCloud, type SmallCloud, type Template } from './small-cloud.ts';

/** Together these need every right that the service asks for. */
const COVERING = ['rollcall/ordinary', 'rollcall/refused', 'rollcall/answer-lost'];

interface Place {
  readonly role: string;
  readonly policy: number;
  readonly statement: number;
  readonly actions: string[];
}
interface Policies {
  Policies?: { PolicyDocument: { Statement: { Action: string | string[] }[] } }[];
}
const list = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);

const places = (template: Template): Place[] =>
  Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
    .flatMap(([role, { Properties }]) =>
      ((Properties as Policies).Policies ?? []).flatMap(({ PolicyDocument }, policy) =>
        PolicyDocument.Statement.map(({ Action }, statement) => ({ role, policy, statement, actions: list(Action) })),
      ),
    );

let small: SmallCloud;
let all: Place[];
beforeAll(async () => {
  small = await startSmallCloud();
  const folder = await packageService();
  all = places(JSON.parse(readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8')) as Template);
}, 120_000);
afterEach(() => small.cloud.reset());
afterAll(() => small.stop());

/** What a rehearsal of all that the service does says when something is wrong; empty when nothing is. */
async function everythingItDoes(deployed: Deployed): Promise<string> {
  const { cloud } = small;
  for (const name of COVERING) {
    const { situation, outcome } = await small.rehearse(deployed, name);
    const asExpected = outcome.status === situation.expect.status && outcome.error === situation.expect.error;
    if (!asExpected || outcome.complaints.length > 0) {
      return `${outcome.error ?? ''} ${outcome.cause ?? ''} ${outcome.complaints.join()} ${saidInDenials()}`;
    }
  }
  // A link that never was: the page must say so itself, not fail.
  const [, page = ''] = [...cloud.ground.published()].find(([origin]) => origin.includes('lambda-url')) ?? [];
  const { status } = await fetch(`${page}/approvals/${'x'.repeat(43)}?k=${'y'.repeat(43)}`);
  if (status !== 404) return `an unknown link answered ${status} ${saidInDenials()}`;
  await cloud.timeline.passTo(cloud.timeline.now() + 6 * 3_600_000 + 60_000);
  return saidInDenials();
}

const saidInDenials = (): string => [...new Set(small.cloud.denials().map(({ message }) => message))].join('\n');

describe('every right the service asks for', () => {
  it('is used: each statement of each role, and each of its actions', async () => {
    expect(await everythingItDoes(await small.deploy())).toBe('');

    const unused = small.cloud
      .usage()
      .flatMap(({ role, actions, usedActions }) =>
        actions
          .filter((action) => !usedActions.some((used) => used.toLowerCase() === action.toLowerCase()))
          .map((action) => `${role}: ${action}`),
      );
    expect(unused).toEqual([]);
    expect(small.cloud.usage().length).toBe(all.length);
  }, 60_000);

  it('is needed: without any one statement the rehearsal is red and names one of its actions', async () => {
    const survived: string[] = [];
    for (const place of all) {
      const said = await small
        .deploy((template) => {
          const { Policies = [] } = (template.Resources[place.role]?.Properties ?? {}) as Policies;
          Policies[place.policy]?.PolicyDocument.Statement.splice(place.statement, 1);
          if (Policies[place.policy]?.PolicyDocument.Statement.length === 0) Policies.splice(place.policy, 1);
        })
        .then(everythingItDoes)
        .catch((refused: unknown) => `${String(refused)} ${saidInDenials()}`);
      // SNS calls its own actions by a name in capitals.
      const named = place.actions.some((action) => said.toLowerCase().includes(action.toLowerCase()));
      if (!named) survived.push(`${place.role} ${place.actions.join()}: "${said}"`);
      await small.cloud.reset();
    }

    expect(survived).toEqual([]);
    expect(all.length).toBeGreaterThan(15);
  }, 300_000);
});
