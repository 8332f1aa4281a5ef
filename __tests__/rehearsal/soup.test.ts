import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { SFN } from '@aws-sdk/client-sfn';
import type { NormalizedSchema } from '@smithy/core/schema';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import { AwsError } from '../../rehearsal/services/error.ts';
import { requiredMembers, schemaOf, SERVICE_IDS } from '../../rehearsal/wire/schemas.ts';

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ pace: { kind: 'virtual' } });
});
afterAll(() => cloud.stop());

const port = (): number => Number(new URL(cloud.endpoint).port);

/** Sends bytes and waits until the other side has had its say. */
const pour = (bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port(), '127.0.0.1', () => socket.end(bytes));
    socket.on('data', () => undefined);
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });

const expectItStillServes = async (): Promise<void> => {
  const sfn = new SFN({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.operator });
  expect((await sfn.listStateMachines()).stateMachines).toEqual([]);
  sfn.destroy();
};

const scope = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIA/20260115/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=00`;
const token = fc.stringMatching(/^[A-Za-z0-9_./?=&%{}$-]{0,40}$/);

describe('the port', () => {
  it('survives bytes that are no HTTP', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), (bytes) => pour(bytes)),
      { numRuns: 150 },
    );

    await expectItStillServes();
  });

  it('survives requests cut anywhere', async () => {
    const whole = Buffer.from(
      `PUT /bucket/key HTTP/1.1\r\nHost: x\r\nAuthorization: ${scope('s3')}\r\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n` +
        `Content-Encoding: aws-chunked\r\nx-amz-decoded-content-length: 5\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n5\r\nhello\r\n0\r\nx:y\r\n\r\n\r\n0\r\n\r\n`,
    );
    for (let length = 0; length < whole.length; length += 7) await pour(whole.subarray(0, length));

    await expectItStillServes();
  });

  it('answers any well-formed request with a status, whatever it asks', async () => {
    const request = fc.record({
      method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH'),
      path: token,
      service: fc.constantFrom(...SERVICE_IDS, 'dynamodb', ''),
      target: token,
      body: fc.oneof(fc.json(), token, fc.constant('{"a":')),
      signed: fc.boolean(),
    });

    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, service, target, body, signed }) => {
        const headers: Record<string, string> = { 'x-amz-target': target, ...(signed && { authorization: scope(service) }) };
        const bare = method === 'GET' || method === 'HEAD';
        // A path that is no address never leaves the client.
        const status = await fetch(`${cloud.endpoint}/${path}`, { method, headers, ...(!bare && { body }) }).then(
          (response) => response.status,
          () => 400,
        );
        expect(status).toBeGreaterThanOrEqual(400);
      }),
      { numRuns: 250 },
    );

    await expectItStillServes();
  });

  it('answers well-typed nonsense in every operation it imitates with AWS’s refusals, never with a failure of its own', async () => {
    const broken: string[] = [];
    const operations = SERVICE_IDS.flatMap((id) => Object.keys(cloud.services[id].operations).map((name) => [id, name] as const));
    const call = cloud.call as (service: string, operation: string, input: object) => Promise<unknown>;

    for (const [id, name] of operations) {
      const schema = schemaOf(id).operations.get(name);
      const inputs = schema ? fc.sample(nonsenseFor(schema.input, 0), { numRuns: 8, seed: 7 }) : [];
      for (const input of inputs) {
        await call(id, name, input as object).catch((error: unknown) => {
          if (!(error instanceof AwsError))
            broken.push(`${id}:${name}: ${String(error)} for ${JSON.stringify(input).slice(0, 300)}`);
        });
      }
    }

    expect(broken).toEqual([]);
    expect(operations.length).toBeGreaterThan(150);
  }, 120_000);
});

const TEXTS = [
  '',
  'a',
  'x'.repeat(300),
  'Ünï code 💥',
  '{}',
  '{"Version":"2012-10-17","Statement":[]}',
  'arn:aws:states:eu-west-1:123456789012:stateMachine:none',
  'arn:aws:iam::123456789012:role/none',
  'arn:::::',
  '*',
  '../..',
  'rate(5 minutes)',
  'default',
];

/** Any value of the schema's shape: what the wire would let through. */
function nonsenseFor(ns: NormalizedSchema, depth: number): fc.Arbitrary<unknown> {
  if (ns.isStructSchema()) {
    if (depth > 4) return fc.constant({});
    const required = requiredMembers(ns);
    const members = [...ns.structIterator()].map(([name, member]): [string, fc.Arbitrary<unknown>] => [
      name,
      nonsenseFor(member, depth + 1),
    ]);
    return fc.record(Object.fromEntries(members), { requiredKeys: required });
  }
  if (ns.isListSchema()) return fc.array(nonsenseFor(ns.getValueSchema(), depth + 1), { maxLength: 2 });
  if (ns.isMapSchema())
    return fc.dictionary(fc.constantFrom(...TEXTS), nonsenseFor(ns.getValueSchema(), depth + 1), { maxKeys: 2 });
  if (ns.isBooleanSchema()) return fc.boolean();
  if (ns.isNumericSchema()) return fc.constantFrom(-1, 0, 1, 7, 86_401, 2 ** 31);
  if (ns.isTimestampSchema()) return fc.constantFrom(new Date(0), new Date(Date.UTC(2026, 0, 15)));
  if (ns.isBlobSchema())
    return fc.uint8Array({ maxLength: 20 }).map((bytes) => (ns.isStreaming() ? Readable.from([Buffer.from(bytes)]) : bytes));
  return fc.constantFrom(...TEXTS);
}
