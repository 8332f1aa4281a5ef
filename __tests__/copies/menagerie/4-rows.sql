-- Rows: the same ones each time, on every major. Most types at their edges, and texts that a stream of lines trips over.
INSERT INTO numbers_and_texts VALUES
  (1, -32768, -9223372036854775808, '-0', '-0', 'NaN', 12345.67, '-92233720368547758.08', true, 'a', 'b ', '', 'x', 'name', 'LOUD', 'A@b.c',
    'Case', '\x00ff5c0a0d09', B'1010101', B'', '00000000-0000-0000-0000-000000000000'),
  (2, 32767, 9223372036854775807, 'NaN', 'NaN', 'Infinity', NULL, '92233720368547758.07', false, '', '', E'\\N', '', '', '', 'a@B.C', 'case 2',
    '', B'0000000', B'1', 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
  (3, 0, 0, 'Infinity', '-Infinity', '-Infinity', -49, 0, NULL, E'tab\t', E'\\', E'\\.', E'\n', E'a"b\\c', E'\t', NULL, 'Übel',
    decode(repeat('5c2e0a', 100000), 'hex'), NULL, NULL, NULL),
  (4, 1, 1, 1.17549435e-38, 5e-324, 0.00000000000000000000000000000000000000000001, 0, 0.01, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL),
  (5, NULL, NULL, 3.4028235e38, 1.7976931348623157e308, ('-' || repeat('9', 200) || '.' || repeat('123', 100))::numeric, 99999900,
    1.005, NULL, 'ü', 'ß€𝄞', repeat('long ', 200000), 'Z', 'Ü', 'ẞ', 'ü@ü', 'ü', NULL, NULL, NULL, NULL),
  (6, 6, 6, 0.1, 0.1, 1.10, 6, 6, NULL, NULL, NULL, 'trailing zeros count: 1.10 is not 1.1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO times_and_places VALUES
  (1, '-infinity', '00:00', '24:00:00+14', '-infinity', 'infinity', '2024-02-29 23:59:59.6+00', '1 year 2 mons -3 days +04:05:06.789', '1-2',
    '192.168.0.1/24', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:ff:fe:01:02:03', '(-0,NaN)', '{1,2,3}', '[(0,0),(1,1)]', '((1,1),(0,0))',
    '[(0,0),(1,1)]', '((0,0),(1,0),(1,1))', '<(0,0),5>'),
  (2, '4713-01-01 BC', '24:00', '12:34:56.789012-03:30', '0044-03-15 BC 12:00', '1883-11-18 12:03:57-05', '0001-01-01 BC', '-1 mons +1 day', '-1-0',
    '::1', '2001:db8::/32', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00:00:00', '(1e-300,1e300)', '{1,0,-0.5}', '[(1,2),(3,4)]', '((1,2),(3,4))',
    '((0,0),(1,1),(2,0))', '((0,0))', '<(1.5,-2.5),0>'),
  (3, '5874897-12-31', '23:59:59.999999', '00:00:00+15:59:59', '294276-12-31 23:59:59.999999', '2024-10-27 01:30:00+00', NULL, '00:00:00.000001', '0',
    'fe80::1/64', '::/0', NULL, NULL, '(Infinity,-Infinity)', NULL, NULL, NULL, NULL, NULL, NULL),
  (4, NULL, NULL, NULL, NULL, NULL, NULL, '178000000 years', NULL, '0.0.0.0/0', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO documents_and_words VALUES
  (1, E'{"b": 1,  "a": 2, "a": 3, "tab": "\\t", "u": "\\u00fc"}', E'{"b": 1, "a": 2, "n": 1.10, "nested": [null, true, {"\\\\N": "\\\\."}]}',
    '$.a[*] ? (@.b > 1)', '<?xml version="1.0"?><a b="c">ü &amp; <![CDATA[<x>]]></a>', $$'a':1A 'it''s':2B,3 'sp ace':4$$, $$'a' & !('b c' | d:*AB)$$,
    '16/B374D848', '10:20:10,14,15', 'address', 'accounts', 700001),
  (2, '""', '""', 'lax $', '<a/>', '', NULL, '0/0', '1:1:', 'mood[]', '"weird ""quoted"" table"', 700002),
  (3, ' [ ] ', 'null', NULL, 'no element', to_tsvector('public.shop_search', 'The quick foxes of http://example.org/x'), NULL, 'FFFFFFFF/FFFFFFFF',
    NULL, 'shop.state', '"Übrige Dinge"."a.b"', 700003),
  (4, 'null', (SELECT jsonb_object_agg('key ' || i, repeat(md5(i::text), 5)) FROM generate_series(1, 2000) i), NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL);
INSERT INTO made_of_others VALUES
  (1, '', 'cart', '{sad,"",NULL,"it''s \"mixed\""}', 12.5, '+49 123', '{1,2,3}', 'DE1', 'far too long', ROW('a,b', '"1"', '12345', 'größer'),
    ROW('N', ROW(NULL, '', NULL, NULL), ARRAY[ROW('(', E'\\', 'z', 'ok')::address, NULL]), ROW('x', NULL, '1', NULL),
    ARRAY[ROW('"', '{}', NULL, '')::address, ROW(NULL, NULL, NULL, NULL)::address], '{}', '{1,NULL,3}', '{{a,"b c"},{"NULL",NULL}}', '[-1:1]={7,8,9}',
    '{2024-02-29,infinity,NULL}', '[1,10)', '(,2024-01-01)', '[2024-01-01 00:00+00,infinity)', 'empty', '[-Infinity,NaN)', '["A","\\,")',
    '{"[1,2)",empty,"(,)"}', '{[1,3),[5,8)}', '{}', '{[0.1,0.2),(0.3,)}', '{["a b","c,d"]}', NULL),
  (2, 'größer', 'packed', '{}', 0, '123', '[5:7]={1,NULL,3}', NULL, '', NULL, ROW(NULL, NULL, NULL), NULL, NULL,
    ARRAY[ROW('deep', ROW('s', '1', '1', 'sad'), ARRAY[ROW('t', '2', '2', 'ok')::address])::contact], '{}', '{}', '[0:0]={0}', '{}', 'empty', 'empty',
    'empty', '(1.10,2.20]', 'empty', '[,""]', '{}', '{(,)}', '{[2024-01-01 00:00+00,2024-01-02 00:00+00)}', NULL, '{}',
    (SELECT t FROM numbers_and_texts t WHERE id = 1));
INSERT INTO made_of_others (id, share) VALUES (3, 100);
INSERT INTO of_a_type (zip, "Nr.") VALUES ('12345', '1'), ('1', NULL);

-- No transaction may write a text with a zero in it, but any other.
INSERT INTO nasty_texts (value, "array", "row", json)
SELECT value, ARRAY[value, NULL, ''], ROW(value, left(value, 3), left(value, 5), 'ok')::address, jsonb_build_object(coalesce(value, 'nothing'), value, 'k', ARRAY[value])
FROM unnest(ARRAY['', NULL, ' ', E'\t', E'\n', E'\r', E'\r\n', E'\\', E'\\\\', E'\\N', E'\\.', E'\n\\.\n', E'a\n\\.\nb', E'\\n', E'\\t', 'NULL', 'null',
  E'\x01\x02\x1f\x7f', E'\b\f\x0b', '''', '"', '""', '$$', '$1', '%s', ',', ';', '{}', '{', '}', '()', E'\u00a0', E'\u200b', E'\ufeff', E'\uffff',
  '🦄', '👩‍👩‍👧‍👦', 'Größe', E'Gro\u0308ße', 'مرحبا', E'\u202ertl', '-- comment', '/*', E'\\x41', E'x\\', E'tab\tin\tit', E'trailing newline\n', ' both ',
  E'\u0085', E'\u2028', '1e5', 'COPY x FROM stdin;', E'\\q', E'\\!', repeat(E'\\\n\t', 3000)]) value;

INSERT INTO accounts (mail, name, balance, mood, phone, since)
  SELECT CASE WHEN i % 7 > 0 THEN format('Person.%s@Example.org', i) END, CASE i % 3 WHEN 0 THEN 'Müller ' ELSE 'smith ' END || i,
    i * 1.5 - 100, (enum_range(NULL::mood))[i % 7], CASE WHEN i % 2 = 0 THEN '+49 30 ' || i * 1000 END, '2024-01-01 00:00+00'::timestamptz + i * interval '1 hour'
  FROM generate_series(1, 3000) i;
INSERT INTO accounts (id, number, name) OVERRIDING SYSTEM VALUE VALUES (-5, -5, 'before all'), (7000000000, 7, 'beyond int');
UPDATE accounts SET balance = balance + 1 WHERE id % 500 = 0;
DELETE FROM accounts WHERE id % 1000 = 0;
INSERT INTO staff (id, boss, tenant, secret) VALUES (1, NULL, 'a', 's'), (2, 1, 'a', NULL), (3, 2, 'b', NULL), (4, 4, 'b', 'self');
INSERT INTO staff (boss, tenant, secret) OVERRIDING USER VALUE SELECT 1, 'c', i FROM generate_series(1, 500) i ON CONFLICT DO NOTHING;
INSERT INTO authors (id, name, favourite) VALUES (1, 'Ada', 2), (2, 'Bob', 1), (3, 'No book', NULL);
INSERT INTO books (isbn, edition, id, author, successor, blurb) VALUES ('1', 1, 1, 1, '2', 'The quick brown foxes'), ('2', 1, 2, 2, '1', NULL),
  ('2', 2, 3, 1, NULL, ''), ('ISBN "4"', 1, 4, 1, 'ISBN "4"', E'tab\tand\nline');
INSERT INTO lendings VALUES ('1', 1, 1, '[2024-01-01,2024-02-01)', '[1,5)'), ('2', 2, 2, '[2024-01-15,2024-03-01)', '[7,9)'), (NULL, NULL, NULL, 'empty', NULL);
INSERT INTO orders (at, region, total, account, note)
  SELECT '2023-01-01'::date + i, (ARRAY['eu', 'us', 'Europa "alt"', ''])[i % 4 + 1], i * 1.1, NULL, nullif(left(md5(i::text), i % 5), '')
  FROM generate_series(1, 2500) i;
INSERT INTO orders_2020 (id, at, region, total) VALUES (1, '2020-01-01', 'eu', 1);
INSERT INTO order_lines SELECT id, at, region, line, 'thing ' || line FROM orders, generate_series(1, 2) line WHERE id % 3 = 0;
INSERT INTO by_hash SELECT 'key ' || i, i FROM generate_series(1, 200) i;
INSERT INTO by_mood VALUES (NULL, NULL), ('happy', ''), ('ok', 'ok'), ('', 'empty label'), ('sad', NULL);
INSERT INTO by_expression SELECT i, '2024-01-01'::timestamp + i * interval '1 day' FROM generate_series(1, 50) i;
INSERT INTO animals VALUES (1, 'Fish', 0), (2, DEFAULT, NULL);
INSERT INTO dogs VALUES (1, DEFAULT, 4, 'same id as the fish'), (3, NULL, DEFAULT, NULL);
INSERT INTO lap_dogs VALUES (5, 'Fifi', 4, NULL, 'Frau Größe');
INSERT INTO pets VALUES ('nobody');
-- Twins, and a row of nothing at all: only a multiset tells them apart. The negative one is what a rule made later would refuse.
INSERT INTO keyless VALUES (1, 'twin'), (1, 'twin'), (1, 'twin'), (NULL, NULL), (NULL, ''), (2, NULL), (-1, 'breaks the rule'), (12345, 'nobody');
INSERT INTO nothing DEFAULT VALUES;
INSERT INTO nothing DEFAULT VALUES;
INSERT INTO scratch VALUES (1, 'unlogged, but there'), (2, NULL);
INSERT INTO "Größe" VALUES ('Weg', 1, 2, 3, 4, 5, 6, 7), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('', 1, 20, 0, 0, 0, 0, 0);
INSERT INTO "weird ""quoted"" table" VALUES ('a', 'b'), ('b', 'a'), ('"', NULL), (E'\\.', E'\\.');
INSERT INTO "select" VALUES (1, 'two'), (2, NULL);
INSERT INTO "Übrige Dinge"."a.b" VALUES (1, DEFAULT), (2, NULL);
INSERT INTO shop.accounts VALUES (1, -5), (2, 110);
INSERT INTO with_history VALUES (1, 'gone', 'stays', '{1}', 3), (2, NULL, NULL, NULL, NULL), (3, '', '', '{}', 0);
-- i * 7919 is spread over all accounts, of whom nobody is on the staff.
INSERT INTO ledger (account, amount, note, at, details)
  SELECT i * 7919 % 1000, i % 100000 * 0.01 - 100, CASE WHEN i % 10 > 0 THEN 'entry ' || md5(i::text) END, '2024-01-01 00:00+00'::timestamptz + i * interval '1 minute',
    CASE WHEN i % 4 = 0 THEN jsonb_build_object('kind', i % 5, 'text', md5(i::text)) END
  FROM generate_series(1, 100000) i;
INSERT INTO events (kind, payload, tags, at, place)
  SELECT 'kind ' || i % 5, jsonb_build_object('n', i), CASE WHEN i % 2 = 0 THEN ARRAY['a', 't' || i % 9] END, '2024-01-01'::timestamp + i * interval '1 second', point(i, -i)
  FROM generate_series(1, 5000) i;
INSERT INTO many_columns (id, column_1, column_250) SELECT i, i, '' FROM generate_series(1, 100) i;
INSERT INTO protected VALUES (1, 'a', 's1'), (2, 'b', 's2'), (3, 'hidden', NULL);
INSERT INTO papers VALUES (1, 0), (2, 0), (3, 0);
INSERT INTO rates VALUES ('EUR', 1), ('USD', 1.10);
INSERT INTO payments SELECT i, CASE i % 3 WHEN 0 THEN 'EUR' WHEN 1 THEN 'USD' END, i FROM generate_series(1, 1000) i;
INSERT INTO a_first SELECT i, i, -i FROM generate_series(1, 1000) i;

DO $$
BEGIN
  IF current_setting('server_version_num')::int >= 170000 THEN
    INSERT INTO times_and_places (id, span) VALUES (5, 'infinity'), (6, '-infinity');
    INSERT INTO numbered (part, note) VALUES (1, 'seven'), (1, 'eight');
    INSERT INTO excluding VALUES ('[1,5)', 'x');
  END IF;
  IF current_setting('server_version_num')::int >= 180000 THEN
    INSERT INTO computed (id, net, what) SELECT md5(i::text)::uuid, i, 'what' FROM generate_series(1, 20) i;
    INSERT INTO reigns VALUES ('[1,2)', '[2000-01-01,2010-01-01)', 'A'), ('[1,2)', '[2010-01-01,)', 'B');
    INSERT INTO coins VALUES (1, '[1,2)', '[2005-01-01,2015-01-01)'), (2, NULL, NULL);
    INSERT INTO unenforced VALUES (1, 4711, -1);
  END IF;
END $$;
