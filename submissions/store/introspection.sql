-- What measuring and checking ask. Nothing here shows a pupil's words, file names or keys.

-- name: claim_times
-- How long the unit of a claim was due, and how long its submission has been waiting, in seconds.
SELECT a.waited_ms / 1000.0::double precision, extract(epoch FROM clock_timestamp() - w.accepted_at)::double precision
FROM learning_attempts a JOIN learning_work w ON w.submission_id = a.submission_id
WHERE a.submission_id = %(submission_id)s AND a.step = %(step)s AND a.page = %(page)s AND a.claim = %(claim)s

-- name: quiet_log
-- What fails in this transaction is logged without statement, values and row, as far as we may say so (Postgres 15).
SELECT set_config(name, value, true)
FROM (VALUES ('log_min_error_statement', 'panic'), ('log_error_verbosity', 'terse')) AS quiet (name, value)
WHERE has_parameter_privilege(name, 'SET')

-- name: patience
-- This transaction waits no longer for any statement.
SELECT set_config('statement_timeout', %(milliseconds)s::text, true)

-- name: session
-- Who we are, how many connections we may have at most, and whether the server logs a failure with what a pupil wrote.
SELECT current_user::text,
    least(
        current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
            - coalesce(current_setting('reserved_connections', true), '0')::integer,
        CASE WHEN r.rolconnlimit >= 0 THEN r.rolconnlimit END,
        CASE WHEN d.datconnlimit >= 0 THEN d.datconnlimit END
    ),
    current_setting('log_min_error_statement') NOT IN ('log', 'fatal', 'panic')
        OR current_setting('log_error_verbosity') <> 'terse'
FROM pg_roles r, pg_database d
WHERE r.rolname = session_user AND d.datname = current_database()

-- name: role_powers
-- What the worker's role must not be; no row is right.
SELECT 'a superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper
UNION ALL
SELECT 'free of row-level security (BYPASSRLS)' FROM pg_roles WHERE rolname = current_user AND rolbypassrls
UNION ALL
SELECT 'the owner of ' || relname FROM pg_class WHERE relowner = current_user::regrole AND relkind IN ('r', 'p', 'v')
UNION ALL
SELECT 'a member of ' || rolname FROM pg_roles
WHERE rolname <> current_user AND pg_has_role(current_user, oid, 'MEMBER')
    AND (rolsuper OR rolbypassrls OR oid IN (SELECT relowner FROM pg_class WHERE relname = 'learning_submissions'))

-- name: rights
-- What the worker may not do and has to, and what it or anybody may do beyond that; no row is right.
SELECT format('learning_worker may not call %%s', needed)
FROM unnest(%(functions)s) AS needed
WHERE NOT EXISTS (
    SELECT FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proname = needed AND has_function_privilege(oid, 'EXECUTE')
)
UNION ALL
SELECT format('learning_worker may not %%s %%I.%%I', right_, nspname, relname)
FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS right_
WHERE nspname = 'dramatiq' AND relname = 'queue'
    AND NOT (has_table_privilege(pg_class.oid, right_) AND has_schema_privilege(n.oid, 'USAGE'))
UNION ALL
SELECT format('learning_worker may %%s %%I directly', right_, relname)
FROM pg_class, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS right_
WHERE relnamespace = 'public'::regnamespace AND relname LIKE 'learning\_%%' AND relkind IN ('r', 'p')
    AND has_table_privilege(oid, right_)
UNION ALL
SELECT format('row-level security is off for %%I', relname)
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relname LIKE 'learning\_%%' AND relkind IN ('r', 'p')
    AND relname <> 'learning_migrations' AND NOT relrowsecurity
UNION ALL
SELECT format('row-level security of %%I has not the one policy own_rows', c.relname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'student_sub'
WHERE c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'learning\_%%' AND c.relkind IN ('r', 'p')
    AND (
        SELECT array_agg(p.policyname::text || ' ' || p.qual) FROM pg_policies p
        WHERE p.schemaname = 'public' AND p.tablename = c.relname AND p.permissive = 'PERMISSIVE'
    ) IS DISTINCT FROM ARRAY['own_rows (student_sub = current_setting(''app.current_sub''::text, true))']
UNION ALL
SELECT format('%%s may %%s %%I.%%I', coalesce(r.rolname, 'everybody'), granted.privilege_type, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS granted
LEFT JOIN pg_roles r ON r.oid = granted.grantee
WHERE c.relkind IN ('r', 'p', 'v') AND granted.grantee <> c.relowner
    AND (
        (n.nspname = 'dramatiq' AND c.relname = 'queue' AND r.rolname IS DISTINCT FROM 'learning_worker')
        OR (n.nspname IN ('public', 'dramatiq') AND (n.nspname = 'dramatiq' OR c.relname LIKE 'learning\_%%')
            AND granted.grantee = 0)
    )
UNION ALL
SELECT 'everybody may create objects in the schema public, where our functions look for names'
FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) AS granted
WHERE nspname = 'public' AND granted.grantee = 0 AND granted.privilege_type = 'CREATE'
UNION ALL
SELECT format('everybody may call %%s', proname)
FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) AS granted
WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'learning\_%%' AND granted.grantee = 0

-- name: migrations
-- What was applied, with the SHA-256 of its file.
SELECT name, sha256 FROM public.learning_migrations

-- name: living_workers
-- Living worker processes by host.
SELECT host, count(*)::integer
FROM dramatiq.worker
WHERE beat_at > now() - interval '15 seconds' OR owner IN (SELECT owner FROM dramatiq.present)
GROUP BY host
