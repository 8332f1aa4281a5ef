// Lambda: functions, versions, aliases, permissions, URLs, invocations. The host runs them.
import { createHost, type HostOptions } from '../../host/host.ts';
import type { Ground } from '../ground.ts';
import { perRegion, type Service } from '../service.ts';
import { aliasOperations } from './aliases.ts';
import { createAsynchronous } from './asynchronous.ts';
import type { LambdaFunction, Room } from './catalog.ts';
import { concurrencyOperations } from './concurrency.ts';
import { eventConfigOperations } from './event-config.ts';
import { functionOperations } from './functions.ts';
import { invocationOperations } from './invocation.ts';
import { permissionOperations } from './permissions.ts';
import { tagOperations } from './tags.ts';
import { closeUrl, urlOperations } from './urls.ts';
import { versionOperations } from './versions.ts';

export interface Lambda extends Service<'lambda'> {
  /** A fault: the process that runs this invocation dies mid-step, and its invoker gets Runtime.ExitError. */
  kill(requestId: string): Promise<void>;
}

export function createLambda(ground: Ground, options: HostOptions = {}): Lambda {
  const host = createHost(ground, options);
  const regions = perRegion(() => new Map<string, LambdaFunction>());
  const room: Room = { ground, host, region: regions };
  const all = (): LambdaFunction[] => regions.all().flatMap(([, functions]) => [...functions.values()]);
  return {
    id: 'lambda',
    operations: {
      ...functionOperations(room),
      ...versionOperations(room),
      ...aliasOperations(room),
      ...permissionOperations(room),
      ...concurrencyOperations(room),
      ...invocationOperations(room, createAsynchronous(room)),
      ...eventConfigOperations(room),
      ...urlOperations(room),
      ...tagOperations(room),
    },
    inventory: () =>
      Object.fromEntries(
        all().map((fn) => [
          fn.arn,
          {
            sha256: fn.latest.code.sha256,
            versions: [...fn.versions.keys()],
            aliases: [...fn.aliases.keys()],
            urls: [...fn.urls.values()].map(({ id }) => id),
          },
        ]),
      ),
    kill: (requestId) => host.kill(requestId),
    async stop() {
      await Promise.all(all().flatMap((fn) => [...fn.urls.values()].map((url) => closeUrl(room, fn, url))));
      await host.stop();
    },
  };
}
