import { describe, expect, it } from '@jest/globals';
import { createFaults, FAULT_KINDS, parseFault } from '../../rehearsal/faults/faults.ts';
import type { Caller } from '../../rehearsal/iam/ask.ts';
import { createChance } from '../../rehearsal/random.ts';

const step = (state: string): Caller => ({
  kind: 'role',
  arn: 'arn:aws:sts::123456789012:assumed-role/r/s',
  account: '123456789012',
  role: 'r',
  session: 's',
  trace: { state, invocation: 'i-1', functionName: 'f' },
});
const put = (state: string) => ({ operation: 's3:PutObject', caller: step(state) });
const create = () => createFaults(createChance(7).random);

describe('a fault', () => {
  it('strikes the call it names, at the occurrence it names, once', () => {
    const faults = create();
    faults.set([parseFault('lost-after@Open/s3:PutObject#2')]);

    const struck = [put('Open'), put('Report'), put('Open'), put('Open')].map((scene) =>
      faults.ofCall(scene).map(({ kind }) => kind),
    );

    expect(struck).toEqual([[], [], ['lost-after'], []]);
    expect(faults.unused()).toEqual([]);
  });

  it('that is for each strikes the first call of every operation in every state', () => {
    const faults = create();
    faults.set([{ kind: 'throttled', each: true }]);
    const get = (state: string) => ({ operation: 's3:GetObject', caller: step(state) });

    const struck = [put('Open'), put('Open'), get('Open'), put('Report'), get('Report'), get('Report')].map(
      (scene) => faults.ofCall(scene).length,
    );

    expect(struck).toEqual([1, 0, 1, 1, 1, 0]);
    expect(faults.unused()).toEqual([]);
  });

  it('that names a state alone strikes the step’s first own call, not its log lines', () => {
    const faults = create();
    faults.set([parseFault('throttled@Open')]);

    const logs = faults.ofCall({ operation: 'logs:PutLogEvents', caller: step('Open') });
    const own = faults.ofCall(put('Open'));

    expect(logs).toEqual([]);
    expect(own).toHaveLength(1);
  });

  it('goes the same way twice when it is left to chance', () => {
    const throws = () => {
      const faults = create();
      faults.set([{ kind: 'throttled', operation: 's3:PutObject', probability: 0.5, times: 'always' }]);
      return Array.from({ length: 40 }, () => faults.ofCall(put('Open')).length);
    };

    const [one, two] = [throws(), throws()];

    expect(one).toEqual(two);
    expect(new Set(one)).toEqual(new Set([0, 1]));
  });

  it('of the invocation itself is told to the Lambda host, not to a call', () => {
    const faults = create();
    faults.set([
      { kind: 'duplicate', state: 'Open' },
      { kind: 'slow', operation: 'lambda:Invoke', milliseconds: 9 },
    ]);

    const calls = faults.ofCall(put('Open'));
    const first = faults.ofInvocation({ state: 'Open' });
    const second = faults.ofInvocation({ state: 'Report' });

    expect(calls).toEqual([]);
    expect(first).toEqual({ kind: 'duplicate' });
    expect(second).toEqual({ kind: 'slow', milliseconds: 9 });
  });

  it('that makes an answer stale strikes a read that was answered before, never a write', () => {
    const faults = create();
    faults.set([parseFault('stale@Open')]);

    const struck = [put('Open'), { ...put('Open'), operation: 's3:GetObject' }].map((scene) => faults.ofCall(scene).length);
    const met = faults.unused().length === 0;
    const again = faults.ofCall({ ...put('Open'), operation: 's3:GetObject', asked: true });

    expect([struck, met]).toEqual([[0, 0], false]);
    expect(again).toHaveLength(1);
    expect([faults.mayBeStale('s3:GetObject'), faults.mayBeStale('s3:PutObject')]).toEqual([true, false]);
  });

  it('that never met anything is told: the rehearsal that named it proved nothing', () => {
    const faults = create();
    faults.set([parseFault('denied@Nowhere')]);

    faults.ofCall(put('Open'));

    expect(faults.unused()).toEqual([{ kind: 'denied', state: 'Nowhere' }]);
  });

  it.each(['', 'explode', 'throttled@', 'slow@Open#', 'THROTTLED@Open', 'denied@Open/s3'])(
    'is refused when misspelt: "%s"',
    (text) => {
      expect(() => parseFault(text)).toThrow(`NAME one of ${FAULT_KINDS.join(', ')}`);
    },
  );
});
