// The approvers' page asked through Lambda itself: no public address, no chat service, only the Region.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { RunbookError } from '../../errors.ts';
import { asking } from './errors.ts';

/** As a function URL would put it: the fields in the address, or in the form that is posted. Answers the JSON it tells programs. */
export async function invokePage(
  FunctionName: string,
  method: 'GET' | 'POST',
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<string> {
  const form = new URLSearchParams(fields).toString();
  const event = {
    version: '2.0',
    rawPath: path,
    rawQueryString: method === 'GET' ? form : '',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    requestContext: { http: { method, path } },
    body: method === 'GET' ? '' : form,
    isBase64Encoded: false,
  };
  const lambda = new LambdaClient({});
  const { Payload, FunctionError } = await asking(`invoking ${FunctionName}`, () =>
    lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) })),
  );
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString('utf8')) as { statusCode?: number; body?: string };
  if (FunctionError === undefined && answer.statusCode !== undefined && answer.statusCode < 500) return answer.body ?? '';
  throw new RunbookError(
    'CloudTransient',
    `${FunctionName} broke down (${FunctionError ?? String(answer.statusCode)}); ask again`,
  );
}
