// Where a target leads, and how an event gets there: each kind of target in its own way, under its own permission.
import type { Target } from '@aws-sdk/client-eventbridge';
import type { Caller } from '../../iam/ask.ts';
import type { Ground } from '../ground.ts';
import { notImitated, validation, type Rule } from './rulebook.ts';

export interface Letter {
  readonly id: string;
  readonly at: number;
  /** JSON text. */
  readonly input: string;
}

type Send = (ground: Ground, rule: Rule, target: Target, letter: Letter) => Promise<unknown>;

interface Kind {
  readonly arn: RegExp;
  /** AWS reaches these only in a role's name. */
  readonly needsRole?: boolean;
  readonly send: Send;
}

const KINDS: readonly Kind[] = [
  {
    arn: /^arn:aws:lambda:([^:]+):\d{12}:function:[^:]+(:[^:]+)?$/,
    send: (ground, rule, target, { input }) =>
      ground.call(
        senderOf(ground, rule, target),
        'lambda',
        'Invoke',
        { FunctionName: target.Arn, InvocationType: 'Event', Payload: Buffer.from(input) },
        rule.region,
      ),
  },
  {
    arn: /^arn:aws:states:([^:]+):\d{12}:stateMachine:[^:]+(:[^:]+)?$/,
    needsRole: true,
    // The name holds the event's id: an event delivered twice starts one execution.
    send: (ground, rule, target, { id, input }) =>
      ground.call(
        senderOf(ground, rule, target),
        'states',
        'StartExecution',
        { stateMachineArn: target.Arn, input, name: `${id}_${tailOf(target)}` },
        rule.region,
      ),
  },
  {
    arn: /^arn:aws:sns:([^:]+):\d{12}:[^:]+$/,
    send: (ground, rule, target, { input }) =>
      ground.call(
        senderOf(ground, rule, target),
        'sns',
        'Publish',
        { TopicArn: target.Arn, Message: textOf(input) },
        rule.region,
      ),
  },
  { arn: /^arn:aws:logs:([^:]+):\d{12}:log-group:[^:]+(:\*)?$/, send: writeToLog },
];

const kindOf = (arn: string): Kind | undefined => KINDS.find((kind) => kind.arn.test(arn));

/** Refuses a target that is not imitated by name, and one that AWS would not take. */
export function checkDestination({ Arn = '', RoleArn, DeadLetterConfig }: Target, region: string): void {
  const kind = kindOf(Arn);
  if (!/^arn:aws:[\w-]+:[^:]*:[^:]*:.+/.test(Arn))
    throw validation('Parameter Arn is not valid. Reason: Provided Arn is not in correct format.');
  if (kind === undefined) throw notImitated(`a rule's target ${Arn}`);
  if (DeadLetterConfig?.Arn !== undefined) throw notImitated('DeadLetterConfig (there is no SQS here)');
  if (kind.arn.exec(Arn)?.[1] !== region) throw validation(`Target ${Arn} is not in the Region of the rule, ${region}.`);
  if (kind.needsRole === true && RoleArn === undefined) throw validation(`RoleArn is required for target ${Arn}.`);
}

export async function send(ground: Ground, rule: Rule, target: Target, letter: Letter): Promise<void> {
  await kindOf(target.Arn ?? '')?.send(ground, rule, target, letter);
}

/** The target's role where there is one; else EventBridge itself, which only the target's own policy can let in. */
function senderOf(ground: Ground, { arn, name }: Rule, { RoleArn }: Target): Caller {
  if (RoleArn === undefined) {
    return { kind: 'service', service: 'events.amazonaws.com', account: ground.account, source: arn };
  }
  return ground.assume(RoleArn, 'events.amazonaws.com', `AWS_Events_Invoke_${name}`.slice(0, 64));
}

/** One target of a rule starts one execution per event; two targets with the same machine start two. */
const tailOf = ({ Id = '' }: Target): string => Id.replace(/[^\w-]/g, '-').slice(0, 40);

/** A topic gets a string's text, and anything else as JSON. */
function textOf(input: string): string {
  const value: unknown = JSON.parse(input);
  return typeof value === 'string' ? value : input;
}

async function writeToLog(ground: Ground, rule: Rule, target: Target, { at, input }: Letter): Promise<void> {
  const logGroupName = (target.Arn ?? '').split(':')[6] ?? '';
  const caller = { kind: 'service', service: 'events.amazonaws.com', account: ground.account, source: rule.arn } as const;
  const logStreamName = ground.uuid();
  await ground.call(caller, 'logs', 'CreateLogStream', { logGroupName, logStreamName }, rule.region);
  const logEvents = [{ timestamp: Math.round(at), message: textOf(input) }];
  await ground.call(caller, 'logs', 'PutLogEvents', { logGroupName, logStreamName, logEvents }, rule.region);
}
