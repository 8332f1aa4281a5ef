// What a cluster's two configuration files say: as RDS's parameter group would, as far as a laptop can.

/** The system's own superuser, as RDS calls it. */
export const ADMIN = 'rdsadmin';

/** As its configuration files quote. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const postgresqlConf = (socketFolder: string): string => `
listen_addresses = '127.0.0.1'
unix_socket_directories = ${quoted(`"${socketFolder}"`)}
unix_socket_permissions = 0700
max_connections = 100
ssl = on
ssl_min_protocol_version = 'TLSv1.2'
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = ''
default_text_search_config = 'pg_catalog.english'
wal_level = replica
shared_buffers = 16MB
huge_pages = off
# Shared memory as files of the cluster's own: nothing stays in /dev/shm when it is killed.
dynamic_shared_memory_type = mmap
io_method = sync
max_logical_replication_workers = 0
# A rehearsal need not outlive the laptop's power, only a crash of the server: commits still reach the WAL before they are answered.
fsync = off
`;

/** TLS for everybody, as with rds.force_ssl; the superuser and his database only through the socket. */
export const pgHbaConf = `
local   all,replication ${ADMIN}          trust
local   all       all                     reject
hostssl all       ${ADMIN} 127.0.0.1/32   reject
hostssl ${ADMIN}  all      127.0.0.1/32   reject
hostssl all       all      127.0.0.1/32   scram-sha-256
`;

/** What every instance has before its master: the roles RDS makes, and the superuser's own database. A line is a statement. */
export const templateSql = [
  'CREATE ROLE rds_superuser',
  'CREATE ROLE rds_replication',
  'CREATE ROLE rds_password',
  `GRANT pg_monitor, pg_signal_backend, pg_checkpoint, pg_read_all_data, pg_write_all_data, pg_use_reserved_connections, pg_create_subscription, pg_maintain TO rds_superuser WITH ADMIN OPTION`,
  'GRANT rds_replication, rds_password TO rds_superuser WITH ADMIN OPTION',
  'GRANT SET ON PARAMETER session_replication_role TO rds_superuser',
  `CREATE DATABASE ${ADMIN} OWNER ${ADMIN}`,
  `REVOKE ALL ON DATABASE ${ADMIN} FROM PUBLIC`,
]
  .map((statement) => `${statement};\n`)
  .join('');

/** Statements that give an instance its master, as RDS does; `format` fills in the name and the password. */
export const masterSql = [
  'CREATE ROLE %1$I LOGIN NOSUPERUSER INHERIT CREATEDB CREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %2$L VALID UNTIL %3$L',
  'GRANT rds_superuser TO %1$I WITH ADMIN OPTION',
  'ALTER DATABASE postgres OWNER TO %1$I',
  'ALTER DATABASE template1 OWNER TO %1$I',
];
export const passwordSql = ['ALTER ROLE %1$I PASSWORD %2$L VALID UNTIL %3$L'];
