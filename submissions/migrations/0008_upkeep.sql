-- What one worker at a time does for all: bring back what was lost on the way, and remove what is old.

INSERT INTO dramatiq.chore (name) VALUES ('upkeep');

-- Units that are due and that nothing rings for: their message was deleted or rejected.
CREATE VIEW public.learning_unrung AS
SELECT u.submission_id, u.step, u.page
FROM public.learning_units AS u
WHERE u.state = 'waiting' AND u.due_at <= now()
    AND NOT EXISTS (
        SELECT FROM dramatiq.queue AS q WHERE q.message_id = u.message_id AND q.state IN ('queued', 'consumed')
    );

-- Units that are said to run though their message is gone. `over`: the run has surely ended, because its message was
-- rejected, or its process is not there any more; else somebody has deleted the message, and the run may still go on.
CREATE VIEW public.learning_abandoned AS
SELECT u.submission_id, u.step, u.page, u.claimed_at,
    EXISTS (SELECT FROM dramatiq.queue AS q WHERE q.message_id = u.message_id)
    OR NOT EXISTS (
        SELECT FROM dramatiq.worker AS w
        WHERE w.host || ':' || w.pid = a.worker AND w.started_at <= a.claimed_at
            AND (w.beat_at > now() - interval '15 seconds' OR w.owner IN (SELECT p.owner FROM dramatiq.present AS p))
    ) AS over
FROM public.learning_units AS u
LEFT JOIN public.learning_attempts AS a USING (submission_id, step, page, claim)
WHERE u.state = 'running'
    AND NOT EXISTS (
        SELECT FROM dramatiq.queue AS q WHERE q.message_id = u.message_id AND q.state IN ('queued', 'consumed')
    );

-- Submissions under way for which no unit waits or runs.
CREATE VIEW public.learning_unrouted AS
SELECT s.id AS submission_id
FROM public.learning_submissions AS s JOIN public.learning_work AS w ON w.submission_id = s.id
WHERE s.analysis_status IN ('pending', 'extracted')
    AND NOT EXISTS (
        SELECT FROM public.learning_units AS u WHERE u.submission_id = s.id AND u.state IN ('waiting', 'running')
    );

-- The three below go through what a view shows and ask it again with the work row locked: a worker changes a unit under
-- that lock and acknowledges the message afterwards, so what is still so then is so. Rows that others hold are left for
-- the next time. Each returns how many it mended, at most p_limit.

CREATE FUNCTION public.learning_ring_again(p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    lost learning_unrung;
    mended bigint := 0;
BEGIN
    FOR lost IN SELECT * FROM learning_unrung LIMIT p_limit LOOP
        PERFORM FROM learning_work WHERE submission_id = lost.submission_id FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        PERFORM learning_ring(v.submission_id, v.step, v.page) FROM learning_unrung v
            WHERE v.submission_id = lost.submission_id AND v.step = lost.step AND v.page = lost.page;
        mended := mended + CASE WHEN FOUND THEN 1 ELSE 0 END;
    END LOOP;
    RETURN mended;
END
$$;

-- p_longest: no run takes longer, so an older one that nobody can be asked about is over.
CREATE FUNCTION public.learning_free_abandoned(p_longest interval, p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    lost learning_abandoned;
    unit learning_units;
    mended bigint := 0;
BEGIN
    FOR lost IN
        SELECT * FROM learning_abandoned v WHERE v.over OR v.claimed_at < now() - p_longest LIMIT p_limit
    LOOP
        PERFORM FROM learning_work WHERE submission_id = lost.submission_id FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        SELECT u.* INTO unit FROM learning_abandoned v JOIN learning_units u USING (submission_id, step, page)
            WHERE v.submission_id = lost.submission_id AND v.step = lost.step AND v.page = lost.page
              AND v.claimed_at = lost.claimed_at;
        CONTINUE WHEN NOT FOUND;
        PERFORM learning_free(unit, 'message_gone');
        PERFORM learning_call_off(lost.submission_id);
        PERFORM learning_ring(u.submission_id, u.step, u.page) FROM learning_units u
            WHERE u.submission_id = lost.submission_id AND u.step = lost.step AND u.page = lost.page AND u.state = 'waiting';
        mended := mended + 1;
    END LOOP;
    RETURN mended;
END
$$;

CREATE FUNCTION public.learning_route_forgotten(p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    lost learning_unrouted;
    mended bigint := 0;
BEGIN
    FOR lost IN SELECT * FROM learning_unrouted LIMIT p_limit LOOP
        PERFORM FROM learning_work WHERE submission_id = lost.submission_id FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        PERFORM learning_route(v.submission_id) FROM learning_unrouted v WHERE v.submission_id = lost.submission_id;
        mended := mended + CASE WHEN FOUND THEN 1 ELSE 0 END;
    END LOOP;
    RETURN mended;
END
$$;

-- Removes runs that ended before; returns how many, at most p_limit.
-- In PL/pgSQL and planned for the ages and limits that are given: before Postgres 18 a function in SQL is planned without
-- knowing them, and reads all that ever was.
CREATE FUNCTION public.learning_prune_attempts(p_keep interval, p_limit integer) RETURNS bigint
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

-- Pupils' data goes in three steps, because no transaction is open while the storage is asked: here submissions that
-- ended before are marked, so that nobody takes them up again; then whoever called removes their files; then
-- learning_forget removes their rows. Whatever was interrupted shows up here again.
-- Returns each submission with the keys of its files, without those that a submission which stays has, too. Those come
-- first that were never tried, then those that were tried longest ago: whatever the storage does not let go holds back
-- nothing else.
-- In PL/pgSQL for the same reason as learning_prune_attempts.
CREATE FUNCTION public.learning_expire(p_keep interval, p_limit integer)
RETURNS TABLE (submission_id uuid, storage_keys text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH old AS (
        SELECT w.submission_id FROM learning_work w
        WHERE w.submission_id IN (
            (SELECT n.submission_id FROM learning_work n
             WHERE n.ended_at < now() - p_keep AND n.expired_at IS NULL ORDER BY n.ended_at LIMIT p_limit)
            UNION ALL
            (SELECT t.submission_id FROM learning_work t
             WHERE t.ended_at < now() - p_keep AND t.expired_at IS NOT NULL ORDER BY t.expired_at LIMIT p_limit)
        )
        ORDER BY w.expired_at NULLS FIRST, w.ended_at LIMIT p_limit FOR UPDATE SKIP LOCKED
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

-- Removes all that is known of expired submissions; returns how many.
CREATE FUNCTION public.learning_forget(p_submissions uuid[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH expired AS (
        SELECT w.submission_id FROM learning_work w
        WHERE w.submission_id = ANY (p_submissions) AND w.expired_at IS NOT NULL FOR UPDATE
    ), dropped AS (
        DELETE FROM learning_submissions s USING expired WHERE s.id = expired.submission_id
        RETURNING s.id
    )
    SELECT count(*) FROM dropped
$$;

REVOKE ALL ON public.learning_unrung, public.learning_abandoned, public.learning_unrouted FROM PUBLIC;
REVOKE ALL ON FUNCTION public.learning_ring_again, public.learning_free_abandoned, public.learning_route_forgotten,
    public.learning_prune_attempts, public.learning_expire, public.learning_forget FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.learning_ring_again, public.learning_free_abandoned, public.learning_route_forgotten,
    public.learning_prune_attempts, public.learning_expire, public.learning_forget TO learning_worker;
