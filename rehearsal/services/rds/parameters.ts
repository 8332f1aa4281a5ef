// The parameters a group may set here: each is one of PostgreSQL's, and is really set in it.
import { notImitated } from '../error.ts';
import { invalidCombination, invalidValue } from './failures.ts';
import type { Instance, ParameterGroup, Rds } from './instance.ts';
import { parameterGroupOf } from './regions.ts';

interface Known {
  /** A static one counts from the next start on. */
  readonly apply: 'dynamic' | 'static';
  /** From which to which number, or which words. */
  readonly allowed: readonly [number, number] | readonly string[];
}

const KNOWN: Readonly<Record<string, Known>> = {
  default_statistics_target: { apply: 'dynamic', allowed: [1, 10_000] },
  idle_in_transaction_session_timeout: { apply: 'dynamic', allowed: [0, 2_147_483_647] },
  idle_session_timeout: { apply: 'dynamic', allowed: [0, 2_147_483_647] },
  lock_timeout: { apply: 'dynamic', allowed: [0, 2_147_483_647] },
  log_connections: { apply: 'dynamic', allowed: ['0', '1'] },
  log_lock_waits: { apply: 'dynamic', allowed: ['0', '1'] },
  log_min_duration_statement: { apply: 'dynamic', allowed: [-1, 2_147_483_647] },
  log_statement: { apply: 'dynamic', allowed: ['none', 'ddl', 'mod', 'all'] },
  maintenance_work_mem: { apply: 'dynamic', allowed: [1024, 2_147_483_647] },
  max_connections: { apply: 'static', allowed: [6, 8_388_607] },
  statement_timeout: { apply: 'dynamic', allowed: [0, 2_147_483_647] },
  work_mem: { apply: 'dynamic', allowed: [64, 2_147_483_647] },
};

export const parameterNames = (): string[] => Object.keys(KNOWN);
export const parameterOf = (name: string): Known | undefined => (Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined);
export const allowedOf = ({ allowed }: Known): string => (typeof allowed[0] === 'number' ? allowed.join('-') : allowed.join(','));

/** One wish of ModifyDBParameterGroup; answers whether it waits for a restart. */
export function requireParameter(name: string, value: string, method: string): boolean {
  const known = parameterOf(name);
  if (!known) throw notImitated(`the parameter ${name} of a DB parameter group`);
  const [low, high] = known.allowed;
  const fits =
    typeof low === 'number' && typeof high === 'number'
      ? /^-?\d+$/.test(value) && Number(value) >= low && Number(value) <= high
      : known.allowed.some((word) => word === value);
  if (!fits) throw invalidValue(`Invalid parameter value: ${value} for: ${name} allowed values are: ${allowedOf(known)}`);
  if (method !== 'immediate' && method !== 'pending-reboot') throw invalidValue(`Invalid apply method: ${method}`);
  if (method === 'immediate' && known.apply === 'static')
    throw invalidCombination('cannot use immediate apply method for static parameter');
  return method === 'pending-reboot';
}

/** Whether its PostgreSQL has been told anything by a group. */
const TOLD = `SELECT count(*)::int AS told FROM pg_file_settings WHERE sourcefile LIKE '%postgresql.auto.conf'`;

/** What a group sets is what its PostgreSQL has from its next start on; answers whether anything changes at all. */
export async function impress(rds: Rds, instance: Instance): Promise<boolean> {
  const group = groupOf(rds, instance);
  const session = await instance.cluster?.open();
  if (!session) return false;
  try {
    const { rows } = await session.query<{ told: number }>(TOLD);
    if (rows[0]?.told === 0 && group?.parameters.size === 0) return false;
    await session.query('ALTER SYSTEM RESET ALL');
    for (const [name, value] of group?.parameters ?? [])
      await session.query(`ALTER SYSTEM SET ${session.escapeIdentifier(name)} = ${session.escapeLiteral(value)}`);
    return true;
  } finally {
    await session.end();
  }
}

/** A running PostgreSQL reads what is dynamic again. */
export async function reload({ cluster }: Instance): Promise<void> {
  const session = await cluster?.open();
  if (!session) return;
  try {
    await session.query('SELECT pg_reload_conf()');
  } finally {
    await session.end();
  }
}

const groupOf = ({ in: regionOf, ground }: Rds, { region, settings }: Instance): ParameterGroup | undefined =>
  parameterGroupOf(regionOf(region), ground.account, settings.parameterGroup);
