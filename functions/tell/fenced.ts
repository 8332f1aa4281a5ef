import type { ALBEvent, ALBResult } from 'aws-lambda';

/** Long enough to move a name, short enough that nobody gives up. */
const RETRY_AFTER_SECONDS = 30;

/**
 * What a fenced side's load balancer answers: 503 with Retry-After, which its own fixed response cannot carry. Says which side it is,
 * so that whoever verifies from outside knows whom they met. Reads and writes nothing.
 */
export const answerFenced = ({ requestContext }: Pick<ALBEvent, 'requestContext'>): ALBResult => ({
  statusCode: 503,
  statusDescription: '503 Service Unavailable',
  isBase64Encoded: false,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'retry-after': String(RETRY_AFTER_SECONDS),
    connection: 'close',
  },
  body: JSON.stringify({
    status: 'fenced',
    says: 'this side takes no requests any more; the name you asked for is being moved, so ask for it again',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    targetGroup: requestContext.elb.targetGroupArn.split('/')[1] ?? null,
  }),
});

export const handler = (event: ALBEvent): Promise<ALBResult> => Promise.resolve(answerFenced(event));
