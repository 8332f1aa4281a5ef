// Between whom a failover goes: which environment is left, which is to serve, and by which door each serves a name.
import { RunbookError } from '../errors.ts';
import type { Estate, PublicName } from '../estate.ts';
import type { Front } from './facts.ts';
import type { Lease } from './lease.ts';
import { writerOf, writerSays } from './lease.ts';
import { parseRequest } from './requests.ts';
import type { Run } from './run.ts';

export interface Sides {
  readonly from: string;
  readonly to: string;
}

/** Refuses naming the field, before anything of the world is read. */
export function decideSides(run: Pick<Run, 'request'>, estate: Estate, lease: Lease | undefined): Sides {
  if (estate.strategy !== 'warm') {
    const says = `strategy: ${estate.strategy} is not failed over yet, only warm is: a standby that runs and is copied to; set it in estate.yml or move by hand`;
    throw new RunbookError('InputInvalid', says, { strategy: estate.strategy });
  }
  const to = decideTarget(parseRequest('failover', run.request).to, estate);
  const { writer } = writerOf(lease, estate);
  if (lease && estate.environments[writer]?.role === 'sandbox') {
    const says = `refused: ${writerSays(lease)}, and estate.yml has it as a sandbox, of which nothing is read; give it the role primary or standby, deploy, and start again`;
    throw new RunbookError('PlanRefused', says, { writer });
  }
  const other = Object.entries(estate.environments).find(([name, { role }]) => name !== to && role !== 'sandbox');
  const from = writer === to || !(writer in estate.environments) ? other?.[0] : writer;
  if (from !== undefined) return { from, to };
  throw new RunbookError(
    'InputInvalid',
    `to: there is no other environment than ${to} to fail over from; declare one in estate.yml`,
    { to },
  );
}

function decideTarget(asked: string | undefined, { environments }: Estate): string {
  const able = Object.entries(environments).filter(([, { role }]) => role !== 'sandbox');
  const names = able.map(([name]) => name).join(', ');
  const standby = able.find(([, { role }]) => role === 'standby');
  if (asked === undefined) {
    if (standby) return standby[0];
    throw new RunbookError('InputInvalid', 'to: the estate has no standby to fail over to; declare one in estate.yml', { names });
  }
  const found = environments[asked];
  if (!found)
    throw new RunbookError('InputInvalid', `to: ${asked} is no environment of the estate; expected one of ${names}`, {
      to: asked,
    });
  if (found.role !== 'sandbox') return asked;
  throw new RunbookError(
    'InputInvalid',
    `to: ${asked} is a sandbox, and a sandbox does not take over; expected one of ${names}`,
    { to: asked },
  );
}

/** The distribution where there is one, unless the estate says otherwise. */
export function doorOf(
  environment: string,
  { via }: Pick<PublicName, 'via'>,
  estate: Pick<Estate, 'environments'>,
): Front['kind'] {
  const { distribution } = estate.environments[environment]?.web ?? {};
  return via[environment] ?? (distribution === undefined ? 'loadBalancer' : 'distribution');
}

/** People come by HTTPS; a door that has only HTTP is asked by that, so that more is known of it than that it has no HTTPS. */
export const schemeOf = ({ listeners }: Pick<Front, 'listeners'>): 'http' | 'https' =>
  listeners.some(({ protocol }) => protocol === 'HTTPS') ? 'https' : 'http';
