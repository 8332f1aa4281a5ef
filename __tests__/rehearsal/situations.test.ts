import { describe, expect, it } from '@jest/globals';
import { listSituations, loadSituation } from '../../rehearsal/run/situation.ts';
import { taskStatesOf } from '../../rehearsal/run/states-of.ts';

const RUNBOOKS = [...new Set(listSituations().map((name) => name.split('/')[0] ?? ''))];

describe('a situation', () => {
  it.each([
    ['failover', 'primary-unreachable'],
    ['rollcall', 'ordinary'],
    ['failover/denied', 'denied'],
  ])('that is asked for by “%s” is %s', (wanted, name) => {
    expect(loadSituation(wanted).name).toBe(name);
  });

  it.each(['failover/nowhere', 'nothing', 'failover/', 'failover/denied/twice', '../situations/failover', ''])(
    'by “%s” is none, and those that there are are told',
    (wanted) => {
      expect(() => loadSituation(wanted)).toThrow(/^there is no situation ".*"; there are: failover\/aborted, /);
    },
  );

  it.each(RUNBOOKS)('of %s is the main one exactly once', (runbook) => {
    const main = listSituations().filter((name) => name.startsWith(`${runbook}/`) && loadSituation(name).main === true);

    expect(main).toHaveLength(1);
  });

  it.each(listSituations())('%s names only states that its machine has, where something goes wrong in one', (name) => {
    const { runbook, faults } = loadSituation(name);

    const strange = faults.flatMap(({ state }) => (state === undefined || taskStatesOf(runbook).includes(state) ? [] : [state]));

    expect(strange).toEqual([]);
  });
});

describe('the states in which something can go wrong', () => {
  it('are those that call a Lambda, also where a fragment says so, with those of what cleans up', () => {
    const states = taskStatesOf('failover');

    expect(states).toEqual(expect.arrayContaining(['Open', 'SwapNames', 'Approve', 'LookAgain']));
    expect(states).not.toEqual(expect.arrayContaining(['PlanOnly']));
    expect(taskStatesOf('rollcall')).not.toContain('LookAgain');
  });
});
