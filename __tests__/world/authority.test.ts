import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAuthority } from '../../rehearsal/world/authority.ts';

const DAY_MS = 86_400_000;
const TIMELINE = Date.parse('2031-03-01T00:00:00Z');

describe('the local certificate authority', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'authority-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('writes its own certificate where everybody may read it', async () => {
    const authority = await createAuthority(folder, Date.now);

    const written = readFileSync(authority.file, 'utf8');

    expect([written, statSync(authority.file).mode & 0o777]).toEqual([authority.pem, 0o644]);
    expect(new X509Certificate(written).ca).toBe(true);
  });

  it('issues leaves for hosts, wildcards and addresses that its root vouches for', async () => {
    const authority = await createAuthority(folder, Date.now);

    const { certificate, key } = await authority.issue(['app.example.test', '*.example.test', '127.0.0.1']);

    const leaf = new X509Certificate(certificate);
    expect(leaf.verify(new X509Certificate(authority.pem).publicKey)).toBe(true);
    expect(
      ['app.example.test', 'any.example.test', 'two.any.example.test'].map((name) => leaf.checkHost(name) !== undefined),
    ).toEqual([true, true, false]);
    expect([leaf.checkIP('127.0.0.1'), leaf.ca, leaf.keyUsage]).toEqual(['127.0.0.1', false, ['1.3.6.1.5.5.7.3.1']]);
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  it('is believed by the clock of the timeline and by that of the laptop', async () => {
    const authority = await createAuthority(folder, () => TIMELINE);

    const { validFrom, validTo } = new X509Certificate((await authority.issue(['app.example.test'])).certificate);

    expect(Date.parse(validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(validTo)).toBeGreaterThan(TIMELINE + 700 * DAY_MS);
  });

  it('issues what has expired when that is what the world needs', async () => {
    const authority = await createAuthority(folder, Date.now);
    const notAfter = Date.parse('2026-01-02T00:00:00Z');

    const { certificate } = await authority.issue(['app.example.test'], { notBefore: notAfter - DAY_MS, notAfter });

    expect(Date.parse(new X509Certificate(certificate).validTo)).toBe(notAfter);
  });

  it('has one root in a process, and issues for nobody without a name', async () => {
    const [first, second] = await Promise.all([createAuthority(folder, Date.now), createAuthority(folder, Date.now)]);

    expect(second.pem).toBe(first.pem);
    await expect(first.issue([])).rejects.toThrow('a certificate names at least one host');
  });
});
