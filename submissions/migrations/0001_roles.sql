-- The three roles that are not the owner. Roles belong to the whole cluster, so another database of it may
-- have made them already, or may be making them at this moment.
--   learning_worker    runs the actors: works the queue, changes submissions through fenced functions only
--   learning_platform  hands in and reads for the pupil named in app.current_sub
--   learning_admin     sees across pupils, never their text
-- They cannot log in until the operator gives them a password (ALTER ROLE … LOGIN PASSWORD …) or makes a
-- login a member of them.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['learning_worker', 'learning_platform', 'learning_admin'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', role_name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another migration of the same cluster was faster
            END;
        END IF;
        -- The owner may switch to the role (SET ROLE), so one database URL is enough for small installs.
        IF NOT pg_has_role(current_user, role_name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
        END IF;
    END LOOP;
END
$$;

-- Our functions act as the owner and look for names here, too: nobody else may put any here (Postgres 15 has it so by
-- itself). A login that does not own the schema is told that it cannot; `check` then says what to do.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO learning_worker, learning_platform, learning_admin;
