// As whom the master may act. Since 16 being a role's member no longer means that one may act as it: who made it may only let others in.

/** SQL: whether this session may SET ROLE to that role. */
export const mayActAs = (role: string): string =>
  `pg_has_role(${role}, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)`;
