import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageService } from '../../rehearsal/run/package.ts';
import type { Deployed } from '../../rehearsal/run/rehearse.ts';
import { estateOf } from '../../rehearsal/run/stage.ts';
import { foundChannels } from '../../rehearsal/world/builder/surroundings.ts';
import { createChat, type Chat } from '../../rehearsal/world/chat/chat.ts';
import { startSmallCloud, type SmallCloud, type Template } from './small-cloud.ts';

/** Together these need every right that a roll call asks for. */
const ROLLCALL = ['rollcall/ordinary', 'rollcall/refused', 'rollcall/answer-lost', 'rollcall/unknown-field'];
/** And these every right of a failover: with an old side and without one, undone, stopped, in another run's way, and with less to read. */
const FAILOVER = [
  'failover/planned-maintenance',
  'failover/verify-fails',
  'failover/aborted',
  'failover/lease-held-by-sync',
  'failover/resume-after-abort',
  'failover/copy-unmarked',
  'failover/unknown-field',
  'failover/silent-channels',
  // A wait that nobody answers, a person who goes alone, and the way back with all there is to bring.
  'failover/silence',
  'failover/goes-alone',
  'rollback/diverged-merged',
  'rollback/no-flight-record',
];
/** What no situation here comes to, held by a test of its own: why it is asked for. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'HeedSilenceRole: s3:ListBucket': 'an approval whose step died before it was kept',
  'PlanRollbackRole: s3:GetBucketVersioning': 'a file under one name on both sides',
  'MergeUploadsRole: s3:GetObjectTagging': 'a file with tags',
  'MergeUploadsRole: s3:PutObjectTagging': 'a file with tags',
  'UndoActsRole: elasticloadbalancing:CreateRule': 'a rollback that is undone after it opened a side',
  'UndoActsRole: elasticloadbalancing:AddTags': 'a rollback that is undone after it opened a side',
};
/** As long as all of it may take on a busy machine. */
const PATIENCE = 600_000;

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

/** Roles that a roll call wears; the need for the others is what the judge says of each ask. */
const OF_A_ROLLCALL = ['Rollcall', 'OpenRun', 'RequestApproval', 'AnswerApproval', 'SettleRun', 'ReportRole'];
const isRollcalls = ({ role }: Place): boolean => OF_A_ROLLCALL.some((known) => role.includes(known));

/** A role that CloudFormation names has letters of chance at its end. */
const keyOf = (role: string, policy: string, statement: number): string =>
  `${role.replace(/-[^-]+$/, '')} ${policy} ${statement}`;

let small: SmallCloud;
let all: Place[];
beforeAll(async () => {
  small = await startSmallCloud();
  const folder = await packageService();
  all = places(JSON.parse(readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8')) as Template);
}, 120_000);
const chats: Chat[] = [];
afterEach(async () => {
  await Promise.all(chats.splice(0).map((chat) => chat.stop()));
  await small.cloud.reset();
});
afterAll(() => small.stop());

/** The service, and the channels that it tells: without them it is refused what is not there. */
async function furnish(change?: (template: Template) => void): Promise<Deployed> {
  const chat = await createChat(small.cloud.ground, () => undefined);
  chats.push(chat);
  await foundChannels(small.cloud, estateOf(undefined), chat);
  return small.deploy(change);
}

/** What a rehearsal of all that a roll call does says when something is wrong; empty when nothing is. */
async function wholeRollcall(deployed: Deployed): Promise<string> {
  const { cloud } = small;
  for (const name of ROLLCALL) {
    const { situation, outcome } = await small.rehearse(deployed, name);
    const asExpected = outcome.status === situation.expect.status && outcome.error === situation.expect.error;
    if (!asExpected || outcome.complaints.length > 0) {
      return `${outcome.error ?? ''} ${outcome.cause ?? ''} ${outcome.complaints.join()} ${saidInDenials()}`;
    }
  }
  // A link that never was: the page must say so itself, not fail.
  const [, page = ''] = [...cloud.ground.published()].find(([origin]) => origin.includes('lambda-url')) ?? [];
  const { status } = await fetch(`${page}/approvals/${'x'.repeat(12)}?k=${'y'.repeat(43)}`);
  if (status !== 404) return `an unknown link answered ${status} ${saidInDenials()}`;
  await cloud.timeline.passTo(cloud.timeline.now() + 6 * 3_600_000 + 60_000);
  return saidInDenials();
}

const saidInDenials = (): string => [...new Set(small.cloud.denials().map(({ message }) => message))].join('\n');

describe('every right the service asks for', () => {
  it(
    'is used, each action of each statement, at least once where nothing else would allow it',
    async () => {
      const seen = new Map<string, Set<string>>();
      const keep = (): void => {
        for (const { role, policy, statement, neededActions } of small.cloud.usage()) {
          const key = keyOf(role, policy, statement);
          seen.set(key, new Set([...(seen.get(key) ?? []), ...neededActions]));
        }
      };
      expect(await wholeRollcall(await furnish())).toBe('');
      keep();

      for (const name of FAILOVER) {
        const { red } = await small.live(name);
        expect(red).toEqual([]);
        keep();
      }

      const unused = small.cloud
        .usage()
        .filter(({ role }) => role.startsWith('changeover-'))
        .flatMap(({ role, policy, statement, actions }) =>
          actions
            .filter((action) => seen.get(keyOf(role, policy, statement))?.has(action) !== true)
            .map((action) => `${role.split('-').at(-2) ?? role}: ${action}`),
        )
        .filter((right) => ELSEWHERE[right] === undefined);
      expect(unused).toEqual([]);
      expect(seen.size).toBeGreaterThanOrEqual(all.length);
    },
    PATIENCE,
  );

  it(
    'is needed: without any one statement a roll call is red and names one of its actions',
    async () => {
      const survived: string[] = [];
      for (const place of all.filter(isRollcalls)) {
        const said = await furnish((template) => {
          const { Policies = [] } = (template.Resources[place.role]?.Properties ?? {}) as Policies;
          Policies[place.policy]?.PolicyDocument.Statement.splice(place.statement, 1);
          if (Policies[place.policy]?.PolicyDocument.Statement.length === 0) Policies.splice(place.policy, 1);
        })
          .then(wholeRollcall)
          .catch((refused: unknown) => `${String(refused)} ${saidInDenials()}`);
        // SNS calls its own actions by a name in capitals; Step Functions does not say which of the log rights it lacks.
        const named =
          place.actions.some((action) => said.toLowerCase().includes(action.toLowerCase())) ||
          (place.actions.includes('logs:CreateLogDelivery') && said.includes('not authorized to access the Log Destination'));
        if (!named) survived.push(`${place.role} ${place.actions.join()}: "${said}"`);
        await small.cloud.reset();
      }

      expect(survived).toEqual([]);
      expect(all.filter(isRollcalls).length).toBeGreaterThan(15);
    },
    PATIENCE,
  );
});
