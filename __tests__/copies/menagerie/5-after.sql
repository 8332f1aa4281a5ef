-- What is only true once the rows are there: what they break, what is computed from them, where sequences stand, who may what.
ALTER TABLE with_history DROP COLUMN dropped_1, DROP COLUMN dropped_2;
ALTER TABLE with_history ADD COLUMN later text DEFAULT 'was not there', ADD COLUMN last int;
INSERT INTO with_history VALUES (7, 'after', NULL, DEFAULT, 1), (8, '', 8, NULL, NULL);
ALTER TABLE accounts DROP COLUMN gone_early, DROP COLUMN gone_late;
ALTER DOMAIN old_code ADD CONSTRAINT "short now" CHECK (length(VALUE) < 5) NOT VALID;
ALTER TABLE empty_table ADD CONSTRAINT "not valid and empty" CHECK (id > 0) NOT VALID;
ALTER TABLE keyless ADD CONSTRAINT positive CHECK (a > 0) NOT VALID;
ALTER TABLE keyless ADD CONSTRAINT known FOREIGN KEY (a) REFERENCES staff NOT VALID;
ALTER TABLE ledger ADD CONSTRAINT somebodys FOREIGN KEY (account) REFERENCES staff (id) ON DELETE NO ACTION NOT VALID;

-- A hundred thousand rows go in faster without them.
CREATE INDEX ledger_by_note ON ledger USING gin (note extensions.gin_trgm_ops) WHERE amount < -90;
CREATE INDEX ledger_by_lower_note ON ledger (lower(note) text_pattern_ops, (details ->> 'kind') DESC NULLS LAST) INCLUDE (amount);
CREATE INDEX ledger_by_account ON ledger (account, at) WITH (fillfactor = 80, deduplicate_items = off);
CREATE UNIQUE INDEX ledger_some ON ledger (account, id) WHERE amount > 0;

CREATE MATERIALIZED VIEW sums AS SELECT account, sum(amount) AS total, count(*) AS number FROM ledger GROUP BY account;
CREATE UNIQUE INDEX sums_by_account ON sums (account);
CREATE MATERIALIZED VIEW a_sum_of_sums WITH (fillfactor = 50) AS SELECT account % 10 AS digit, sum(total) AS total FROM sums s GROUP BY 1;
CREATE INDEX ON a_sum_of_sums (total) WHERE total > 0;
CREATE MATERIALIZED VIEW shop.not_yet AS SELECT * FROM rich WITH NO DATA;
CREATE INDEX not_yet_by_name ON shop.not_yet (name);
CREATE MATERIALIZED VIEW "by ""author""" AS SELECT * FROM by_author;
CREATE VIEW on_top_of_sums AS SELECT digit, a.total, s.number FROM a_sum_of_sums a JOIN sums s ON s.account = a.digit;
-- Refreshed long ago: what it holds is no longer what its query says.
CREATE MATERIALIZED VIEW stale AS SELECT count(*) AS papers FROM papers;
INSERT INTO papers VALUES (99, 0);

SELECT setval('descending', -40), setval('round_and_round', 5), setval('by_the_hundred', 1500, false), setval('tiny', 32767),
  setval('rewound', 1, false), setval('exhausted', 3), setval('"Zähler ""eins"""', 9007199254740993), nextval('forgetful');
ALTER SEQUENCE staff_old_number_seq INCREMENT BY 5 CACHE 10 MAXVALUE 100000;
ALTER SEQUENCE orders_id RESTART WITH 50000;

ALTER TABLE ledger CLUSTER ON ledger_by_account, SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, toast.autovacuum_enabled = off);
ALTER TABLE ledger ALTER note SET STORAGE EXTERNAL, ALTER details SET STORAGE MAIN, ALTER account SET STATISTICS 1000,
  ALTER account SET (n_distinct = -0.5, n_distinct_inherited = 10), ALTER details SET COMPRESSION pglz;
ALTER TABLE events REPLICA IDENTITY FULL;
ALTER TABLE scratch REPLICA IDENTITY NOTHING;
CREATE UNIQUE INDEX identifies ON shop.accounts (id, twin);
ALTER TABLE shop.accounts ALTER twin SET NOT NULL, REPLICA IDENTITY USING INDEX identifies;
DO $$
BEGIN
  IF (SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression') THEN
    ALTER TABLE events ALTER payload SET COMPRESSION lz4;
  END IF;
END $$;

SELECT lo_from_bytea(700001, decode(repeat('00ff5c0a2e', 629146), 'hex')), lo_from_bytea(700002, 'small'), lo_create(700003),
  lo_create(700004), lo_put(700004, 300000, '\x01');
SELECT lo_unlink(700004), lo_create(700004);
SELECT lo_put(700004, 300000, '\x01');
UPDATE papers SET scan = 700000 + id WHERE id <= 3;
COMMENT ON LARGE OBJECT 700001 IS 'three megabytes, "scanned"';
GRANT SELECT ON LARGE OBJECT 700001 TO :"application";
GRANT SELECT, UPDATE ON LARGE OBJECT 700002 TO PUBLIC;

CREATE PUBLICATION some_tables FOR TABLE accounts (id, name), events WHERE (kind <> 'secret') WITH (publish = 'insert, update');
CREATE PUBLICATION through_the_root FOR TABLE orders WITH (publish_via_partition_root = true);
CREATE PUBLICATION of_nothing;

ALTER DATABASE :"database" SET statement_timeout = '90s';
ALTER DATABASE :"database" SET search_path = "$user", public, "Übrige Dinge";
