-- A table that hides rows from its own owner: whoever copies as the owner copies some of them, without an error.
CREATE TABLE forced (id int PRIMARY KEY, tenant text NOT NULL);
INSERT INTO forced VALUES (1, 'seen'), (2, 'hidden'), (3, 'hidden');
ALTER TABLE forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY some_rows ON forced USING (tenant = 'seen');
