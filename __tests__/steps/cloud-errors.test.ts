import { describe, expect, it } from '@jest/globals';
import { translate } from '../../shared/cloud/aws/errors.ts';

const coded = (error: Error, code: string): Error => Object.assign(error, { code });

describe('what AWS or the network says', () => {
  it.each([
    ['a connection that is cut', coded(new Error('socket hang up'), 'ECONNRESET')],
    ['a name that is not found', coded(new Error('getaddrinfo ENOTFOUND s3.eu-west-1.amazonaws.com'), 'ENOTFOUND')],
    ['several addresses of which none answers', coded(new AggregateError([new Error('one'), new Error('two')]), 'ECONNREFUSED')],
    ['no route to the service', coded(new Error('connect ENETUNREACH 52.218.0.1:443'), 'ENETUNREACH')],
    [
      'a throttled call',
      Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } }),
    ],
    ['a server error', Object.assign(new Error('oops'), { name: 'UnknownError', $metadata: { httpStatusCode: 503 } })],
  ])('is worth another try after %s', (_what, error) => {
    expect(translate(error, 'writing runs/x.json')).toMatchObject({ name: 'CloudTransient', cause: error });
  });

  it('names what was lost even where the network gave a code and no message', () => {
    const lost = coded(new AggregateError([new Error('one')]), 'ECONNREFUSED');

    expect(translate(lost, 'writing runs/x.json').message).toContain('ECONNREFUSED');
  });

  it('stops the run when AWS refuses', () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });

    expect(translate(denied, 'writing runs/x.json')).toMatchObject({
      name: 'CloudRefused',
      message: 'AWS refused writing runs/x.json (AccessDenied: no)',
    });
  });
});
