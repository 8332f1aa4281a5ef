// Function URLs: a public name for a function or one of its aliases.
import type { Cors, FunctionUrlConfig } from '@aws-sdk/client-lambda';
import type { Call } from '../service.ts';
import type { FunctionUrl, LambdaFunction, LambdaOperations, Room } from './catalog.ts';
import { askAbout, functionOf, LATEST, referenceOf, targetOf } from './naming.ts';
import { pageOf } from './page.ts';
import { conflict, constraint, invalid, missing, notImitated, withinRange } from './refusals.ts';
import { originOf, serveUrl } from './url-server.ts';

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_LENGTH = 32;

/** Ends a URL's listener and forgets its name. */
export async function closeUrl(room: Room, fn: LambdaFunction, url: FunctionUrl): Promise<void> {
  fn.urls.delete(url.qualifier);
  room.ground.unpublish(originOf(fn, url.id));
  const closed = new Promise((resolve) => url.server.close(resolve));
  url.server.closeAllConnections();
  await closed;
}

export function urlOperations(room: Room): LambdaOperations {
  const { ground } = room;
  type Named = { FunctionName: string | undefined; Qualifier?: string | undefined; AuthType?: string | undefined };
  const asks = (action: string) => (input: Named, call: Call) => [
    askAbout(room, call, action, referenceOf(call, input.FunctionName, input.Qualifier).qualifiedArn, {
      ...(input.AuthType !== undefined && { 'lambda:FunctionUrlAuthType': input.AuthType }),
    }),
  ];

  function placeOf(call: Call, { FunctionName, Qualifier }: Named) {
    const reference = referenceOf(call, FunctionName, Qualifier);
    if (reference.qualifier === LATEST || /^\d+$/.test(reference.qualifier ?? '')) {
      throw constraint(
        reference.qualifier,
        'qualifier',
        'Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)',
      );
    }
    const fn = functionOf(room, call, reference);
    targetOf(fn, reference.qualifier, ground.random);
    return { fn, key: reference.qualifier ?? '' };
  }
  function existing(call: Call, input: Named): { fn: LambdaFunction; url: FunctionUrl } {
    const { fn, key } = placeOf(call, input);
    const url = fn.urls.get(key);
    if (!url) throw missing('The resource you requested does not exist.');
    return { fn, url };
  }

  return {
    CreateFunctionUrlConfig: {
      asks: asks('CreateFunctionUrlConfig'),
      async run(input, call) {
        checkModes(input);
        const { fn, key } = placeOf(call, input);
        const arn = key === '' ? fn.arn : `${fn.arn}:${key}`;
        if (fn.urls.has(key)) {
          throw conflict(
            `Failed to create function url config for [functionArn = ${arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
          );
        }
        const cors = corsOf(input.Cors);
        const id = ground.token(ID_LENGTH, ID_LETTERS);
        const server = await serveUrl(room, fn, id, () => fn.urls.get(key));
        const at = ground.timeline.now();
        const url: FunctionUrl = { id, qualifier: key, created: at, modified: at, cors, server };
        fn.urls.set(key, url);
        const { LastModifiedTime: _modified, ...made } = shown(fn, url);
        return made;
      },
    },
    GetFunctionUrlConfig: {
      asks: asks('GetFunctionUrlConfig'),
      run(input, call) {
        const { fn, url } = existing(call, input);
        return shown(fn, url);
      },
    },
    UpdateFunctionUrlConfig: {
      asks: asks('UpdateFunctionUrlConfig'),
      run(input, call) {
        checkModes(input);
        const { fn, url } = existing(call, input);
        const cors = input.Cors === undefined ? url.cors : corsOf(input.Cors);
        const changed = { ...url, cors, modified: ground.timeline.now() };
        fn.urls.set(url.qualifier, changed);
        return shown(fn, changed);
      },
    },
    DeleteFunctionUrlConfig: {
      asks: asks('DeleteFunctionUrlConfig'),
      async run(input, call) {
        const { fn, url } = existing(call, input);
        await closeUrl(room, fn, url);
        return {};
      },
    },
    ListFunctionUrlConfigs: {
      asks: asks('ListFunctionUrlConfigs'),
      run({ FunctionName, ...asked }, call) {
        const fn = functionOf(room, call, referenceOf(call, FunctionName));
        const all = [...fn.urls.values()].map((url) => shown(fn, url));
        const { items, more } = pageOf(all, asked, fn.arn);
        return { FunctionUrlConfigs: items, ...more };
      },
    },
  };
}

function checkModes({ AuthType, InvokeMode }: { AuthType?: string | undefined; InvokeMode?: string | undefined }): void {
  if (AuthType === 'AWS_IAM') throw notImitated('function URLs with AuthType AWS_IAM');
  if (AuthType !== undefined && AuthType !== 'NONE')
    throw constraint(AuthType, 'authType', 'Member must satisfy enum value set: [NONE, AWS_IAM]');
  if (InvokeMode === 'RESPONSE_STREAM') throw notImitated('InvokeMode RESPONSE_STREAM');
  if (InvokeMode !== undefined && InvokeMode !== 'BUFFERED') {
    throw constraint(InvokeMode, 'invokeMode', 'Member must satisfy enum value set: [BUFFERED, RESPONSE_STREAM]');
  }
}

function corsOf(asked: Cors | undefined): Cors | undefined {
  if (!asked || Object.keys(asked).length === 0) return undefined;
  withinRange(asked.MaxAge, 'cors.maxAge', 0, 86_400);
  const methods = asked.AllowMethods ?? [];
  if (methods.some((method) => !['GET', 'PUT', 'HEAD', 'POST', 'PATCH', 'DELETE', '*'].includes(method))) {
    throw invalid(`Invalid CORS method: ${methods.join(', ')}`);
  }
  return asked;
}

const shown = (fn: LambdaFunction, url: FunctionUrl): FunctionUrlConfig => ({
  FunctionUrl: `${originOf(fn, url.id)}/`,
  FunctionArn: url.qualifier === '' ? fn.arn : `${fn.arn}:${url.qualifier}`,
  CreationTime: new Date(url.created).toISOString(),
  LastModifiedTime: new Date(url.modified).toISOString(),
  AuthType: 'NONE',
  ...(url.cors && { Cors: url.cors }),
  InvokeMode: 'BUFFERED',
});
