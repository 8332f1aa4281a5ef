-- What takes a superuser, or on RDS the master: things of other owners, event triggers, publications of everything, settings of roles.
CREATE TABLE belongs_to_the_application (id serial PRIMARY KEY, what text);
INSERT INTO belongs_to_the_application (what) VALUES ('mine'), (NULL);
ALTER TABLE belongs_to_the_application OWNER TO :"application";
CREATE SCHEMA of_the_reader AUTHORIZATION :"reader";
CREATE FUNCTION of_the_reader.hello() RETURNS text LANGUAGE sql AS $$ SELECT 'hello' $$;
ALTER FUNCTION of_the_reader.hello() OWNER TO :"reader";

-- A right that the application handed on by itself.
SET ROLE :"application";
GRANT SELECT ON belongs_to_the_application TO :"reader";
GRANT EXECUTE ON FUNCTION secret_of(int) TO :"reader";
RESET ROLE;
ALTER DEFAULT PRIVILEGES FOR ROLE :"application" IN SCHEMA shop GRANT SELECT ON TABLES TO :"reader";

CREATE FUNCTION refuse_to_lose() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects() WHERE object_identity = 'public.ledger') THEN
    RAISE 'the ledger is never dropped';
  END IF;
END $$;
CREATE FUNCTION refuse_everything() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not here: %', TG_TAG; END $$;
CREATE EVENT TRIGGER keeps_the_ledger ON sql_drop WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA') EXECUTE FUNCTION refuse_to_lose();
CREATE EVENT TRIGGER "switched off" ON ddl_command_start EXECUTE FUNCTION refuse_everything();
ALTER EVENT TRIGGER "switched off" DISABLE;
COMMENT ON EVENT TRIGGER keeps_the_ledger IS 'an event trigger';

CREATE PUBLICATION all_tables FOR ALL TABLES WITH (publish = 'insert');
CREATE PUBLICATION of_a_schema FOR TABLES IN SCHEMA shop, TABLE accounts;

CREATE FUNCTION same_length(text, text) RETURNS boolean IMMUTABLE STRICT LEAKPROOF LANGUAGE sql AS 'SELECT length($1) = length($2)';
CREATE FUNCTION by_length(text, text) RETURNS int IMMUTABLE STRICT LANGUAGE sql AS 'SELECT length($1) - length($2)';
CREATE FUNCTION shorter(text, text) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS 'SELECT length($1) < length($2)';
CREATE OPERATOR <# (LEFTARG = text, RIGHTARG = text, FUNCTION = shorter);
CREATE FUNCTION not_longer(text, text) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS 'SELECT length($1) <= length($2)';
CREATE OPERATOR <=# (LEFTARG = text, RIGHTARG = text, FUNCTION = not_longer);
CREATE FUNCTION as_long(text, text) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS 'SELECT length($1) = length($2)';
CREATE OPERATOR =# (LEFTARG = text, RIGHTARG = text, FUNCTION = as_long);
CREATE FUNCTION not_shorter(text, text) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS 'SELECT length($1) >= length($2)';
CREATE OPERATOR >=# (LEFTARG = text, RIGHTARG = text, FUNCTION = not_shorter);
CREATE FUNCTION longer(text, text) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql AS 'SELECT length($1) > length($2)';
CREATE OPERATOR ># (LEFTARG = text, RIGHTARG = text, FUNCTION = longer);
CREATE OPERATOR CLASS by_length FOR TYPE text USING btree AS OPERATOR 1 <#, OPERATOR 2 <=#, OPERATOR 3 =#, OPERATOR 4 >=#,
  OPERATOR 5 >#, FUNCTION 1 by_length(text, text);
CREATE TABLE by_the_length (what text);
CREATE INDEX by_the_length_index ON by_the_length (what by_length);
ALTER TABLE by_the_length OWNER TO :"owner";

ALTER ROLE :"application" IN DATABASE :"database" SET search_path = shop, public;
ALTER ROLE :"application" IN DATABASE :"database" SET statement_timeout = '30s';
ALTER ROLE :"reader" IN DATABASE :"database" SET default_transaction_read_only = on;
ALTER DATABASE :"database" CONNECTION LIMIT 50;
ALTER DATABASE :"database" SET app.tenant = 'it''s, "everybody"';
