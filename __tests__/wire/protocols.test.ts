import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readdirSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { IAM } from '@aws-sdk/client-iam';
import { Lambda } from '@aws-sdk/client-lambda';
import { S3 } from '@aws-sdk/client-s3';
import { SFN } from '@aws-sdk/client-sfn';
import { SNS } from '@aws-sdk/client-sns';
import { AwsError } from '../../rehearsal/services/error.ts';
import { ConnectionLost } from '../../rehearsal/wire/server.ts';
import { NOON, startSmallWire, type SmallWire } from './small-wire.ts';

let small: SmallWire;
beforeAll(async () => {
  small = await startSmallWire();
});
beforeEach(() => {
  small.calls.length = 0;
  small.answer = () => ({});
});
afterAll(async () => {
  await small.wire.close();
  rmSync(small.folder, { recursive: true });
});
const seen = (): Record<string, unknown> => small.calls.at(-1)?.input ?? {};

describe('awsJson', () => {
  it('carries structures, instants and text both ways', async () => {
    small.answer = () => ({ executionArn: 'arn:x', startDate: new Date(NOON) });

    const answer = await new SFN(small.client).startExecution({ stateMachineArn: 'arn:m', input: '{"a":"ü"}' });

    expect(seen()).toEqual({ stateMachineArn: 'arn:m', input: '{"a":"ü"}' });
    expect(answer.startDate).toEqual(new Date(NOON));
  });

  it('gives the SDK its own error class, with message and status', async () => {
    small.answer = () => {
      throw new AwsError('ExecutionDoesNotExist', 'Execution Does Not Exist: arn:x');
    };

    await expect(new SFN(small.client).describeExecution({ executionArn: 'arn:x' })).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
      message: 'Execution Does Not Exist: arn:x',
      $metadata: { httpStatusCode: 400, requestId: '7f0c9a52-0000-4000-8000-000000000001' },
    });
  });

  it('refuses a missing member by name, before any service sees it', async () => {
    await expect(new SFN(small.client).startExecution({} as never)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining("'stateMachineArn'") as unknown,
    });
    expect(small.calls).toEqual([]);
  });

  it.each([
    [1001, 'less than or equal to 1000'],
    [-1, 'greater than or equal to 0'],
  ])('refuses a page of %d, before any service sees it', async (maxResults, rule) => {
    await expect(new SFN(small.client).listStateMachines({ maxResults })).rejects.toMatchObject({
      name: 'ValidationException',
      message: `1 validation error detected: Value '${String(maxResults)}' at 'maxResults' failed to satisfy constraint: Member must have value ${rule}`,
    });
    expect(small.calls).toEqual([]);
  });

  it('refuses a word its service does not know', async () => {
    const cloudWatch = new CloudWatch(small.client);

    await expect(cloudWatch.describeAlarms({ StateValue: 'FINE' as never })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('enum value set: [OK, ALARM, INSUFFICIENT_DATA]') as unknown,
    });
    const logs = new CloudWatchLogs(small.client);
    await expect(logs.describeLogStreams({ logGroupName: '/g', orderBy: 'Size' as never })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('enum value set: [LogStreamName, LastEventTime]') as unknown,
    });
  });

  it('refuses a member of the wrong type', async () => {
    const response = await fetch(small.client.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSStepFunctions.StartExecution', 'content-type': 'application/x-amz-json-1.0' },
      body: '{"stateMachineArn":7}',
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: 'SerializationException' });
  });
});

describe('awsQuery', () => {
  it('carries maps, flattened names and lists in, XML out', async () => {
    small.answer = () => ({ MessageId: 'm-1' });

    const answer = await new SNS(small.client).publish({
      TopicArn: 'arn:t',
      Message: 'a & b <c>',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'plain' } },
    });

    expect(seen()).toEqual({
      TopicArn: 'arn:t',
      Message: 'a & b <c>',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'plain' } },
    });
    expect(answer.MessageId).toBe('m-1');
  });

  it('answers empty lists and lists of structures alike', async () => {
    const role = { Path: '/', RoleName: 'r', RoleId: 'AROA', Arn: 'arn:r', CreateDate: new Date(NOON) };
    const iam = new IAM(small.client);

    small.answer = () => ({ Roles: [], IsTruncated: false });
    const none = await iam.listRoles({ MaxItems: 5 });
    small.answer = () => ({ Roles: [role, { ...role, RoleName: 's' }], IsTruncated: true, Marker: 'next' });
    const two = await iam.listRoles();

    expect(none.Roles ?? []).toEqual([]);
    expect(two).toMatchObject({ Roles: [role, { ...role, RoleName: 's' }], IsTruncated: true, Marker: 'next' });
  });

  it('gives the code that the query protocol knows, which the SDK turns into its class', async () => {
    small.answer = () => {
      throw new AwsError('NoSuchEntityException', 'The role with name x cannot be found.');
    };

    await expect(new IAM(small.client).getRole({ RoleName: 'x' })).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      Code: 'NoSuchEntity',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('is understood from CloudWatch too, which speaks JSON with newer clients', async () => {
    const form =
      'Action=PutMetricData&Version=2010-08-01&Namespace=N&MetricData.member.1.MetricName=m&MetricData.member.1.Value=2.5';
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      authorization: 'AWS4-HMAC-SHA256 Credential=A/20260115/eu-west-1/monitoring/aws4_request, SignedHeaders=host, Signature=0',
    };

    await fetch(small.client.endpoint, { method: 'POST', headers, body: form });
    const byQuery = seen();
    await new CloudWatch(small.client).putMetricData({ Namespace: 'N', MetricData: [{ MetricName: 'm', Value: 2.5 }] });

    expect(byQuery).toEqual({ Namespace: 'N', MetricData: [{ MetricName: 'm', Value: 2.5 }] });
    expect(seen()).toEqual(byQuery);
  });
});

describe('restJson', () => {
  it('binds labels, headers and a payload of bytes, and answers with headers', async () => {
    small.answer = () => ({
      StatusCode: 200,
      Payload: Buffer.from('{"ok":true}'),
      ExecutedVersion: '3',
      FunctionError: 'Unhandled',
    });

    const answer = await new Lambda(small.client).invoke({
      FunctionName: 'arn:aws:lambda:eu-west-1:123456789012:function:f:3',
      InvocationType: 'RequestResponse',
      Payload: Buffer.from('{"a":1}'),
    });

    expect(seen()).toMatchObject({
      FunctionName: 'arn:aws:lambda:eu-west-1:123456789012:function:f:3',
      InvocationType: 'RequestResponse',
    });
    expect(Buffer.from(seen()['Payload'] as Uint8Array).toString()).toBe('{"a":1}');
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '3', FunctionError: 'Unhandled' });
    expect(Buffer.from(answer.Payload ?? []).toString()).toBe('{"ok":true}');
  });

  it('tells neighbours on one path apart by method', async () => {
    const lambda = new Lambda(small.client);

    await lambda.listFunctions({ MaxItems: 2 });
    await lambda.getFunction({ FunctionName: 'f' });
    await lambda.deleteFunction({ FunctionName: 'f', Qualifier: '2' });

    expect(small.calls.map(({ operation, input }) => [operation, input])).toEqual([
      ['ListFunctions', { MaxItems: 2 }],
      ['GetFunction', { FunctionName: 'f' }],
      ['DeleteFunction', { FunctionName: 'f', Qualifier: '2' }],
    ]);
  });
});

describe('restXml', () => {
  it('takes the bucket off the path and keeps every byte of a strange key', async () => {
    const s3 = new S3(small.client);

    await s3.putObject({ Bucket: 'ledger', Key: 'runs/a b+c/ü%/..x', Body: 'body', Metadata: { who: 'Ada' }, IfNoneMatch: '*' });

    expect(seen()).toMatchObject({ Bucket: 'ledger', Key: 'runs/a b+c/ü%/..x', Metadata: { who: 'Ada' }, IfNoneMatch: '*' });
    expect(String(seen()['Body'])).toBe('body');
  });

  it('undoes aws-chunked and hands on the checksum that came behind the body', async () => {
    const s3 = new S3(small.client);
    const bytes = Buffer.alloc(300_000, 'changeover');

    await s3.putObject({
      Bucket: 'b',
      Key: 'k',
      Body: Readable.from([bytes]),
      ContentLength: bytes.length,
      ChecksumAlgorithm: 'CRC32',
    });

    expect(Buffer.compare(seen()['Body'] as Buffer, bytes)).toBe(0);
    expect(seen()['ContentLength']).toBe(bytes.length);
    expect(seen()['ChecksumCRC32']).toMatch(/^[A-Za-z0-9+/]{6}==$/);
  });

  it('streams an answer and spools a large body to disk only while it is needed', async () => {
    const s3 = new S3(small.client);
    const bytes = Buffer.alloc(3_000_000, 7);
    small.answer = () => ({
      Body: Readable.from([bytes]),
      ContentLength: bytes.length,
      ETag: '"e"',
      LastModified: new Date(NOON),
    });

    await s3.putObject({ Bucket: 'b', Key: 'k', Body: bytes });
    const answer = await s3.getObject({ Bucket: 'b', Key: 'k' });

    expect((await answer.Body?.transformToByteArray())?.length).toBe(bytes.length);
    expect(answer).toMatchObject({ ETag: '"e"', LastModified: new Date(NOON) });
    expect(readdirSync(small.folder)).toEqual([]);
  });

  it('names every answer of S3 twice', async () => {
    const { $metadata: metadata } = await new S3(small.client).getBucketPolicy({ Bucket: 'b' });

    expect(metadata).toMatchObject({
      requestId: expect.any(String) as unknown,
      extendedRequestId: expect.any(String) as unknown,
    });
  });

  it('tells the operations on a bucket and on a key apart by query, header and level', async () => {
    const s3 = new S3(small.client);
    const upload = { Bucket: 'b', Key: 'k', UploadId: 'u' };
    // The SDK takes an empty 200 from these for a failure.
    small.answer = () => ({ CopyObjectResult: { ETag: 'e' }, CopyPartResult: { ETag: 'e' }, Bucket: 'b' });

    await s3.listBuckets();
    await s3.listObjectsV2({ Bucket: 'b', Prefix: 'p' });
    await s3.listObjects({ Bucket: 'b' });
    await s3.getBucketPolicy({ Bucket: 'b' });
    await s3.copyObject({ Bucket: 'b', Key: 'k', CopySource: 'b/j' });
    await s3.createMultipartUpload({ Bucket: 'b', Key: 'k' });
    await s3.uploadPart({ ...upload, PartNumber: 1, Body: 'x' });
    await s3.uploadPartCopy({ ...upload, PartNumber: 2, CopySource: 'b/j' });
    await s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: 'e' }] } });
    await s3.listParts(upload);
    await s3.abortMultipartUpload(upload);
    await s3.deleteObject({ Bucket: 'b', Key: 'k' });
    await s3.deleteObjects({ Bucket: 'b', Delete: { Objects: [{ Key: 'k' }] } });

    expect(small.calls.map(({ operation }) => operation)).toEqual([
      'ListBuckets',
      'ListObjectsV2',
      'ListObjects',
      'GetBucketPolicy',
      'CopyObject',
      'CreateMultipartUpload',
      'UploadPart',
      'UploadPartCopy',
      'CompleteMultipartUpload',
      'ListParts',
      'AbortMultipartUpload',
      'DeleteObject',
      'DeleteObjects',
    ]);
    expect(small.calls[8]?.input).toMatchObject({ MultipartUpload: { Parts: [{ PartNumber: 1, ETag: 'e' }] } });
  });

  it('answers an error in S3’s own form, and bare to HEAD', async () => {
    const s3 = new S3(small.client);
    small.answer = () => {
      throw new AwsError('NoSuchKey', 'The specified key does not exist.', { fields: { Key: 'k' } });
    };

    await expect(s3.getObject({ Bucket: 'b', Key: 'k' })).rejects.toMatchObject({
      name: 'NoSuchKey',
      Key: 'k',
      $metadata: { extendedRequestId: expect.any(String) as unknown },
    });
    await expect(s3.headObject({ Bucket: 'b', Key: 'k' })).rejects.toMatchObject({
      name: 'NotFound',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('refuses a body that is not what its signature says', async () => {
    const response = await fetch(`${small.client.endpoint}/b/k`, {
      method: 'PUT',
      headers: {
        'x-amz-content-sha256': '0'.repeat(64),
        authorization: 'AWS4-HMAC-SHA256 Credential=A/20260115/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: 'other',
    });

    expect(response.status).toBe(400);
    expect(await response.text()).toContain('<Code>XAmzContentSHA256Mismatch</Code>');
    expect(small.calls).toEqual([]);
  });
});

describe('the port', () => {
  it('refuses an address that cannot be decoded as the caller’s mistake, in the bucket as in the key', async () => {
    const answers = await Promise.all(['/%zz', '/%zz/k', '/b/%zz'].map((path) => fetch(`${small.client.endpoint}${path}`)));

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    for (const answer of answers) expect(await answer.text()).toContain('<Code>InvalidURI</Code>');
    expect(small.calls).toEqual([]);
  });

  it('dates every answer by the timeline, from which clients learn their skew', async () => {
    const response = await fetch(small.client.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSStepFunctions.ListStateMachines' },
    });

    expect(response.headers.get('date')).toBe('Thu, 15 Jan 2026 12:00:00 GMT');
  });

  it('names the service it does not have, and the operation that does not exist', async () => {
    const ask = async (scope: string, target: string): Promise<string> => {
      const authorization = `AWS4-HMAC-SHA256 Credential=A/20260115/eu-west-1/${scope}/aws4_request, SignedHeaders=host, Signature=0`;
      const response = await fetch(small.client.endpoint, {
        method: 'POST',
        headers: { authorization, 'x-amz-target': target },
        body: '{}',
      });
      return response.text();
    };

    expect(await ask('dynamodb', 'DynamoDB_20120810.ListTables')).toContain('no service \\"dynamodb\\"');
    expect(await ask('states', 'AWSStepFunctions.StartExecutions')).toContain('UnknownOperationException');
    const images = 'AmazonEC2ContainerRegistry_V20150921.DescribeRepositories';
    expect(await ask('ecr', images)).toContain('RepositoryNotFoundException');
    expect(await ask('ecr', images.replace('Describe', 'Create'))).toContain('no service \\"ecr\\"');
  });

  it('cuts the connection when the door says so', async () => {
    small.answer = () => {
      throw new ConnectionLost();
    };

    await expect(new SFN(small.client).listStateMachines()).rejects.toThrow('socket hang up');
  });

  it('answers what a service throws by mistake as AWS’s own failure, naming it', async () => {
    small.answer = () => {
      throw new TypeError('undefined is not a function');
    };

    await expect(new SFN(small.client).listStateMachines()).rejects.toMatchObject({
      name: 'InternalFailure',
      message: expect.stringContaining('TypeError: undefined is not a function') as unknown,
      $metadata: { httpStatusCode: 500 },
    });
  });
});
