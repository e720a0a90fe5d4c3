-- Failing what has only ever waited, while nobody claims it: the queue of its stage is paused, because the model server
-- or a model is away.

-- Since when each stage has been waiting for its model, and when a worker last said so. What happened before an outage
-- is not held against it: a backlog of days, or a weekend without workers.
CREATE TABLE public.learning_outages (
    stage text PRIMARY KEY CHECK (stage IN ('vision', 'feedback')),
    since timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
);
ALTER TABLE public.learning_outages ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.learning_outages FROM PUBLIC;

-- Notes that a stage waits; returns since when. Restarts of workers in between do not begin it anew, an answer that
-- anybody got from the stage's model does.
CREATE FUNCTION public.learning_away_since(p_stage text) RETURNS timestamptz
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    WITH answered AS (
        SELECT a.ended_at FROM learning_attempts a
        WHERE a.ended_at IS NOT NULL AND a.verdict = 'done' AND (a.step = 'feedback') = (p_stage = 'feedback')
        ORDER BY a.ended_at DESC LIMIT 1
    )
    INSERT INTO learning_outages AS o (stage, since, seen_at) VALUES (p_stage, now(), now())
    ON CONFLICT (stage) DO UPDATE
        SET seen_at = now(),
            since = CASE
                WHEN o.seen_at < now() - interval '10 minutes' OR o.since < (SELECT ended_at FROM answered) THEN now()
                ELSE o.since
            END
    RETURNING since
$$;

-- Fails submissions that wait for a stage, and have for more than p_max_wait, as the stage itself has; at most p_limit.
-- Returns the unit that each waited for: claim and spent as they are, and its age in seconds. Those that another
-- transaction holds are left for the next time.
CREATE FUNCTION public.learning_give_up(
    p_stage text, p_reason text, p_message text, p_max_wait interval, p_limit integer
) RETURNS TABLE (submission_id uuid, step text, page integer, claim bigint, spent integer, age_seconds double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    old learning_work;
    unit learning_units;
BEGIN
    IF learning_away_since(p_stage) > now() - p_max_wait THEN
        RETURN;
    END IF;
    FOR old IN
        SELECT w.* FROM learning_work w
        WHERE w.ended_at IS NULL AND w.accepted_at < now() - p_max_wait AND EXISTS (
            SELECT FROM learning_units u
            WHERE u.submission_id = w.submission_id AND u.state = 'waiting'
                AND (u.step = 'feedback') = (p_stage = 'feedback')
        )
        ORDER BY w.accepted_at LIMIT p_limit FOR UPDATE OF w SKIP LOCKED
    LOOP
        SELECT u.* INTO unit FROM learning_units u
            WHERE u.submission_id = old.submission_id AND u.state = 'waiting'
                AND (u.step = 'feedback') = (p_stage = 'feedback')
            ORDER BY u.page LIMIT 1;
        CONTINUE WHEN NOT FOUND;
        PERFORM learning_fail(unit.submission_id, unit.step, unit.page, NULL, p_reason, p_message);
        RETURN QUERY SELECT unit.submission_id, unit.step, unit.page, unit.claim, unit.spent,
            extract(epoch FROM now() - old.accepted_at)::double precision;
    END LOOP;
END
$$;

REVOKE ALL ON FUNCTION public.learning_away_since, public.learning_give_up FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.learning_give_up TO learning_worker;
