// The approver of a rehearsal, before pages that are not as usual.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { press } from '../../rehearsal/run/approver.ts';

let server: Server;
afterEach(() => void server.close());

/** A link to this page; who asks it how is noted. */
async function linkTo(page: string, asked: (string | undefined)[] = []): Promise<string> {
  server = createServer((request, response) => {
    asked.push(request.method);
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/approvals/a?k=secret`;
}

describe('an approver of several', () => {
  it('presses nothing where another one has decided', async () => {
    const asked: (string | undefined)[] = [];
    const link = await linkTo('<h1>This request was approved by ada</h1>', asked);

    const { status } = await press(link, 'approve', 'said in the test');

    expect([status, asked]).toEqual([200, ['GET']]);
  });

  it('is heard of when the page has no button, and nobody decided', async () => {
    const link = await linkTo('<h1>Nothing to decide here</h1>');

    await expect(press(link, 'approve', 'said in the test')).rejects.toThrow('has no button to approve');
  });
});
