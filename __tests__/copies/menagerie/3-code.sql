-- What is written in SQL and lives in the database: functions, views, rules, triggers, indexes, row security, statistics.
-- Views on views; one that leans on a primary key, one that reads itself.
CREATE VIEW rich AS SELECT id, name, balance FROM accounts WHERE balance > 100;
CREATE VIEW rich_and_happy ("Nr.", "Name", how_much) AS
  SELECT r.id, r.name, r.balance FROM rich r JOIN accounts USING (id) WHERE mood = 'happy' OR mood IS NULL;
CREATE VIEW by_author AS SELECT a.id, a.name, count(b.*) AS books, max(b.blurb) AS blurb FROM authors a LEFT JOIN books b ON b.author = a.id
  GROUP BY a.id;
CREATE RECURSIVE VIEW chain (id, path) AS
  SELECT id, ARRAY[id] FROM staff WHERE boss IS NULL UNION ALL SELECT s.id, path || s.id FROM staff s JOIN chain c ON s.boss = c.id;
CREATE VIEW guarded WITH (security_barrier) AS SELECT id, tenant FROM protected WHERE tenant <> 'hidden';
CREATE VIEW as_asked WITH (security_invoker = true, security_barrier = false) AS TABLE protected;
CREATE VIEW poor AS SELECT id, name, balance FROM accounts WHERE balance < 10 WITH LOCAL CHECK OPTION;
CREATE VIEW poorest AS SELECT * FROM poor WHERE balance < 0 WITH CASCADED CHECK OPTION;
CREATE VIEW orders_and_lines AS SELECT o.id, o.at, o.region, o.total, l.line, l.what FROM orders o LEFT JOIN order_lines l ON l.order_id = o.id;
ALTER VIEW orders_and_lines ALTER region SET DEFAULT 'de';
CREATE VIEW "weird ""view""" AS SELECT "Straße" AS "größer ""als""", "select" FROM "Größe";
CREATE VIEW shop.everything AS SELECT 'a' AS kind, id::text FROM public.accounts UNION ALL SELECT 'b', isbn FROM public.books
  UNION ALL (SELECT 'c', what FROM empty_table ORDER BY 2 LIMIT 3);
CREATE VIEW no_columns AS SELECT FROM nothing;

-- Functions that rely on search_path, that set it, that have a body the server has parsed.
CREATE FUNCTION account_of(wanted text) RETURNS accounts STABLE LANGUAGE sql AS 'SELECT * FROM accounts WHERE name = wanted';
CREATE FUNCTION richest() RETURNS SETOF rich STABLE ROWS 7 COST 33 LANGUAGE sql SET search_path FROM CURRENT AS 'SELECT * FROM rich';
CREATE FUNCTION secret_of(int) RETURNS text STABLE STRICT SECURITY DEFINER PARALLEL RESTRICTED LANGUAGE sql
  SET search_path = public, pg_temp SET work_mem = '8MB' AS 'SELECT secret FROM protected WHERE id = $1';
CREATE FUNCTION books_of(wanted int, OUT isbn text, OUT blurb text) RETURNS SETOF record STABLE LANGUAGE sql
  BEGIN ATOMIC SELECT b.isbn, b.blurb FROM books b WHERE b.author = wanted; END;
-- Leans on a primary key too: it cannot be made before the rows are there and the key with them.
CREATE FUNCTION names_of_authors() RETURNS TABLE (id int, name text, books bigint) LANGUAGE sql
  BEGIN ATOMIC SELECT a.id, a.name, count(*) FROM authors a JOIN books b ON b.author = a.id GROUP BY a.id; END;
CREATE FUNCTION add_up(VARIADIC numbers numeric[] DEFAULT '{}') RETURNS numeric IMMUTABLE LANGUAGE sql RETURN
  (SELECT sum(n) FROM unnest(numbers) n);
CREATE FUNCTION same(anyelement, "with" anyelement DEFAULT NULL) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT $1 IS NOT DISTINCT FROM $2';
CREATE FUNCTION "Größe ""von"""("Straße" text) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
  -- A body with its own $$ and \n and 'quotes' and a line that ends nothing:
  RETURN $$;$$ || "Straße" || E'\\.\n';
END
$body$;
CREATE PROCEDURE pay(account bigint, amount numeric, INOUT left_over numeric DEFAULT NULL) LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts SET balance = balance - amount WHERE id = account RETURNING balance INTO left_over;
END $$;
CREATE PROCEDURE shop.tidy() LANGUAGE sql BEGIN ATOMIC DELETE FROM scratch; DELETE FROM shop.accounts WHERE id < 0; END;

-- Triggers of every kind. Each that fires while rows are copied leaves a trace that is a difference.
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit ("table", what, old, new) VALUES (TG_TABLE_NAME, TG_OP || ' ' || TG_WHEN || coalesce(' ' || TG_ARGV[0], ''),
    CASE WHEN TG_LEVEL = 'ROW' AND TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_LEVEL = 'ROW' AND TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
  RETURN coalesce(NEW, OLD);
END $$;
CREATE FUNCTION note_many() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit ("table", what) SELECT TG_TABLE_NAME, 'many: ' || count(*) FROM fresh;
  RETURN NULL;
END $$;
CREATE FUNCTION add_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.note := concat(NEW.note, '!');
  RETURN NEW;
END $$;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never: %', TG_NAME; END $$;
CREATE FUNCTION write_through() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts (name, balance) VALUES (NEW.name, NEW.balance);
  RETURN NEW;
END $$;
CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE OF name, balance ON accounts FOR EACH ROW EXECUTE FUNCTION note_change('it''s "me"', '\n');
CREATE TRIGGER "only when rich" BEFORE UPDATE ON accounts FOR EACH ROW WHEN (NEW.balance > 1000000 AND OLD.name IS DISTINCT FROM NEW.name)
  EXECUTE FUNCTION refuse();
CREATE TRIGGER counted AFTER INSERT ON keyless REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION note_many();
CREATE TRIGGER statement BEFORE DELETE OR INSERT ON keyless EXECUTE FUNCTION note_change();
CREATE TRIGGER never_empty BEFORE TRUNCATE ON ledger EXECUTE FUNCTION refuse();
CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT ON staff DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER marked BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER on_replicas AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER always AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION note_change();
ALTER TABLE events DISABLE TRIGGER marked, ENABLE REPLICA TRIGGER on_replicas, ENABLE ALWAYS TRIGGER always;
CREATE TRIGGER marked BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION add_mark();
ALTER TABLE orders_later DISABLE TRIGGER marked;
CREATE TRIGGER written_through INSTEAD OF INSERT ON rich FOR EACH ROW EXECUTE FUNCTION write_through();

CREATE RULE kept AS ON DELETE TO papers WHERE OLD.id < 3 DO INSTEAD NOTHING;
CREATE RULE doubled AS ON INSERT TO "Größe" WHERE NEW."select" > 10 DO ALSO INSERT INTO keyless VALUES (NEW."select", 'by rule');
CREATE RULE redirected AS ON UPDATE TO rich_and_happy DO INSTEAD UPDATE accounts SET name = NEW."Name" WHERE id = OLD."Nr.";
ALTER TABLE "Größe" DISABLE RULE doubled;

CREATE INDEX events_by_payload ON events USING gin (payload jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX events_by_tags ON events USING gin (tags) WHERE tags IS NOT NULL;
CREATE INDEX events_by_place ON events USING gist (place) WITH (buffering = off);
CREATE INDEX events_by_place_2 ON events USING spgist (place);
CREATE INDEX events_by_at ON events USING brin (at) WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX events_by_kind ON events USING hash (kind);
CREATE UNIQUE INDEX accounts_by_name ON accounts (name COLLATE ignoring_case, id);
CREATE INDEX accounts_by_cents ON accounts ((as_cents(balance) + 1));
ALTER INDEX accounts_by_cents ALTER COLUMN 1 SET STATISTICS 500;
CREATE UNIQUE INDEX one_without ON "Größe" ("Straße", "select") NULLS NOT DISTINCT;
CREATE INDEX "Index ""mit"" Größe" ON "weird ""quoted"" table" ("weird ""quoted"" column" COLLATE "C" DESC);
CREATE INDEX books_by_words ON books USING gin (words);
CREATE INDEX shop_twin ON shop.accounts (twin) WHERE twin IS NOT NULL;
ALTER TABLE accounts ADD CONSTRAINT by_number UNIQUE (number) INCLUDE (name) DEFERRABLE;

CREATE STATISTICS some_statistics (ndistinct, dependencies) ON account, at FROM ledger;
CREATE STATISTICS shop.more_statistics (mcv) ON kind, at FROM events;
CREATE STATISTICS "of an expression" ON (lower(note)), (account % 10) FROM ledger;
ALTER STATISTICS some_statistics SET STATISTICS 300;

ALTER TABLE protected ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON protected TO :"application" USING (tenant = current_setting('app.tenant', true)) WITH CHECK (tenant <> 'x');
CREATE POLICY "reads some" ON protected AS RESTRICTIVE FOR SELECT TO :"application", :"reader" USING (id > 0);
CREATE POLICY insert_any ON protected FOR INSERT WITH CHECK (EXISTS (SELECT FROM staff s WHERE s.tenant = protected.tenant));
CREATE POLICY nobody ON staff FOR DELETE TO PUBLIC USING (false);
