-- Ending a submission that is not wanted any more, while somebody may be working on it.

-- Ends it as failed with its stage's code and the reason beside it. Units that run are taken from their workers, who
-- learn so within a second (learning_lost_claims). Called with the work row locked. One that had failed keeps its code.
CREATE FUNCTION public.learning_end_early(p_submission uuid, p_reason text, p_message text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    stage text;
BEGIN
    UPDATE learning_attempts SET ended_at = clock_timestamp(), verdict = 'cancel', reason = p_reason
        WHERE submission_id = p_submission AND ended_at IS NULL;
    UPDATE learning_units SET state = 'cancelled', ended_at = now()
        WHERE submission_id = p_submission AND state IN ('waiting', 'running');
    UPDATE learning_submissions
        SET analysis_status = 'failed', error_code = CASE WHEN text_body IS NULL THEN 'vision_failed' ELSE 'feedback_failed' END
        WHERE id = p_submission AND analysis_status IN ('pending', 'extracted')
        RETURNING CASE WHEN text_body IS NULL THEN 'vision' ELSE 'feedback' END INTO stage;
    IF FOUND THEN
        PERFORM learning_note_error(p_submission, stage, p_message);
    END IF;
    UPDATE learning_work SET reason = p_reason, ended_at = coalesce(ended_at, now()) WHERE submission_id = p_submission;
END
$$;

-- Withdraws a submission of the pupil that the transaction speaks for. Returns:
--   withdrawn   now or before; it can be requeued
--   completed   too late: it stays as it is
--   unknown     this pupil has no such submission
CREATE FUNCTION public.learning_withdraw(p_submission uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM learning_work
        WHERE submission_id = p_submission AND student_sub = learning_current_sub() FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown';
    ELSIF EXISTS (SELECT FROM learning_submissions WHERE id = p_submission AND analysis_status = 'completed') THEN
        RETURN 'completed';
    END IF;
    PERFORM learning_end_early(p_submission, 'withdrawn', 'the submission was withdrawn');
    UPDATE learning_work SET withdrawn_at = coalesce(withdrawn_at, now()) WHERE submission_id = p_submission;
    RETURN 'withdrawn';
END
$$;

-- Which of a worker's claims are not its own any more: the places in the arrays, from 1. Asked about once a second while
-- something runs, so each claim costs one look into the primary key.
CREATE FUNCTION public.learning_lost_claims(p_submissions uuid[], p_steps text[], p_pages integer[], p_claims bigint[])
RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT held.place
    FROM unnest(p_submissions, p_steps, p_pages, p_claims) WITH ORDINALITY AS held (submission_id, step, page, claim, place)
    WHERE NOT EXISTS (
        SELECT FROM learning_units u
        WHERE u.submission_id = held.submission_id AND u.step = held.step AND u.page = held.page
          AND u.claim = held.claim AND u.state = 'running'
    )
$$;

REVOKE ALL ON FUNCTION public.learning_end_early, public.learning_withdraw, public.learning_lost_claims FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.learning_withdraw TO learning_platform, learning_admin;
GRANT EXECUTE ON FUNCTION public.learning_lost_claims TO learning_worker;
