-- A failing statement stands in the server's log with its values, and a broken constraint with the whole row: unless the
-- session may turn both off, which our transactions then do. Only a superuser can grant this (Postgres 15 and later);
-- without it the operator does it by hand: docs/operations.md.
DO $$
BEGIN
    EXECUTE 'GRANT SET ON PARAMETER log_min_error_statement, log_error_verbosity
        TO learning_worker, learning_platform, learning_admin';
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'our roles may not set log_min_error_statement and log_error_verbosity; see docs/operations.md';
END
$$;
