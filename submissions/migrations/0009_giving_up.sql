-- Failing what has only ever waited, while nobody claims it: the queue of its stage is paused, because the model server
-- or a model is away.

-- Fails submissions that were handed in, or last requeued, more than p_max_age ago and wait for a stage; at most p_limit.
-- Returns the unit that each waited for: claim and spent as they are, and its age in seconds. Those that another
-- transaction holds are left for the next time.
CREATE FUNCTION public.learning_give_up(
    p_stage text, p_reason text, p_message text, p_max_age interval, p_limit integer
) RETURNS TABLE (submission_id uuid, step text, page integer, claim bigint, spent integer, age_seconds double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    old learning_work;
    unit learning_units;
BEGIN
    FOR old IN
        SELECT w.* FROM learning_work w
        WHERE w.ended_at IS NULL AND w.accepted_at < now() - p_max_age AND EXISTS (
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

REVOKE ALL ON FUNCTION public.learning_give_up FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.learning_give_up TO learning_worker;
