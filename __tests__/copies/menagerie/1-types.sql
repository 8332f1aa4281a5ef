-- Every type that an application meets. Names are mostly unqualified, as applications write them: public, or whatever search_path says.
-- :"owner", :"application", :"reader" and :"database" stand for names, as in psql.
CREATE SCHEMA shop;
CREATE SCHEMA "Übrige Dinge";
CREATE SCHEMA extensions;
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm SCHEMA extensions;
CREATE EXTENSION pgcrypto SCHEMA extensions;

CREATE COLLATION ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION "Große Ordnung" FROM "C";

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'it''s "mixed"', 'größer', '');
-- Labels that were added later sort between others: their order is not that of their OIDs.
CREATE TYPE shop.state AS ENUM ('new', 'paid', 'gone');
ALTER TYPE shop.state ADD VALUE 'packed' BEFORE 'gone';
ALTER TYPE shop.state ADD VALUE 'cart' BEFORE 'new';

CREATE TYPE address AS (street text, "Nr." varchar(10), zip char(5), mood mood);
CREATE TYPE contact AS (name text COLLATE "C", home address, others address[]);
CREATE TYPE float_range AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE text_range AS RANGE (subtype = text, collation = "C", multirange_type_name = many_text_ranges);

-- Calls what it needs without saying where that is, as most do: it works only while search_path leads there.
CREATE FUNCTION digits(value text) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT length(regexp_replace(value, ''\D'', '''', ''g''))';
CREATE FUNCTION is_plausible(value text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
  RETURN digits(value) >= 3;
END $$;

CREATE DOMAIN percent AS numeric(5, 2) DEFAULT 0 CONSTRAINT "between 0 and 100" CHECK (VALUE BETWEEN 0 AND 100);
CREATE DOMAIN share AS percent NOT NULL;
CREATE DOMAIN phone AS text CHECK (is_plausible(VALUE));
CREATE DOMAIN email AS citext CHECK (VALUE ~ '@') CONSTRAINT "not too long" CHECK (length(VALUE) < 100);
CREATE DOMAIN three_numbers AS int[] CHECK (array_length(VALUE, 1) = 3);
CREATE DOMAIN home AS address CHECK ((VALUE).zip <> '');
CREATE DOMAIN shop.code AS text COLLATE "C" CHECK (VALUE ~ '^[A-Z]{2}\d+$');
-- What was there before the rule was made breaks it, and may stay.
CREATE DOMAIN old_code AS text;

CREATE TEXT SEARCH DICTIONARY plain_words (TEMPLATE = pg_catalog.simple, STOPWORDS = english, ACCEPT = true);
CREATE TEXT SEARCH CONFIGURATION shop_search (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION shop_search ALTER MAPPING FOR asciiword, word WITH plain_words, english_stem;
ALTER TEXT SEARCH CONFIGURATION shop_search DROP MAPPING FOR url, url_path;

CREATE FUNCTION as_cents(euros numeric) RETURNS bigint IMMUTABLE LANGUAGE sql RETURN (euros * 100)::bigint;
CREATE FUNCTION weigh(value address) RETURNS int IMMUTABLE LANGUAGE sql AS $$ SELECT length(($1).street) $$;
CREATE CAST (address AS int) WITH FUNCTION weigh(address) AS ASSIGNMENT;
CREATE FUNCTION heavier(a address, b address) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT weigh(a) > weigh(b)';
CREATE FUNCTION lighter(a address, b address) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT weigh(a) < weigh(b)';
CREATE OPERATOR >>> (LEFTARG = address, RIGHTARG = address, FUNCTION = heavier, COMMUTATOR = OPERATOR(public.<<<));
CREATE OPERATOR <<< (LEFTARG = address, RIGHTARG = address, FUNCTION = lighter, COMMUTATOR = OPERATOR(public.>>>), RESTRICT = scalarltsel);
CREATE AGGREGATE product(numeric) (SFUNC = numeric_mul, STYPE = numeric, INITCOND = '1', COMBINEFUNC = numeric_mul, PARALLEL = SAFE);
CREATE FUNCTION append_line(so_far text, line text) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT concat_ws(E'\n', so_far, line) $$;
CREATE AGGREGATE shop.lines(text) (SFUNC = append_line, STYPE = text);

CREATE TABLE numbers_and_texts (
  id int PRIMARY KEY,
  small smallint, big bigint, "real" real, float float8, exact numeric, rounded numeric(6, -2), price money, flag boolean,
  fixed char(8), short varchar(12), long text, one "char", label name, loud citext, mail email, blind text COLLATE ignoring_case,
  bytes bytea, bits bit(7), some_bits bit varying(20), uuid uuid
);
CREATE TABLE times_and_places (
  id int PRIMARY KEY,
  day date, clock time, zoned_clock timetz, moment timestamp, instant timestamptz, exact_instant timestamptz(0),
  span interval, months interval year to month, host inet, net cidr, mac macaddr, mac8 macaddr8,
  point point, line line, segment lseg, box box, path path, polygon polygon, circle circle
);
CREATE TABLE documents_and_words (
  id int PRIMARY KEY,
  json json, jsonb jsonb, jsonpath jsonpath, xml xml, words tsvector, query tsquery, lsn pg_lsn, snapshot pg_snapshot,
  kind regtype, thing regclass, large oid
);
CREATE TABLE made_of_others (
  id int PRIMARY KEY,
  mood mood, state shop.state DEFAULT 'new', moods mood[], share share, phone phone, three three_numbers, code shop.code, old old_code,
  address address, contact contact, home home, addresses address[], contacts contact[],
  ints int[], matrix text[][], shifted int[], dates date[],
  range int4range, days daterange, hours tstzrange, amounts numrange, floats float_range, texts text_range, ranges int8range[],
  many int4multirange, many_hours tstzmultirange, many_floats float_multirange, many_texts many_text_ranges,
  whole numbers_and_texts
);
CREATE TABLE of_a_type OF address (street WITH OPTIONS DEFAULT 'nowhere', PRIMARY KEY (zip));
