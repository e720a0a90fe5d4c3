-- What upkeep, an outage and an admin ask must not read all that ever was: indexes on the few rows that are still open.

-- For "no unit waits or runs": learning_unrouted, and whoever asks after the units of one submission.
CREATE INDEX learning_units_under_way ON public.learning_units (submission_id) WHERE state IN ('waiting', 'running');
-- What admins look for.
CREATE INDEX learning_submissions_failed ON public.learning_submissions (id) WHERE analysis_status = 'failed';
-- The oldest of what is under way, asked for again and again while the model server is away.
CREATE INDEX learning_work_under_way_by_age ON public.learning_work (accepted_at) WHERE ended_at IS NULL;

-- As before, and it says that what has ended is not meant.
CREATE OR REPLACE FUNCTION public.learning_give_up(
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

-- As before, in PL/pgSQL: its plan is made for the filters that are given, on every release of Postgres.
CREATE OR REPLACE FUNCTION public.learning_find(
    p_ids uuid[] DEFAULT NULL, p_state text DEFAULT NULL, p_stage text DEFAULT NULL, p_error text DEFAULT NULL,
    p_since timestamptz DEFAULT NULL, p_task uuid DEFAULT NULL, p_student_sub text DEFAULT NULL, p_limit integer DEFAULT NULL
) RETURNS TABLE (
    total bigint, submission_id uuid, student_sub text, task_id uuid, kind text, stage text, analysis_status text,
    error_code text, reason text, pages_read bigint, page_count integer, runs bigint, changed_at timestamptz
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH found AS (
        SELECT s.id, s.student_sub, s.task_id, s.kind, s.analysis_status, s.error_code, w.reason, w.page_count,
            CASE WHEN s.text_body IS NULL THEN 'vision' ELSE 'feedback' END AS stage,
            coalesce(w.ended_at, w.accepted_at) AS changed_at
        FROM learning_submissions s JOIN learning_work w ON w.submission_id = s.id
        WHERE (p_ids IS NULL OR s.id = ANY (p_ids))
          AND (p_state IS NULL OR s.analysis_status = p_state)
          AND (p_stage IS NULL OR p_stage = CASE WHEN s.text_body IS NULL THEN 'vision' ELSE 'feedback' END)
          AND (p_error IS NULL OR p_error IN (s.error_code, w.reason))
          AND (p_since IS NULL OR coalesce(w.ended_at, w.accepted_at) >= p_since)
          AND (p_task IS NULL OR s.task_id = p_task)
          AND (p_student_sub IS NULL OR s.student_sub = p_student_sub)
          AND (w.reason IS DISTINCT FROM 'discarded' OR p_ids IS NOT NULL OR p_error = 'discarded')
    ), shown AS (
        SELECT f.*, count(*) OVER () AS total FROM found f ORDER BY f.changed_at DESC, f.id LIMIT p_limit
    )
    SELECT f.total, f.id, f.student_sub, f.task_id, f.kind, f.stage, f.analysis_status, f.error_code, f.reason,
        (SELECT count(*) FROM learning_pages p WHERE p.submission_id = f.id AND p.text_md IS NOT NULL), f.page_count,
        (SELECT count(*) FROM learning_attempts a WHERE a.submission_id = f.id), f.changed_at
    FROM shown f ORDER BY f.changed_at DESC, f.id;
END
$$;
