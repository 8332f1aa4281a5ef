import { describe, expect, it } from '@jest/globals';
import { readHealth } from '../../shared/runbooks/facts.ts';
import { judgeFence, judgeWrite } from '../../shared/runbooks/move.ts';
import { readPage } from '../../shared/runbooks/scene.ts';

const error = (name: string, message: RegExp): unknown =>
  expect.objectContaining({ name, message: expect.stringMatching(message) });

describe('a fence', () => {
  const proof = { openSession: 'terminating connection', newSession: 'permission denied', ended: 3, spared: 0 };

  it('that held says what PostgreSQL said', () => {
    const { says, notes } = judgeFence('main', { ...proof, spared: 1 });

    expect(says).toBe(
      'nobody writes to the database of main: 3 sessions ended, an open session said "terminating connection", a new one "permission denied"',
    );
    expect(notes).toEqual([expect.stringMatching(/^spared on main: 1 superuser's session, /)]);
  });

  it.each([
    [{ openSession: null }, /a session that was open before the fence of the application still wrote/],
    [{ newSession: null }, /a new session of the application still wrote/],
    [{ openSession: null, newSession: null }, /a session that was open before the fence and a new session/],
  ])('through which a write went is none: %j', (hole, message) => {
    expect(() => judgeFence('main', { ...proof, ...hole })).toThrow(error('VerifyFailed', message));
  });
});

describe('the write through the public name', () => {
  it('is proven by its row', () => {
    expect(judgeWrite('spare', 'n', { environment: 'spare', writtenAt: '2026-01-15T09:12:00.000Z' })).toMatch(
      /is in the database of spare/,
    );
  });

  it.each([
    ['is not there', undefined, /it is not there/],
    ['was written by another', { environment: 'main', writtenAt: '2026-01-15T09:12:00.000Z' }, /main wrote it/],
  ])('that %s fails the verification', (_what, found, message) => {
    expect(() => judgeWrite('spare', 'n', found)).toThrow(error('VerifyFailed', message));
  });
});

describe('an answer', () => {
  const answer = { status: 200, headers: {}, trouble: null };

  it('that says who gave it is read', () => {
    const body = JSON.stringify({
      status: 'ok',
      environment: 'spare',
      database: 'h/orders',
      build: '41',
      migration: '0042',
      extra: 1,
    });

    expect(readHealth({ ...answer, body })).toEqual({
      status: 200,
      environment: 'spare',
      database: 'h/orders',
      build: '41',
      migration: '0042',
      trouble: null,
    });
  });

  it.each(['<html>', '', '[]', '"spare"', 'null', '{"environment":7}'])('%j says nothing of who gave it', (body) => {
    expect(readHealth({ ...answer, body })).toMatchObject({ status: 200, environment: null, database: null });
  });

  it.each([
    [{ 'content-type': 'text/html; charset=utf-8' }, true],
    [{ 'Content-Type': 'text/html' }, true],
    [{ 'content-type': 'application/json' }, false],
    [{}, false],
  ])('with %j is a page: %s', (headers, html) => {
    expect(readPage({ ...answer, headers, body: '' }).html).toBe(html);
  });
});
