// What is to happen with events that nobody waits for: how often they are tried, how old they get, who is told.
import type { DestinationConfig, FunctionEventInvokeConfig } from '@aws-sdk/client-lambda';
import type { Call } from '../service.ts';
import type { EventConfig, LambdaFunction, LambdaOperations, Room } from './catalog.ts';
import { askAbout, functionOf, LATEST, referenceOf, targetOf } from './naming.ts';
import { pageOf } from './page.ts';
import { invalid, missing, notImitated, withinRange } from './refusals.ts';

interface Asked {
  readonly FunctionName: string | undefined;
  readonly Qualifier?: string | undefined;
  readonly MaximumRetryAttempts?: number | undefined;
  readonly MaximumEventAgeInSeconds?: number | undefined;
  readonly DestinationConfig?: DestinationConfig | undefined;
}

/** The permission the function's role needs for each kind of destination. */
const SENDS: Readonly<Record<string, { action: string; words: string }>> = {
  sns: { action: 'sns:Publish', words: 'Publish on SNS' },
  lambda: { action: 'lambda:InvokeFunction', words: 'InvokeFunction on Lambda' },
  events: { action: 'events:PutEvents', words: 'PutEvents on EventBridge' },
};

export function eventConfigOperations(room: Room): LambdaOperations {
  const asks = (action: string) => (input: { FunctionName: string | undefined; Qualifier?: string | undefined }, call: Call) => [
    askAbout(room, call, action, referenceOf(call, input.FunctionName, input.Qualifier).arn),
  ];

  function placeOf(call: Call, name: string | undefined, qualifier: string | undefined) {
    const reference = referenceOf(call, name, qualifier);
    const fn = functionOf(room, call, reference);
    targetOf(fn, reference.qualifier, room.ground.random);
    const key = reference.qualifier === undefined || reference.qualifier === LATEST ? '' : reference.qualifier;
    const arn = `${fn.arn}:${key === '' ? LATEST : key}`;
    return { fn, key, arn };
  }
  const existing = ({ fn, key, arn }: ReturnType<typeof placeOf>): EventConfig => {
    const found = fn.eventConfigs.get(key);
    if (!found) throw missing(`The function ${arn} doesn't have an EventInvokeConfig`);
    return found;
  };

  function keep(call: Call, asked: Asked, whole: boolean): FunctionEventInvokeConfig {
    const place = placeOf(call, asked.FunctionName, asked.Qualifier);
    const before = whole ? undefined : existing(place);
    const { MaximumRetryAttempts: attempts, MaximumEventAgeInSeconds: age, DestinationConfig: destinations } = asked;
    if (attempts === undefined && age === undefined && destinations === undefined) {
      throw invalid('You must specify at least one of error handling or destination setting.');
    }
    withinRange(attempts, 'maximumRetryAttempts', 0, 2);
    withinRange(age, 'maximumEventAgeInSeconds', 60, 21_600);
    for (const end of [destinations?.OnSuccess, destinations?.OnFailure]) checkDestination(place.fn, end?.Destination);
    const config: EventConfig = {
      modified: room.ground.timeline.now(),
      attempts: attempts ?? before?.attempts,
      age: age ?? before?.age,
      destinations: destinations ?? before?.destinations ?? { OnSuccess: {}, OnFailure: {} },
    };
    place.fn.eventConfigs.set(place.key, config);
    return shown(place.arn, config);
  }

  function checkDestination(fn: LambdaFunction, destination: string | undefined): void {
    if (destination === undefined) return;
    const [, , service = '', region] = destination.split(':');
    const sends = SENDS[service];
    if (!sends) throw notImitated(`the destination ${destination}; it has SNS topics, functions and event buses`);
    if (destination === fn.arn) throw invalid('You can not use the same function as destination.');
    const role = room.ground.assume(fn.latest.settings.role, 'lambda.amazonaws.com', fn.name);
    if (room.ground.allows(role, { action: sends.action, resource: destination }, region)) return;
    throw invalid(`The function's execution role does not have permissions to call ${sends.words} for ${destination}`);
  }

  return {
    PutFunctionEventInvokeConfig: {
      asks: asks('PutFunctionEventInvokeConfig'),
      run: (input, call) => keep(call, input, true),
    },
    UpdateFunctionEventInvokeConfig: {
      asks: asks('UpdateFunctionEventInvokeConfig'),
      run: (input, call) => keep(call, input, false),
    },
    GetFunctionEventInvokeConfig: {
      asks: asks('GetFunctionEventInvokeConfig'),
      run({ FunctionName, Qualifier }, call) {
        const place = placeOf(call, FunctionName, Qualifier);
        return shown(place.arn, existing(place));
      },
    },
    DeleteFunctionEventInvokeConfig: {
      asks: asks('DeleteFunctionEventInvokeConfig'),
      run({ FunctionName, Qualifier }, call) {
        const place = placeOf(call, FunctionName, Qualifier);
        existing(place);
        place.fn.eventConfigs.delete(place.key);
        return {};
      },
    },
    ListFunctionEventInvokeConfigs: {
      asks: asks('ListFunctionEventInvokeConfigs'),
      run({ FunctionName, ...asked }, call) {
        const fn = functionOf(room, call, referenceOf(call, FunctionName));
        const all = [...fn.eventConfigs].map(([key, config]) => shown(`${fn.arn}:${key === '' ? LATEST : key}`, config));
        const { items, more } = pageOf(all, asked, fn.arn);
        return { FunctionEventInvokeConfigs: items, ...more };
      },
    },
  };
}

const shown = (arn: string, { modified, attempts, age, destinations }: EventConfig): FunctionEventInvokeConfig => ({
  LastModified: new Date(modified),
  FunctionArn: arn,
  ...(attempts !== undefined && { MaximumRetryAttempts: attempts }),
  ...(age !== undefined && { MaximumEventAgeInSeconds: age }),
  DestinationConfig: { OnSuccess: { ...destinations.OnSuccess }, OnFailure: { ...destinations.OnFailure } },
});
