// The one place where a step meets Lambda, and where ports meet AWS. A bundle holds only the adapters its handler names.
import middy from '@middy/core';
import type { Cloud } from './cloud/ports.ts';
import { log } from './log.ts';
import { runStep, type Step } from './step.ts';

export { packagedEstate as estate } from './cloud/aws/estate.ts';
export { awsLedger as ledger } from './cloud/aws/ledger.ts';
export { awsTasks as tasks } from './cloud/aws/tasks.ts';
export { awsPost as post } from './cloud/aws/post.ts';
export { awsChannels as channels } from './cloud/aws/channels.ts';
export { awsSlack as slack } from './cloud/aws/slack-desk.ts';
export { awsNames as names } from './cloud/aws/names.ts';
/** Load balancers and distributions; where only load balancers are touched, `loadBalancers` is the smaller one. */
export { awsWeb as web } from './cloud/aws/web.ts';
export { awsLoadBalancers as loadBalancers } from './cloud/aws/load-balancers.ts';
export { awsUploads as uploads } from './cloud/aws/uploads.ts';
export { awsDatabases as databases } from './cloud/aws/databases.ts';
export { awsLaying as laying } from './cloud/aws/laying.ts';
export { awsCopying as copying } from './cloud/aws/copying.ts';
export { awsShelves as shelves } from './cloud/aws/shelves.ts';
export { awsDumps as dumps } from './cloud/aws/dumps.ts';
export { awsInstances as instances } from './cloud/aws/instances.ts';
export { awsServers as servers } from './cloud/aws/servers.ts';
export { awsServerNames as serverNames } from './cloud/aws/server-names.ts';
export { awsConnections as connections } from './cloud/aws/connections.ts';
export { awsRestored as restored } from './cloud/aws/restored.ts';
export { awsMetrics as metrics } from './cloud/aws/metrics.ts';
export { awsOutside as outside } from './cloud/aws/outside.ts';
export { awsExecutions as executions } from './cloud/aws/executions.ts';
export { systemClock as clock, systemChance as chance } from './cloud/aws/system.ts';

export type Adapters<Ports extends keyof Cloud> = { readonly [P in Ports]: () => Cloud[P] };

/** Builds each adapter when it is first used, once per container. */
export function connect<Ports extends keyof Cloud>(adapters: Adapters<Ports>): Pick<Cloud, Ports> {
  const cloud = {} as Pick<Cloud, Ports>;
  for (const port of Object.keys(adapters) as Ports[]) {
    let made: Cloud[Ports] | undefined;
    Object.defineProperty(cloud, port, { get: () => (made ??= adapters[port]()) });
  }
  return cloud;
}

export function onLambda<In, Out, Ports extends keyof Cloud>(step: Step<In, Out, Ports>, adapters: Adapters<Ports>) {
  const cloud = connect(adapters);
  return (
    middy()
      // Must return nothing: middy turns whatever onError returns into a successful response.
      .onError(({ error }) => {
        log.error('step failed', { step: step.name, error });
      })
      .handler((event: unknown) => runStep(step, event, cloud))
  );
}
