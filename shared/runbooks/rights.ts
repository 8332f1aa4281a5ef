// Whose rights a copy has: those of the source under the names of the target's roles, and those that only the target's own roles had.
import * as z from 'zod';

/** One privilege, as the catalogue has it. `public` is everybody. */
export type Grant = z.infer<typeof Grant>;
export const Grant = z.strictObject({
  /** As SQL names it: TABLE, SEQUENCE, SCHEMA, ROUTINE, TYPE, LARGE OBJECT, DATABASE, or DEFAULT TABLES and so on. */
  kind: z.string(),
  /** As SQL writes it; for a default privilege the schema it is for, empty where it is for all. */
  target: z.string(),
  column: z.string().nullable(),
  /** Empty where nobody may anything: then there is a list all the same, with nothing in it. */
  privilege: z.string(),
  grantee: z.string(),
  grantable: z.boolean(),
  /** Who owns it, or whose future things a default privilege is about. */
  owner: z.string(),
});

/** A setting of the database, or of a role in it. */
export type Setting = z.infer<typeof Setting>;
export const Setting = z.strictObject({ role: z.string().nullable(), name: z.string(), value: z.string() });

/** Something that is neither the system's nor, in a copy, its owner's. */
export interface Owned {
  readonly kind: string;
  readonly target: string;
  readonly owner: string;
}

export interface RightsOf {
  readonly owners: readonly Owned[];
  /** How many sessions the database takes; -1 where nobody set a limit. */
  readonly connections: number;
  readonly grants: readonly Grant[];
  readonly settings: readonly Setting[];
  readonly roles: readonly string[];
}
export interface Roles {
  readonly owner: string;
  readonly application: string;
}

/** `owners`: what another role than the copy's owner has. */
export interface Rights extends Omit<RightsOf, 'roles'> {
  /** What the source has a list for: only what is in it counts, and what PostgreSQL gives everybody by itself goes first. */
  readonly listed: readonly Grant[];
  /** What nobody there can be given, one line a role. */
  readonly missing: readonly string[];
}

export const keyOf = ({ kind, target, column, privilege, grantee }: Grant): string =>
  [kind, target, column ?? '', privilege, grantee].join('\n');

/** Where source and target both know a role, the source says what it may: that is what the copy is of. */
export function draftRights(source: RightsOf, target: RightsOf, from: Roles, to: Roles): Rights {
  const nameIn = (role: string): string => (role === from.owner ? to.owner : role === from.application ? to.application : role);
  const knows = (role: string): boolean => role === 'public' || /^pg_/.test(role) || target.roles.includes(role);
  const brought = source.grants.map((grant) => ({ ...grant, grantee: nameIn(grant.grantee), owner: nameIn(grant.owner) }));
  const own = target.grants.filter(
    ({ grantee }) =>
      grantee !== 'public' && grantee !== to.owner && grantee !== to.application && !source.roles.includes(grantee),
  );
  const all = new Map([...own, ...brought.filter(({ grantee }) => knows(grantee))].map((grant) => [keyOf(grant), grant]));
  const mapped = source.settings.map((setting) => ({ ...setting, role: setting.role === null ? null : nameIn(setting.role) }));
  const settings = new Map(
    // What was set on the target is meant for the target.
    [...mapped.filter(({ role }) => role === null || knows(role)), ...target.settings].map((one) => [
      `${one.role ?? ''}\n${one.name}`,
      one,
    ]),
  );
  const owners = source.owners
    .map((owned) => ({ ...owned, owner: nameIn(owned.owner) }))
    .filter(({ owner }) => owner !== to.owner && knows(owner));
  // What was said of the target is meant for it.
  const connections = target.connections >= 0 ? target.connections : source.connections;
  return {
    owners,
    connections,
    grants: [...all.values()],
    settings: [...settings.values()],
    listed: brought,
    missing: missingOf(brought, mapped, knows),
  };
}

function missingOf(grants: readonly Grant[], settings: readonly Setting[], knows: (role: string) => boolean): string[] {
  const lost = new Map<string, number>();
  const count = (role: string): void => void lost.set(role, (lost.get(role) ?? 0) + 1);
  for (const { grantee } of grants) if (!knows(grantee)) count(grantee);
  for (const { role } of settings) if (role !== null && !knows(role)) count(role);
  return [...lost]
    .sort()
    .map(([role, rights]) => `${role} (${rights === 1 ? '1 right or setting' : `${rights} rights and settings`})`);
}
