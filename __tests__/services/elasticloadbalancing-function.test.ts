import { AddPermissionCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ARN, lambdaCloud } from './lambda-ground.ts';

const CODE = `exports.handler = async (event) => ({
  statusCode: 503,
  headers: { 'retry-after': '120', 'content-type': 'application/json' },
  body: JSON.stringify({ host: event.headers.host, path: event.path }),
})`;

describe('a function behind a load balancer', () => {
  let ground: Awaited<ReturnType<typeof lambdaCloud>>;
  beforeEach(async () => {
    ground = await lambdaCloud();
  });
  afterEach(() => ground.cloud.stop());

  const grant = (SourceArn: string) =>
    ground.lambda.send(
      new AddPermissionCommand({
        FunctionName: 'probe',
        StatementId: 'balance',
        Action: 'lambda:InvokeFunction',
        Principal: 'elasticloadbalancing.amazonaws.com',
        SourceArn,
      }),
    );
  const group = async (): Promise<string> => {
    const { TargetGroups: [made] = [] } = await ground.cloud.call('elasticloadbalancing', 'CreateTargetGroup', {
      Name: 'closed',
      TargetType: 'lambda',
    });
    return made?.TargetGroupArn ?? '';
  };
  const register = (TargetGroupArn: string) =>
    ground.cloud.call('elasticloadbalancing', 'RegisterTargets', { TargetGroupArn, Targets: [{ Id: ARN }] });

  it('is no target until its own policy lets the target group in', async () => {
    await ground.make(CODE);
    const TargetGroupArn = await group();

    await expect(register(TargetGroupArn)).rejects.toMatchObject({
      code: 'AccessDenied',
      message: `elasticloadbalancing principal does not have permission to invoke ${ARN} from target group ${TargetGroupArn}`,
    });
    await grant(`${TargetGroupArn}0`);
    await expect(register(TargetGroupArn)).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('answers in front of everything with its status and headers, and is a bad gateway once it is not allowed any more', async () => {
    const { cloud } = ground;
    await ground.make(CODE);
    const TargetGroupArn = await group();
    await grant(TargetGroupArn);
    await register(TargetGroupArn);
    const { listeners, addresses } = await cloud.services.elasticloadbalancing.own.found({
      name: 'orders',
      listeners: [{ port: 80, protocol: 'HTTP', defaultTargetGroup: 'web' }],
      targetGroups: [{ name: 'web', port: 80, targets: [] }],
    });
    const at = cloud.ground.published().get(`http://${addresses.a[0] ?? ''}:80`) ?? '';
    const open = await fetch(at);
    await cloud.call('elasticloadbalancing', 'CreateRule', {
      ListenerArn: listeners.get(80),
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['*'] }],
      Actions: [{ Type: 'forward', TargetGroupArn }],
    });
    await cloud.timeline.passTo(cloud.timeline.now() + 6_000);

    const closed = await fetch(`${at}/orders?x=1`);
    await cloud.call('lambda', 'RemovePermission', { FunctionName: 'probe', StatementId: 'balance' });
    const forbidden = await fetch(at);

    expect([open.status, closed.status, forbidden.status]).toEqual([503, 503, 502]);
    expect([open, closed].map(({ headers }) => headers.get('retry-after'))).toEqual([null, '120']);
    expect(await closed.json()).toEqual({ host: new URL(at).host, path: '/orders' });
  });
});
