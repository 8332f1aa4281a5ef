import { describe, expect, it } from '@jest/globals';
import { draftRights, type Grant, type RightsOf } from '../../shared/runbooks/rights.ts';

const FROM = { owner: 'main_owner', application: 'main_app' };
const TO = { owner: 'spare_owner', application: 'spare_app' };
const grant = (grantee: string, change: Partial<Grant> = {}): Grant => ({
  kind: 'TABLE',
  target: 'public.orders',
  column: null,
  privilege: 'SELECT',
  grantee,
  grantable: false,
  owner: 'main_owner',
  ...change,
});
const side = (grants: Grant[], roles: string[], settings: RightsOf['settings'] = []): RightsOf => ({
  grants,
  roles,
  settings,
  owners: [],
  connections: -1,
});
const HERE = ['main_owner', 'main_app', 'reports'];
const THERE = ['spare_owner', 'spare_app', 'reports', 'spare_only'];
const whom = ({ grants }: ReturnType<typeof draftRights>): string[] => grants.map(({ grantee }) => grantee).sort();

describe('the rights of a copy', () => {
  it('are the source’s, by the names that its roles have on the target', () => {
    const source = side([grant('main_owner'), grant('main_app', { grantable: true }), grant('reports'), grant('public')], HERE);

    const rights = draftRights(source, side([], THERE), FROM, TO);

    expect(whom(rights)).toEqual(['public', 'reports', 'spare_app', 'spare_owner']);
    expect(new Set(rights.grants.map(({ owner }) => owner))).toEqual(new Set(['spare_owner']));
    expect(rights.grants.find(({ grantee }) => grantee === 'spare_app')?.grantable).toBe(true);
    expect(rights.missing).toEqual([]);
  });

  it('keep what only the target’s own roles had there', () => {
    const target = side([grant('spare_only', { owner: 'spare_owner' })], THERE);

    expect(whom(draftRights(side([grant('reports')], HERE), target, FROM, TO))).toEqual(['reports', 'spare_only']);
  });

  it.each(['reports', 'public', 'spare_app', 'spare_owner'])(
    'drop what %s had on the target alone: the source says what it may',
    (role) => {
      expect(whom(draftRights(side([], HERE), side([grant(role)], THERE), FROM, TO))).toEqual([]);
    },
  );

  it('count as listed only what the source has a list for', () => {
    const target = side([grant('spare_only', { kind: 'DATABASE', target: '', privilege: 'CONNECT' })], THERE);

    const { listed } = draftRights(side([grant('main_app')], HERE), target, FROM, TO);

    expect(listed.map(({ kind, target: what }) => `${kind} ${what}`)).toEqual(['TABLE public.orders']);
  });

  it('tell of each role that the target has not how much it loses', () => {
    const settings = [{ role: 'batch', name: 'work_mem', value: '64MB' }];
    const source = side(
      [grant('batch'), grant('batch', { privilege: 'INSERT' }), grant('audit')],
      [...HERE, 'batch', 'audit'],
      settings,
    );

    expect(draftRights(source, side([], THERE), FROM, TO).missing).toEqual([
      'audit (1 right or setting)',
      'batch (3 rights and settings)',
    ]);
  });
});

describe('the settings of a copy', () => {
  it('are the source’s, and the target’s own where it has any', () => {
    const source = side([], HERE, [
      { role: null, name: 'work_mem', value: '64MB' },
      { role: null, name: 'jit', value: 'off' },
      { role: 'main_app', name: 'statement_timeout', value: '5s' },
    ]);
    const target = side([], THERE, [
      { role: null, name: 'work_mem', value: '8MB' },
      { role: 'spare_only', name: 'jit', value: 'on' },
    ]);

    expect(draftRights(source, target, FROM, TO).settings).toEqual([
      { role: null, name: 'work_mem', value: '8MB' },
      { role: null, name: 'jit', value: 'off' },
      { role: 'spare_app', name: 'statement_timeout', value: '5s' },
      { role: 'spare_only', name: 'jit', value: 'on' },
    ]);
  });
});
