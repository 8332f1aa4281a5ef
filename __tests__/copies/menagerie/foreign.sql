-- Takes a superuser: a table whose rows are elsewhere, behind a wrapper that cannot even fetch them.
CREATE FOREIGN DATA WRAPPER wrapper;
CREATE SERVER elsewhere TYPE 'none' VERSION '1' FOREIGN DATA WRAPPER wrapper OPTIONS (host 'it''s far');
CREATE USER MAPPING FOR :"owner" SERVER elsewhere OPTIONS (password 'not to be copied into any report');
GRANT USAGE ON FOREIGN SERVER elsewhere TO :"owner";
CREATE FOREIGN TABLE far_away (id int OPTIONS (name 'nr') NOT NULL, what text) SERVER elsewhere OPTIONS ("table" 'x');
ALTER FOREIGN TABLE far_away OWNER TO :"owner";
