-- Who may what, and what is said of things.
REVOKE CONNECT, TEMPORARY ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"application" WITH GRANT OPTION;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO :"reader";
GRANT USAGE, CREATE ON SCHEMA shop TO :"application";
GRANT USAGE ON SCHEMA "Übrige Dinge", extensions TO :"application", :"reader";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, shop TO :"application";
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO :"application";
GRANT SELECT ON accounts, rich, sums TO :"reader" WITH GRANT OPTION;
GRANT SELECT (id, tenant), UPDATE (tenant) ON protected TO :"reader";
GRANT SELECT ("Straße"), REFERENCES ("select") ON "Größe" TO :"reader" WITH GRANT OPTION;
GRANT SELECT ON keyless TO PUBLIC;
GRANT ALL ON "weird ""quoted"" table" TO :"reader";
REVOKE INSERT, UPDATE, DELETE ON audit FROM :"application";
-- Not even its owner may, any more.
REVOKE DELETE, TRUNCATE ON ledger FROM :"owner";
REVOKE INSERT, UPDATE ON empty_table FROM :"owner", :"application";
GRANT SELECT, UPDATE ON SEQUENCE by_the_hundred TO :"reader";
REVOKE EXECUTE ON FUNCTION secret_of(int), account_of(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION secret_of(int) TO :"application" WITH GRANT OPTION;
REVOKE ALL ON PROCEDURE pay(bigint, numeric, numeric) FROM PUBLIC, :"owner";
REVOKE USAGE ON TYPE mood, address FROM PUBLIC;
GRANT USAGE ON TYPE mood TO :"application";
REVOKE USAGE ON DOMAIN percent FROM PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO :"reader";
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT ALL ON TABLES TO :"application" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT USAGE ON SEQUENCES TO :"application";
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
-- Made under those defaults; the second gave them back.
CREATE TABLE shop.made_late (id int PRIMARY KEY);
CREATE TABLE shop.made_last (id int PRIMARY KEY);
REVOKE ALL ON shop.made_last FROM :"application", :"reader";
CREATE FUNCTION shop.made_late() RETURNS int LANGUAGE sql RETURN 1;
DO $$
BEGIN
  IF current_setting('server_version_num')::int >= 170000 THEN
    EXECUTE format('GRANT MAINTAIN ON accounts TO %I', :'application');
  END IF;
END $$;

COMMENT ON DATABASE :"database" IS E'it''s a "menagerie"\nwith \\ and Ünïcode 🦄';
COMMENT ON SCHEMA shop IS 'the shop';
COMMENT ON SCHEMA public IS 'not the standard comment';
COMMENT ON EXTENSION citext IS 'texts that do not mind';
COMMENT ON TABLE accounts IS 'who pays';
COMMENT ON COLUMN accounts.balance IS E'in euros;\n-- not in cents';
COMMENT ON COLUMN "Größe"."select" IS 'ein Wort';
COMMENT ON COLUMN rich.name IS 'of a view';
COMMENT ON COLUMN address.street IS 'of a type';
COMMENT ON COLUMN sums.total IS 'of a materialized view';
COMMENT ON TABLE orders_2024_eu IS 'a partition of a partition';
COMMENT ON VIEW rich IS 'above a hundred';
COMMENT ON MATERIALIZED VIEW sums IS 'as of the last refresh';
COMMENT ON SEQUENCE descending IS 'downwards';
COMMENT ON INDEX events_by_payload IS 'GIN';
COMMENT ON INDEX accounts_pkey IS 'of a key';
COMMENT ON CONSTRAINT "plausible phone" ON accounts IS 'a check';
COMMENT ON CONSTRAINT written_by ON books IS 'a foreign key';
COMMENT ON CONSTRAINT "between 0 and 100" ON DOMAIN percent IS 'of a domain';
COMMENT ON DOMAIN percent IS 'a domain';
COMMENT ON TYPE mood IS 'an enum';
COMMENT ON TYPE float_range IS 'a range';
COMMENT ON FUNCTION digits(text) IS 'a function';
COMMENT ON PROCEDURE pay(bigint, numeric, numeric) IS 'a procedure';
COMMENT ON AGGREGATE product(numeric) IS 'an aggregate';
COMMENT ON OPERATOR >>> (address, address) IS 'an operator';
COMMENT ON CAST (address AS int) IS 'a cast';
COMMENT ON TRIGGER audited ON accounts IS 'a trigger';
COMMENT ON RULE kept ON papers IS 'a rule';
COMMENT ON POLICY own_rows ON protected IS 'a policy';
COMMENT ON STATISTICS some_statistics IS 'statistics';
COMMENT ON COLLATION ignoring_case IS 'a collation';
COMMENT ON TEXT SEARCH CONFIGURATION shop_search IS 'a configuration';
COMMENT ON TEXT SEARCH DICTIONARY plain_words IS 'a dictionary';
COMMENT ON PUBLICATION some_tables IS 'a publication';
