import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CERTIFICATE, loadBalanced, type LoadBalanced, orders, OTHER } from './load-balanced.ts';

const CLOSED = { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '503', MessageBody: 'closed' } };
const EVERYWHERE = [{ Field: 'path-pattern', Values: ['*'] }];
const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:closed';

let scene: LoadBalanced;
beforeEach(async () => {
  scene = await loadBalanced();
});
afterEach(() => scene.stop());

const statesOf = async (group: string): Promise<(string | undefined)[]> => {
  const { TargetHealthDescriptions = [] } = await scene.call('DescribeTargetHealth', { TargetGroupArn: group });
  return TargetHealthDescriptions.map(({ TargetHealth }) =>
    [TargetHealth?.State, TargetHealth?.Reason].filter(Boolean).join(' '),
  );
};

describe('a load balancer that stands', () => {
  it('is described with its zone id and both families of addresses, and an alias may point to it', async () => {
    const { arn, dnsName } = await orders(scene);

    const { LoadBalancers = [] } = await scene.call('DescribeLoadBalancers', { Names: ['orders'] });

    expect(LoadBalancers).toMatchObject([
      {
        LoadBalancerArn: arn,
        DNSName: dnsName,
        CanonicalHostedZoneId: 'Z32O12XQLNTSW2',
        IpAddressType: 'dualstack',
        State: { Code: 'active' },
      },
    ]);
    expect(dnsName).toMatch(/^orders-\d+\.eu-west-1\.elb\.amazonaws\.com$/);
    expect(scene.aliases.map(({ dnsName: name, zoneId, addresses }) => [name, zoneId, addresses()])).toEqual([
      [`${dnsName}.`, 'Z32O12XQLNTSW2', { a: ['192.0.2.10', '198.51.100.10'], aaaa: ['2001:db8:a::a', '2001:db8:b::a'] }],
    ]);
  });

  it('answers at every address over TLS with the name asked for, machine after machine', async () => {
    await orders(scene);

    const answers = [
      await scene.visit('https://192.0.2.10:443'),
      await scene.visit('https://198.51.100.10:443'),
      await scene.visit('https://[2001:db8:a::a]:443', { host: 'api.other.test' }),
    ];

    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, 'one'],
      [200, 'two'],
      [200, 'one'],
    ]);
    await expect(scene.visit('https://192.0.2.10:443', { host: 'strange.test' })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('tells the machine who asked and how', async () => {
    const { https } = await orders(scene);

    const { body } = await scene.visit(https, { path: '/echo', headers: { 'x-forwarded-for': '203.0.113.9' } });

    expect(JSON.parse(body)).toMatchObject({
      host: 'app.orders.test',
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/) as unknown,
    });
  });

  it('sends plain HTTP to HTTPS, with path and query', async () => {
    const { http } = await orders(scene);

    const { status, headers } = await scene.visit(http, { path: '/a?b=c' });

    expect([status, headers.location, headers.server]).toEqual([301, 'https://app.orders.test:443/a?b=c', 'awselb/2.0']);
  });

  it('answers nobody once it is lost, while its description goes on', async () => {
    const { https, listener } = await orders(scene);
    const place = scene.ground.published().get(https) ?? '';

    await scene.own.lose('orders');

    await expect(fetch(place.replace('https', 'http'))).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    expect(scene.ground.published().size).toBe(0);
    expect((await scene.call('DescribeListeners', { ListenerArns: [listener] })).Listeners).toMatchObject([{ Port: 443 }]);
  });

  it('is found by name, by ARN and page by page, and missed by name', async () => {
    const { arn } = await orders(scene);
    await scene.own.found({ name: 'another', listeners: [], targetGroups: [] });

    const first = await scene.call('DescribeLoadBalancers', { PageSize: 1 });
    const second = await scene.call('DescribeLoadBalancers', { PageSize: 1, Marker: first.NextMarker });

    expect([first, second].map(({ LoadBalancers: [one] = [] }) => one?.LoadBalancerName)).toEqual(['another', 'orders']);
    expect(second.NextMarker).toBeUndefined();
    expect((await scene.call('DescribeLoadBalancers', { LoadBalancerArns: [arn] })).LoadBalancers).toHaveLength(1);
    await expect(scene.call('DescribeLoadBalancers', { Names: ['gone'] })).rejects.toMatchObject({
      code: 'LoadBalancerNotFound',
      message: "Load balancers '[gone]' not found",
    });
    await expect(scene.call('DescribeLoadBalancers', { Marker: 'mine' })).rejects.toMatchObject({ code: 'ValidationError' });
  });
});

describe('a rule', () => {
  it('comes before the default one, counts a moment after it was made, and goes as it came', async () => {
    const { https, listener } = await orders(scene);
    const { Rules: [rule] = [] } = await scene.call('CreateRule', {
      ListenerArn: listener,
      Priority: 1,
      Conditions: EVERYWHERE,
      Actions: [CLOSED],
    });

    const before = await scene.visit(https);
    await scene.pass(6);
    const fenced = await scene.visit(https);
    await scene.call('DeleteRule', { RuleArn: rule?.RuleArn });
    const still = await scene.visit(https);
    await scene.pass(6);
    const opened = await scene.visit(https);

    expect([before, fenced, still, opened].map(({ status }) => status)).toEqual([200, 503, 503, 200]);
    expect([fenced.body, fenced.headers['content-type'], fenced.headers.server]).toEqual(['closed', 'text/plain', 'awselb/2.0']);
  });

  it('has one priority for itself, moved together with others only', async () => {
    const { listener } = await orders(scene);
    const make = async (Priority: number): Promise<string> => {
      const { Rules: [rule] = [] } = await scene.call('CreateRule', {
        ListenerArn: listener,
        Priority,
        Conditions: EVERYWHERE,
        Actions: [CLOSED],
      });
      return rule?.RuleArn ?? '';
    };
    const [first, second] = [await make(1), await make(2)];

    await expect(make(1)).rejects.toMatchObject({ code: 'PriorityInUse', message: "Priority '1' is currently in use" });
    await expect(scene.call('SetRulePriorities', { RulePriorities: [{ RuleArn: first, Priority: 2 }] })).rejects.toMatchObject({
      code: 'PriorityInUse',
    });
    await scene.call('SetRulePriorities', {
      RulePriorities: [
        { RuleArn: first, Priority: 2 },
        { RuleArn: second, Priority: 1 },
      ],
    });

    const { Rules = [] } = await scene.call('DescribeRules', { ListenerArn: listener });
    expect(Rules.map(({ RuleArn, Priority }) => [RuleArn, Priority])).toEqual([
      [second, '1'],
      [first, '2'],
      [expect.stringContaining(':listener-rule/app/orders/'), 'default'],
    ]);
  });

  it.each([
    ['host-header', { Field: 'host-header', Values: ['*.other.test'] }, { host: 'api.other.test' }, {}],
    ['path-pattern', { Field: 'path-pattern', Values: ['/api/?*'] }, { path: '/api/x?y' }, { path: '/API/x' }],
    [
      'http-header',
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Who', Values: ['b*'] } },
      { headers: { 'x-who': 'Bot' } },
      { headers: { 'x-who': 'me' } },
    ],
    [
      'http-request-method',
      { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['POST'] } },
      { method: 'POST' },
      {},
    ],
    [
      'query-string',
      { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'a', Value: 'b*' }] } },
      { path: '/?x=1&A=Bc' },
      { path: '/?a=c' },
    ],
    ['source-ip', { Field: 'source-ip', SourceIpConfig: { Values: ['127.0.0.0/8'] } }, {}, undefined],
  ])('by %s meets those it means and no others', async (_name, condition, met, passed) => {
    const { https, listener } = await orders(scene);
    await scene.call('CreateRule', { ListenerArn: listener, Priority: 5, Conditions: [condition], Actions: [CLOSED] });
    await scene.pass(6);

    const statuses = [(await scene.visit(https, met)).status, passed && (await scene.visit(https, passed)).status];

    expect(statuses).toEqual([503, passed && 200]);
  });

  it.each([
    ['no condition', { Conditions: [] }, 'ValidationError'],
    ['an unknown field', { Conditions: [{ Field: 'moon', Values: ['full'] }] }, 'ValidationError'],
    [
      'six values',
      {
        Conditions: [
          { Field: 'path-pattern', Values: ['/1', '/2', '/3'] },
          { Field: 'host-header', Values: ['a.b', 'c.d', 'e.f'] },
        ],
      },
      'ValidationError',
    ],
    ['the same field twice', { Conditions: [...EVERYWHERE, ...EVERYWHERE] }, 'ValidationError'],
    ['no priority there is', { Priority: 50_001 }, 'ValidationError'],
    [
      'a strange answer',
      { Actions: [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '301' } }] },
      'ValidationError',
    ],
    ['a group that is not there', { Actions: [{ Type: 'forward' as const, TargetGroupArn: 'arn:none' }] }, 'TargetGroupNotFound'],
    [
      'a redirect to itself',
      { Actions: [{ Type: 'redirect' as const, RedirectConfig: { StatusCode: 'HTTP_302' as const } }] },
      'InvalidLoadBalancerAction',
    ],
    ['a login', { Actions: [{ Type: 'authenticate-oidc' as const }] }, 'NotImplemented'],
    ['a tag of AWS', { Tags: [{ Key: 'aws:mine', Value: '' }] }, 'ValidationError'],
  ])('with %s is refused, and nothing is made', async (_name, wrong, code) => {
    const { listener } = await orders(scene);
    const good = { ListenerArn: listener, Priority: 1, Conditions: EVERYWHERE, Actions: [CLOSED] };

    const made = scene.call('CreateRule', { ...good, ...wrong });

    await expect(made).rejects.toMatchObject({ code });
    expect((await scene.call('DescribeRules', { ListenerArn: listener })).Rules).toHaveLength(1);
  });

  it('that is the default cannot be deleted or changed, and a hundred others are the most', async () => {
    const { listener } = await orders(scene);
    const { Rules: [standard] = [] } = await scene.call('DescribeRules', { ListenerArn: listener });
    const make = (Priority: number) =>
      scene.call('CreateRule', { ListenerArn: listener, Priority, Conditions: EVERYWHERE, Actions: [CLOSED] });

    for (let i = 1; i <= 100; i++) await make(i);

    await expect(make(101)).rejects.toMatchObject({ code: 'TooManyRules' });
    await expect(scene.call('DeleteRule', { RuleArn: standard?.RuleArn })).rejects.toMatchObject({
      code: 'OperationNotPermitted',
    });
    await expect(scene.call('ModifyRule', { RuleArn: standard?.RuleArn })).rejects.toMatchObject({
      code: 'OperationNotPermitted',
    });
    await expect(scene.call('DeleteRule', { RuleArn: `${standard?.RuleArn ?? ''}0` })).rejects.toMatchObject({
      code: 'RuleNotFound',
    });
  });

  it('asks IAM for its listener and, with tags, for the right to tag', () => {
    const listener = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/orders/1/2';
    const call = { region: 'eu-west-1' } as never;
    const input = { ListenerArn: listener, Conditions: [], Priority: 1, Actions: [], Tags: [{ Key: 'run', Value: 'r-1' }] };

    const asked = scene.service.operations.CreateRule?.asks(input, call);

    const context = { 'aws:RequestTag/run': 'r-1', 'aws:TagKeys': ['run'] };
    expect(asked).toEqual([
      { action: 'elasticloadbalancing:CreateRule', resource: listener, context },
      {
        action: 'elasticloadbalancing:AddTags',
        resource: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/orders/1/2/*',
        context: { ...context, 'elasticloadbalancing:CreateAction': 'CreateRule' },
      },
    ]);
  });

  it('says its tags to the policies that look at them, until they are taken away', async () => {
    const { listener } = await orders(scene);
    const { Rules: [rule] = [] } = await scene.call('CreateRule', {
      ListenerArn: listener,
      Priority: 1,
      Conditions: EVERYWHERE,
      Actions: [CLOSED],
      Tags: [{ Key: 'run', Value: 'r-1' }],
    });
    const RuleArn = rule?.RuleArn ?? '';
    const asked = () => scene.service.operations.DeleteRule?.asks({ RuleArn }, { region: 'eu-west-1' } as never);
    const before = asked();

    const { TagDescriptions } = await scene.call('DescribeTags', { ResourceArns: [RuleArn] });
    await scene.call('RemoveTags', { ResourceArns: [RuleArn], TagKeys: ['run'] });

    expect(TagDescriptions).toEqual([{ ResourceArn: RuleArn, Tags: [{ Key: 'run', Value: 'r-1' }] }]);
    expect(before).toMatchObject([{ resource: RuleArn, context: { 'aws:ResourceTag/run': 'r-1' } }]);
    expect(asked()?.[0]?.context).toEqual({});
  });
});

describe('the targets of a group', () => {
  it('are as well as their last checks, and only in time', async () => {
    const { group, well } = await orders(scene);
    const before = await statesOf(group);
    await scene.own.settle();
    well.two = 500;

    const atOnce = await statesOf(group);
    await scene.pass(31);
    const afterOne = await statesOf(group);
    await scene.pass(30);
    const afterTwo = await statesOf(group);

    expect([before, atOnce, afterOne]).toEqual(Array(3).fill(['healthy', 'healthy']));
    expect(afterTwo).toEqual(['healthy', 'unhealthy Target.ResponseCodeMismatch']);
  });

  it('are well again only after five checks, and what nobody looked at meanwhile counts', async () => {
    const { group, well } = await orders(scene);
    well.two = 500;
    await scene.pass(3_600);
    const ill = await statesOf(group);
    well.two = 200;

    await scene.pass(31);
    const stillIll = await statesOf(group);
    await scene.pass(4 * 30);
    const healed = await statesOf(group);

    expect([ill, stillIll, healed].map(([, two]) => two)).toEqual([
      'unhealthy Target.ResponseCodeMismatch',
      'unhealthy Target.ResponseCodeMismatch',
      'healthy',
    ]);
  });

  it('get no requests while unhealthy, and all of them when none is healthy', async () => {
    const { https, well } = await orders(scene);
    well.two = 500;
    const before = [await scene.visit(https), await scene.visit(https)].map(({ body }) => body);

    well.one = 500;
    await scene.pass(120);
    const open = [await scene.visit(https), await scene.visit(https)].map(({ body }) => body);

    expect(before).toEqual(['one', 'one']);
    expect(open.sort()).toEqual(['one', 'two']);
  });

  it('that stopped are a bad gateway until the checks have found out', async () => {
    const { https, group } = await orders(scene);
    await scene.visit(https);

    await scene.own.origin('orders', 'i-0000000000000002', undefined);
    const early = [await scene.visit(https), await scene.visit(https)].map(({ status }) => status);
    await scene.pass(61);
    const later = [await scene.visit(https), await scene.visit(https)].map(({ status }) => status);

    expect(early.sort()).toEqual([200, 502]);
    expect(later).toEqual([200, 200]);
    expect(await statesOf(group)).toEqual(['healthy', 'unhealthy Target.FailedHealthChecks']);
  });

  it('drain before they are gone, and a group without any is unavailable', async () => {
    const { https, group } = await orders(scene);
    const both = [{ Id: 'i-0000000000000001' }, { Id: 'i-0000000000000002' }];

    await scene.call('DeregisterTargets', { TargetGroupArn: group, Targets: both });
    const draining = await statesOf(group);
    const { status } = await scene.visit(https);
    await scene.pass(301);

    expect(draining).toEqual(Array(2).fill('draining Target.DeregistrationInProgress'));
    expect(status).toBe(503);
    expect(await statesOf(group)).toEqual([]);
  });

  it('begin anew when they are registered, and are unused in a group that no rule names', async () => {
    const { group, listener } = await orders(scene);
    const { TargetGroups: [made] = [] } = await scene.call('CreateTargetGroup', {
      Name: 'fresh',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: 'vpc-00000001',
      HealthCheckPath: '/healthz',
    });
    const TargetGroupArn = made?.TargetGroupArn ?? '';
    await scene.call('RegisterTargets', { TargetGroupArn, Targets: [{ Id: 'i-0000000000000001' }] });
    const unused = await statesOf(TargetGroupArn);

    await scene.call('ModifyListener', { ListenerArn: listener, DefaultActions: [{ Type: 'forward', TargetGroupArn }] });
    const initial = await statesOf(TargetGroupArn);
    await scene.pass(31);

    expect([unused, initial, await statesOf(TargetGroupArn)]).toEqual([
      ['unused Target.NotInUse'],
      ['initial Elb.RegistrationInProgress'],
      ['healthy'],
    ]);
    expect(await statesOf(group)).toEqual(Array(2).fill('unused Target.NotInUse'));
    await expect(
      scene.call('RegisterTargets', { TargetGroupArn, Targets: [{ Id: 'i-00000000000000ff' }] }),
    ).rejects.toMatchObject({ code: 'InvalidTarget' });
  });
});

describe('a target group', () => {
  it('in use is not deleted, and serves one load balancer', async () => {
    const { group } = await orders(scene);
    const other = await scene.own.found({ name: 'other', listeners: [], targetGroups: [] });

    const deleted = scene.call('DeleteTargetGroup', { TargetGroupArn: group });
    const shared = scene.call('CreateListener', {
      LoadBalancerArn: other.arn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
    });

    await expect(deleted).rejects.toMatchObject({ code: 'ResourceInUse' });
    await expect(shared).rejects.toMatchObject({ code: 'TargetGroupAssociationLimit' });
  });

  it('of a weight of nothing gets no request', async () => {
    const { https, listener, group } = await orders(scene);
    await scene.call('ModifyListener', {
      ListenerArn: listener,
      DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: group, Weight: 0 }] } }],
    });
    await scene.pass(6);

    const { status, headers } = await scene.visit(https);

    expect([status, headers.server]).toEqual([503, 'awselb/2.0']);
  });
});

describe('a listener', () => {
  it('shows its certificates, and needs one that there is for HTTPS', async () => {
    const { listener } = await orders(scene);

    const { Certificates } = await scene.call('DescribeListenerCertificates', { ListenerArn: listener });

    expect(Certificates).toEqual([
      { CertificateArn: CERTIFICATE, IsDefault: true },
      { CertificateArn: OTHER, IsDefault: false },
    ]);
    await expect(
      scene.call('ModifyListener', { ListenerArn: listener, Certificates: [{ CertificateArn: `${CERTIFICATE}x` }] }),
    ).rejects.toMatchObject({ code: 'CertificateNotFound' });
  });

  it('is made and moved at its port, and refuses everybody when it is gone', async () => {
    const { arn, group, listeners } = await orders(scene);
    const plain = listeners.get(80) ?? '';
    const action = { Type: 'forward' as const, TargetGroupArn: group };

    await expect(scene.call('ModifyListener', { ListenerArn: plain, Protocol: 'HTTPS' })).rejects.toMatchObject({
      code: 'ValidationError',
      message: 'A certificate must be specified for HTTPS listeners',
    });
    await expect(
      scene.call('CreateListener', { LoadBalancerArn: arn, Protocol: 'HTTP', Port: 443, DefaultActions: [action] }),
    ).rejects.toMatchObject({ code: 'DuplicateListener' });
    await scene.call('ModifyListener', { ListenerArn: plain, Port: 8080, DefaultActions: [action] });
    await scene.pass(6);
    const moved = await scene.visit('http://192.0.2.10:8080');
    await scene.call('DeleteListener', { ListenerArn: plain });

    expect(moved.status).toBe(200);
    expect([...scene.ground.published().keys()].filter((at) => at.startsWith('http:'))).toEqual([]);
  });
});

describe('attributes', () => {
  it('are told, changed within their range, and refused by name when nothing here follows them', async () => {
    const { arn, group } = await orders(scene);
    const set = (Key: string, Value: string) =>
      scene.call('ModifyLoadBalancerAttributes', { LoadBalancerArn: arn, Attributes: [{ Key, Value }] });

    await set('idle_timeout.timeout_seconds', '4000');
    const { Attributes = [] } = await scene.call('DescribeLoadBalancerAttributes', { LoadBalancerArn: arn });

    expect(Attributes).toContainEqual({ Key: 'idle_timeout.timeout_seconds', Value: '4000' });
    await expect(set('idle_timeout.timeout_seconds', '4001')).rejects.toMatchObject({ code: 'ValidationError' });
    await expect(set('routing.http2.enabled', 'false')).rejects.toMatchObject({ code: 'NotImplemented' });
    await expect(
      scene.call('ModifyTargetGroupAttributes', {
        TargetGroupArn: group,
        Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
      }),
    ).rejects.toMatchObject({ code: 'NotImplemented' });
  });

  it('decide how long a silent machine is waited for', async () => {
    const silent = await scene.machine((request, response) => {
      if (request.url === '/') response.end();
    });
    const { arn, addresses } = await scene.own.found({
      name: 'silent',
      listeners: [{ port: 80, protocol: 'HTTP', defaultTargetGroup: 'silent' }],
      targetGroups: [{ name: 'silent', port: 80, targets: [{ id: 'i-0000000000000009', origin: silent }] }],
    });
    const Attributes = [{ Key: 'idle_timeout.timeout_seconds', Value: '1' }];
    await scene.call('ModifyLoadBalancerAttributes', { LoadBalancerArn: arn, Attributes });

    const { status } = await scene.visit(`http://${addresses.a[0] ?? ''}:80`, { path: '/never' });

    expect(status).toBe(504);
  });
});

describe('a function behind a rule', () => {
  const answering = (payload: unknown): void => {
    scene.ground.call = ((caller: unknown, _service: string, _operation: string, input: { Payload?: Uint8Array }) => {
      scene.calls.push({ caller, input } as never);
      return Promise.resolve({ StatusCode: 200, Payload: Buffer.from(JSON.stringify(payload)) });
    }) as never;
  };
  const fence = async (): Promise<{ https: string; group: string }> => {
    const { https, listener } = await orders(scene);
    const { TargetGroups: [made] = [] } = await scene.call('CreateTargetGroup', { Name: 'closed', TargetType: 'lambda' });
    const TargetGroupArn = made?.TargetGroupArn ?? '';
    await scene.call('RegisterTargets', { TargetGroupArn, Targets: [{ Id: FUNCTION }] });
    const Actions = [{ Type: 'forward' as const, TargetGroupArn }];
    await scene.call('CreateRule', { ListenerArn: listener, Priority: 1, Conditions: EVERYWHERE, Actions });
    await scene.pass(6);
    return { https, group: TargetGroupArn };
  };

  it('reads the request as an event and answers with its own status and headers', async () => {
    answering({ statusCode: 503, headers: { 'Retry-After': '300', 'Content-Type': 'text/plain' }, body: 'moving' });
    const { https, group } = await fence();

    const { status, headers, body } = await scene.visit(https, { method: 'POST', path: '/a%20b?k=1&k=%32', body: '{}' });

    const { caller, input } = scene.calls.at(-1) ?? {};
    expect([status, headers['retry-after'], headers['content-type'], body]).toEqual([503, '300', 'text/plain', 'moving']);
    expect(caller).toEqual({
      kind: 'service',
      service: 'elasticloadbalancing.amazonaws.com',
      account: '123456789012',
      source: group,
    });
    expect(JSON.parse(Buffer.from(input?.['Payload'] as Uint8Array).toString())).toMatchObject({
      requestContext: { elb: { targetGroupArn: group } },
      httpMethod: 'POST',
      path: '/a%20b',
      queryStringParameters: { k: '%32' },
      headers: { host: 'app.orders.test', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' },
      body: '{}',
      isBase64Encoded: false,
    });
    expect(await statesOf(group)).toEqual(['unavailable Target.HealthCheckDisabled']);
  });

  it.each([['nothing'], [{ statusCode: '503' }], [{ statusCode: 200, headers: { a: 1 } }], [{ statusCode: 200, body: {} }]])(
    'that answers %j is a bad gateway',
    async (payload) => {
      answering(payload);
      const { https } = await fence();

      const { status } = await scene.visit(https);

      expect(status).toBe(502);
    },
  );
});
