// The doors of the estate's environments: load balancers, and distributions where there are any.
import type { Estate } from '../../estate.ts';
import type { Web } from '../ports.ts';
import { awsDistributions } from './distributions.ts';
import { environmentOf } from './environments.ts';
import { packagedEstate } from './estate.ts';
import { awsLoadBalancers } from './load-balancers.ts';

export function awsWeb(estate: () => Estate = packagedEstate): Web {
  const balancers = awsLoadBalancers(estate);
  const readDistribution = awsDistributions();
  return {
    ...balancers,
    async read(environment, kind) {
      if (kind === 'loadBalancer') return balancers.read(environment, kind);
      const { distribution } = environmentOf(estate(), environment).web;
      return distribution === undefined ? undefined : readDistribution(distribution);
    },
  };
}
