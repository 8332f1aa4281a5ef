// A cloud with Step Functions in it, functions made of plain closures, and roles in one line.
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
  type CreateStateMachineCommandInput,
  type HistoryEvent,
} from '@aws-sdk/client-sfn';
import { startCloud, type Cloud } from '../../rehearsal/cloud.ts';
import type { PolicyStatement } from '../../rehearsal/iam/ask.ts';
import type { Json } from '../../rehearsal/states/world.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const STARTS_AT = Date.parse('2026-11-21T03:00:00Z');

export const functionArn = (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
export const machineArn = (name: string): string => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`;
export const executionArn = (machine: string, name: string): string =>
  `arn:aws:states:${REGION}:${ACCOUNT}:execution:${machine}:${name}`;
export const allow = (action: string | string[], resource: string | string[]): PolicyStatement => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
});

export type FunctionBody = (event: Json) => Json | Promise<Json>;
/** What a function throws comes back as Lambda hands it on. */
export const failure = (errorType: string, errorMessage: string): Error =>
  Object.assign(new Error(errorMessage), { name: errorType });

export interface Scene {
  readonly cloud: Cloud;
  readonly sfn: SFNClient;
  readonly functions: Map<string, FunctionBody>;
  /** Makes a role that this service may wear, and gives its ARN. */
  role(name: string, statements: PolicyStatement[], service?: string): Promise<string>;
  machine(name: string, states: object, more?: Partial<CreateStateMachineCommandInput>): Promise<string>;
  /** Starts an execution and lets time pass until it has ended. */
  run(machine: string, input?: Json, name?: string): ReturnType<typeof describe>;
  settled(executionArn: string): Promise<void>;
  history(executionArn: string): Promise<HistoryEvent[]>;
  stop(): Promise<void>;
}

const describe = (sfn: SFNClient, arn: string) => sfn.send(new DescribeExecutionCommand({ executionArn: arn }));

export const definition = (states: object, startAt = Object.keys(states)[0]): string =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt: startAt, States: states });

export async function openScene(): Promise<Scene> {
  const cloud = await startCloud({ pace: { kind: 'virtual' }, startsAt: STARTS_AT, seed: 7 });
  const sfn = new SFNClient({ endpoint: cloud.endpoint, region: REGION, credentials: cloud.operator, maxAttempts: 1 });
  const functions = new Map<string, FunctionBody>();
  playLambda(cloud, functions);

  const scene: Scene = {
    cloud,
    sfn,
    functions,
    async role(name, statements, service = 'states.amazonaws.com') {
      const trust = {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
      };
      await cloud.call('iam', 'CreateRole', { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
      if (statements.length > 0) await cloud.call('iam', 'PutRolePolicy', { RoleName: name, PolicyName: 'own', PolicyDocument });
      return `arn:aws:iam::${ACCOUNT}:role/${name}`;
    },
    async machine(name, states, more = {}) {
      const roleArn = more.roleArn ?? (await scene.role(`${name}-role`, [allow('lambda:InvokeFunction', functionArn('*'))]));
      const made = await sfn.send(new CreateStateMachineCommand({ name, definition: definition(states), ...more, roleArn }));
      return made.stateMachineArn ?? '';
    },
    async run(machine, input = {}, name) {
      const given = { stateMachineArn: machine, input: JSON.stringify(input), ...(name === undefined ? {} : { name }) };
      const { executionArn: arn = '' } = await sfn.send(new StartExecutionCommand(given));
      await scene.settled(arn);
      return describe(sfn, arn);
    },
    async settled(arn) {
      const ended = new Promise<void>((resolve) => {
        cloud.services.states.watch((sight) => {
          if (sight.kind === 'status' && sight.executionArn === arn && sight.status !== 'RUNNING') resolve();
        });
      });
      const { status } = await describe(sfn, arn);
      if (status === 'RUNNING') await cloud.timeline.letPass(ended);
    },
    async history(arn) {
      const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn: arn }));
      return events;
    },
    stop: () => cloud.stop(),
  };
  return scene;
}

/** Lambda's Invoke on closures: the permission is judged as ever, only the process is missing. */
function playLambda(cloud: Cloud, functions: Map<string, FunctionBody>): void {
  const Invoke = {
    asks: ({ FunctionName = '' }: { FunctionName?: string }) => [{ action: 'lambda:InvokeFunction', resource: FunctionName }],
    async run({ FunctionName = '', Payload }: { FunctionName?: string; Payload?: Uint8Array }) {
      const body = functions.get(FunctionName.split(':')[6] ?? '');
      const payload = (value: Json) => Buffer.from(JSON.stringify(value));
      try {
        const answer = await cloud.timeline.busy(() =>
          body?.(JSON.parse(Buffer.from(Payload ?? []).toString() || 'null') as Json),
        );
        return { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: payload(answer ?? null) };
      } catch (error) {
        const { name, message } = error as Error;
        return { StatusCode: 200, FunctionError: 'Unhandled', Payload: payload({ errorType: name, errorMessage: message }) };
      }
    },
  };
  Object.assign(cloud.services.lambda.operations, { Invoke });
}
