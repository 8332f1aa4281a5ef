import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateStateMachineAliasCommand,
  DeleteStateMachineCommand,
  DeleteStateMachineVersionCommand,
  DescribeStateMachineAliasCommand,
  ListExecutionsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  ListTagsForResourceCommand,
  PublishStateMachineVersionCommand,
  StartExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { allow, definition, machineArn, openScene, type Scene } from './states-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.stop());

const says = (word: string) => ({ Say: { Type: 'Pass', Output: word, End: true } });
const hour = { Wait: { Type: 'Wait', Seconds: 3600, End: true } };
const update = (stateMachineArn: string, states: object) =>
  scene.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: definition(states), publish: true }));

/** A machine with version 1 saying one and version 2 saying two. */
async function twoVersions(): Promise<string> {
  const machine = await scene.machine('speaker', says('one'), { publish: true });
  await update(machine, says('two'));
  return machine;
}

describe('a version', () => {
  it('stays what it was when the machine changes', async () => {
    const machine = await twoVersions();

    const [first, latest] = [await scene.run(`${machine}:1`), await scene.run(machine)];

    expect([first.output, latest.output]).toEqual(['"one"', '"two"']);
    expect(first.stateMachineVersionArn).toBe(`${machine}:1`);
  });

  it('is published once per revision, and a stale revision is refused', async () => {
    const machine = await twoVersions();
    const publish = (revisionId?: string) =>
      scene.sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn: machine, revisionId }));

    const again = await publish();

    expect(again.stateMachineVersionArn).toBe(`${machine}:2`);
    await expect(publish('INITIAL')).rejects.toMatchObject({ name: 'ConflictException' });
    const { stateMachineVersions } = await scene.sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn: machine }));
    expect(stateMachineVersions?.map(({ stateMachineVersionArn }) => stateMachineVersionArn)).toEqual([
      `${machine}:2`,
      `${machine}:1`,
    ]);
  });

  it('cannot go while an alias leads to it, and its number is never given again', async () => {
    const machine = await twoVersions();
    const routingConfiguration = [{ stateMachineVersionArn: `${machine}:2`, weight: 100 }];
    await scene.sfn.send(new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration }));
    const remove = (number: number) =>
      scene.sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: `${machine}:${number}` }));

    await expect(remove(2)).rejects.toMatchObject({ name: 'ConflictException' });
    await remove(1);
    const { stateMachineVersionArn } = await update(machine, says('three'));

    expect(stateMachineVersionArn).toBe(`${machine}:3`);
    await expect(scene.run(`${machine}:1`)).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });
});

describe('an alias', () => {
  it('leads to two versions by weight', async () => {
    const machine = await twoVersions();
    const routingConfiguration = [
      { stateMachineVersionArn: `${machine}:1`, weight: 20 },
      { stateMachineVersionArn: `${machine}:2`, weight: 80 },
    ];
    const { stateMachineAliasArn = '' } = await scene.sfn.send(
      new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration }),
    );

    for (let i = 0; i < 40; i++) await scene.run(stateMachineAliasArn);

    const count = async (arn: string) =>
      (await scene.sfn.send(new ListExecutionsCommand({ stateMachineArn: arn }))).executions?.length ?? 0;
    const [ones, twos, all] = [await count(`${machine}:1`), await count(`${machine}:2`), await count(stateMachineAliasArn)];
    expect(all).toBe(40);
    expect(ones + twos).toBe(40);
    expect(ones).toBeGreaterThan(0);
    expect(ones).toBeLessThan(twos);
  });

  it('is moved by an update, and described', async () => {
    const machine = await twoVersions();
    const to = (number: number) => [{ stateMachineVersionArn: `${machine}:${number}`, weight: 100 }];
    const { stateMachineAliasArn = '' } = await scene.sfn.send(
      new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration: to(1) }),
    );

    await scene.sfn.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, routingConfiguration: to(2) }));

    const described = await scene.sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn }));
    expect(described).toMatchObject({ name: 'live', routingConfiguration: to(2) });
    expect((await scene.run(stateMachineAliasArn)).output).toBe('"two"');
    const list = await scene.sfn.send(new ListStateMachineAliasesCommand({ stateMachineArn: machine }));
    expect(list.stateMachineAliases).toHaveLength(1);
  });

  it.each([
    ['weights that do not make a hundred', 'live', [{ version: 1, weight: 50 }], 'ValidationException'],
    ['a version that does not exist', 'live', [{ version: 9, weight: 100 }], 'ResourceNotFound'],
    ['a name that could be a version', '7', [{ version: 1, weight: 100 }], 'InvalidName'],
  ])('is refused with %s', async (_said, name, routes, error) => {
    const machine = await twoVersions();
    const routingConfiguration = routes.map(({ version, weight }) => ({
      stateMachineVersionArn: `${machine}:${version}`,
      weight,
    }));

    const made = scene.sfn.send(new CreateStateMachineAliasCommand({ name, routingConfiguration }));

    await expect(made).rejects.toMatchObject({ name: error });
  });

  it('is what a permission on the qualifier is about', async () => {
    const machine = await twoVersions();
    const only = {
      ...allow('states:StartExecution', machine),
      Condition: { 'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': ['live'] } },
    };
    await scene.role('starter', [only], 'events.amazonaws.com');
    const caller = scene.cloud.ground.assume('arn:aws:iam::123456789012:role/starter', 'events.amazonaws.com', 'test');
    const routingConfiguration = [{ stateMachineVersionArn: `${machine}:1`, weight: 100 }];
    await scene.sfn.send(new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration }));
    const start = (stateMachineArn: string) => scene.cloud.ground.call(caller, 'states', 'StartExecution', { stateMachineArn });

    const started = await start(`${machine}:live`);

    expect(started.executionArn).toContain(':execution:speaker:');
    await expect(start(machine)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('a machine being deleted', () => {
  it('starts nothing more, and goes with its last execution', async () => {
    const machine = await scene.machine('leaving', hour);
    const { executionArn = '' } = await scene.sfn.send(new StartExecutionCommand({ stateMachineArn: machine }));

    await scene.sfn.send(new DeleteStateMachineCommand({ stateMachineArn: machine }));

    const start = () => scene.sfn.send(new StartExecutionCommand({ stateMachineArn: machine }));
    await expect(start()).rejects.toMatchObject({ name: 'StateMachineDeleting' });
    await scene.settled(executionArn);
    await expect(start()).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    await scene.sfn.send(new DeleteStateMachineCommand({ stateMachineArn: machine }));
  });
});

describe('tags of a machine', () => {
  it('are added, listed and taken away', async () => {
    const resourceArn = await scene.machine('tagged', hour, { tags: [{ key: 'app', value: 'shop' }] });

    await scene.sfn.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'team', value: 'core' }] }));
    await scene.sfn.send(new UntagResourceCommand({ resourceArn, tagKeys: ['app'] }));

    const { tags } = await scene.sfn.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toEqual([{ key: 'team', value: 'core' }]);
    const absent = scene.sfn.send(new ListTagsForResourceCommand({ resourceArn: machineArn('absent') }));
    await expect(absent).rejects.toMatchObject({ name: 'ResourceNotFound' });
  });
});
