// Days of schedules in virtual time: copies every six hours, a failover in the middle, none over the new writer; and who notices when
// nobody copies. `npm run soak` lives through a whole week, every commit through a day and a half.
import { describe, expect, it } from '@jest/globals';
import { runOnce, type Deployed } from '../../rehearsal/run/rehearse.ts';
import { useSmallCloud } from './small-cloud.ts';

const SOAK = process.env['CHANGEOVER_SOAK'] !== undefined;
/** Half of it before the failover, half of it after. */
const HALF_DAYS = SOAK ? 3.5 : 0.75;
const PATIENCE = SOAK ? 1_200_000 : 400_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const small = useSmallCloud();
const reports = (): string => small().cloud.ground.folder('week');

async function executionsOf(machine: string): Promise<{ name: string; status: string }[]> {
  const { cloud } = small();
  const stateMachineArn = `arn:aws:states:${cloud.region}:${cloud.account}:stateMachine:${machine}-dev`;
  const { executions = [] } = await cloud.call('states', 'ListExecutions', { stateMachineArn, maxResults: 200 });
  return executions.map(({ name = '', status = '' }) => ({ name, status }));
}

const alarmOf = async (name: string): Promise<string | undefined> =>
  (await small().cloud.call('monitoring', 'DescribeAlarms', { AlarmNames: [name] })).MetricAlarms?.[0]?.StateValue;

/** The newest heartbeat of `of` in the database of `id`, asked of PostgreSQL. */
async function newestIn({ world }: Deployed, id: string, of: string): Promise<number> {
  const standing = world?.environments.get(id);
  const session = await standing?.cluster?.open(standing.environment.database.name);
  const sql = 'SELECT max(written_at) AS at FROM changeover_heartbeat WHERE environment = $1';
  const { rows = [] } = (await session?.query<{ at: Date }>(sql, [of])) ?? {};
  await session?.end();
  return rows[0]?.at.getTime() ?? 0;
}

const pass = (milliseconds: number): Promise<void> => {
  const { timeline } = small().cloud;
  return timeline.passTo(timeline.now() + milliseconds);
};

describe('a schedule of copies', () => {
  it(
    'copies until a failover, pauses by itself after it, and a copy that is forced is refused',
    async () => {
      const { deployed: scene } = await small().live('sync/nightly');
      const { timeline } = small().cloud;

      await pass(HALF_DAYS * DAY);
      const before = await executionsOf('sync');
      const copied = before.filter(({ status }) => status === 'SUCCEEDED').length;
      const age = timeline.now() - (await newestIn(scene, 'spare', 'main'));
      const stale = await alarmOf('changeover-dev-stale-main-spare');

      const request = JSON.stringify({ reason: 'planned maintenance', by: 'Ada' });
      const moved = await runOnce(scene, { runbook: 'failover', request, approve: 'auto', reports: reports() });
      const sinceMove = timeline.now();
      await pass(HALF_DAYS * DAY);
      const forced = await runOnce(scene, { runbook: 'sync', request, approve: 'auto', reports: reports() });

      const after = await executionsOf('sync');
      expect(before.map(({ status }) => status)).toEqual(before.map(() => 'SUCCEEDED'));
      // By hand once, then every six hours.
      expect(copied).toBe(1 + (HALF_DAYS * DAY) / (6 * HOUR));
      expect(age).toBeLessThan(6.5 * HOUR);
      expect(stale).toBe('OK');
      expect(moved.status).toBe('SUCCEEDED');
      expect(forced).toMatchObject({ status: 'FAILED', error: 'PlanRefused' });
      expect(forced.cause).toContain('refused: spare is the writer since');
      // Each of the schedule's ended green, and none of them touched what people write to.
      expect(after).toHaveLength(before.length + (HALF_DAYS * DAY) / (6 * HOUR) + 1);
      expect(after.filter(({ status }) => status !== 'SUCCEEDED')).toHaveLength(1);
      expect(await newestIn(scene, 'spare', 'spare')).toBeGreaterThan(sinceMove);
      expect(await alarmOf('changeover-dev-stale-main-spare')).toBe('OK');
    },
    PATIENCE,
  );
});

describe('a schedule that nobody keeps', () => {
  it(
    'is noticed by the age of what is in the copy, and by its silence when nobody can read it',
    async () => {
      const { deployed } = await small().live('sync/nightly');
      const { cloud } = small();
      const { Rules = [] } = await cloud.call('events', 'ListRules', {});
      const rule = Rules.find(({ Name = '' }) => Name.startsWith('sync-main-spare'));

      await pass(3 * HOUR);
      const fresh = await alarmOf('changeover-dev-stale-main-spare');
      await cloud.call('events', 'DisableRule', { Name: rule?.Name });
      await pass(8 * HOUR);

      expect(rule).toBeDefined();
      expect(fresh).toBe('OK');
      expect(await alarmOf('changeover-dev-stale-main-spare')).toBe('ALARM');
      expect(deployed.inbox.mails.some(({ subject }) => subject.includes('stale-main-spare'))).toBe(true);

      await cloud.call('events', 'EnableRule', { Name: rule?.Name });
      await pass(9 * HOUR);
      expect(await alarmOf('changeover-dev-stale-main-spare')).toBe('OK');

      await deployed.world?.lose('spare', { database: 'down', application: 'down', loadBalancer: 'up' });
      // CloudWatch looks back farther than it must before it believes that nothing comes.
      await pass(8 * HOUR);
      expect(await alarmOf('changeover-dev-stale-main-spare')).toBe('ALARM');
    },
    PATIENCE,
  );
});
