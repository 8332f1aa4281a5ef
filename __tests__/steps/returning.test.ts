import { describe, expect, it } from '@jest/globals';
import { RunbookError } from '../../shared/errors.ts';
import { compareSides, compareUploads } from '../../shared/returning.ts';
import { RUN } from './small-run.ts';
import { createSmallWorld } from './small-world.ts';

const throttled = new RunbookError('CloudTransient', 'reading a secret did not get through', { operation: 'reading a secret' });
const silent = new RunbookError('CloudTransient', 'comparing at main.rds did not get through', { endpoint: 'main.rds' });
const denied = new RunbookError('CloudRefused', 'AWS refused listing the uploads', { operation: 'listing the uploads' });

const rowsWhere = (error: RunbookError) => {
  const world = createSmallWorld();
  return compareSides(
    { ...RUN, runbook: 'rollback' },
    {
      ...world,
      databases: { ...world.databases, compare: () => Promise.reject(error) },
    },
  );
};
const filesWhere = (error: RunbookError) => {
  const world = createSmallWorld();
  const uploads = { ...world.uploads, compare: () => Promise.reject(error) };
  return compareUploads({ from: 'spare', to: 'main' }, '2026-01-15T03:00:00.000Z', { ...world, uploads });
};

describe('what is compared before a way back', () => {
  it('is asked again where AWS was asked too often: that says nothing of a side', async () => {
    await expect(rowsWhere(throttled)).rejects.toBe(throttled);
    await expect(filesWhere(throttled)).rejects.toBe(throttled);
  });

  it('is told as not compared where a side is silent or refuses, and the plan refuses with it', async () => {
    expect(await rowsWhere(silent)).toMatchObject({ divergence: null, trouble: silent.message });
    expect(await filesWhere(denied)).toMatchObject({ found: null, trouble: denied.message });
  });
});
