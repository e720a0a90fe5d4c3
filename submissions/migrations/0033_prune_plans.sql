-- As before, in PL/pgSQL and planned for the ages and limits that are given: before Postgres 18 a function in SQL is planned
-- without knowing them, and reads all that ever was.

CREATE OR REPLACE FUNCTION public.learning_prune_attempts(p_keep interval, p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    removed bigint;
BEGIN
    WITH old AS (
        SELECT a.submission_id, a.step, a.page, a.claim FROM learning_attempts a
        WHERE a.ended_at < now() - p_keep
        ORDER BY a.ended_at LIMIT p_limit FOR UPDATE SKIP LOCKED
    ), dropped AS (
        DELETE FROM learning_attempts a USING old
        WHERE (a.submission_id, a.step, a.page, a.claim) = (old.submission_id, old.step, old.page, old.claim)
        RETURNING a.claim
    )
    SELECT count(*) INTO removed FROM dropped;
    RETURN removed;
END
$$;

CREATE OR REPLACE FUNCTION public.learning_expire(p_keep interval, p_limit integer)
RETURNS TABLE (submission_id uuid, storage_keys text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH old AS (
        SELECT w.submission_id FROM learning_work w
        WHERE w.ended_at < now() - p_keep ORDER BY w.ended_at LIMIT p_limit FOR UPDATE SKIP LOCKED
    ), expired AS (
        UPDATE learning_work w SET expired_at = now() FROM old WHERE w.submission_id = old.submission_id
        RETURNING w.submission_id
    )
    SELECT e.submission_id, ARRAY(
        SELECT f.storage_key FROM learning_files f
        WHERE f.submission_id = e.submission_id
          AND NOT EXISTS (
              SELECT FROM learning_files other JOIN learning_work w ON w.submission_id = other.submission_id
              WHERE other.storage_key = f.storage_key AND w.expired_at IS NULL
                AND w.submission_id NOT IN (SELECT x.submission_id FROM expired x)
          )
        ORDER BY f.position
    )
    FROM expired e;
END
$$;
