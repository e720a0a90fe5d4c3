-- What an admin does across pupils: find, look at the history, requeue, discard. Nothing here shows a pupil's text.

CREATE TABLE public.learning_requeues (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES public.learning_submissions ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    action text NOT NULL CHECK (action IN ('requeue', 'discard')),
    -- Who asked for it, and why, in his own words.
    by text NOT NULL CHECK (btrim(by) <> '' AND length(by) <= 200),
    why text NOT NULL CHECK (btrim(why) <> '' AND length(why) <= 1000),
    -- What it had failed with.
    was_error_code text,
    was_reason text
);
CREATE INDEX learning_requeues_of_submission ON public.learning_requeues (submission_id);
ALTER TABLE public.learning_requeues ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.learning_requeues FROM PUBLIC;

-- Submissions by state and trouble, the newest change first; `total` counts all that match, whatever the limit.
--   p_error  the platform's error code, or the finer reason
--   p_stage  where it would go on: vision while there is no text, then feedback
--   p_since  ended since then, or accepted since then if it is under way
-- What an admin has discarded shows up only by id, or as p_error 'discarded'.
-- In PL/pgSQL, so that its plan is made for the filters that are given, on every release of Postgres.
CREATE FUNCTION public.learning_find(
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

-- All that happened to a submission: its units, their runs, what admins did.
CREATE FUNCTION public.learning_history(p_submission uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object(
        'units', (
            SELECT jsonb_agg(to_jsonb(each)) FROM (
                SELECT step, page, state, spent, crashes, suspect, due_at FROM learning_units
                WHERE submission_id = p_submission ORDER BY step <> 'open', step = 'feedback', page
            ) AS each
        ),
        'attempts', (
            SELECT jsonb_agg(to_jsonb(each)) FROM (
                SELECT step, page, claim, worker, alone, claimed_at, ended_at, verdict, reason, message
                FROM learning_attempts WHERE submission_id = p_submission ORDER BY claimed_at, step, page
            ) AS each
        ),
        'requeues', (
            SELECT jsonb_agg(to_jsonb(each)) FROM (
                SELECT at, action, by, why, was_error_code, was_reason
                FROM learning_requeues WHERE submission_id = p_submission ORDER BY id
            ) AS each
        )
    )
$$;

-- Locks a submission for an admin's act. Returns its status, or 'unknown', 'expired', 'discarded' where that says more.
CREATE FUNCTION public.learning_standing(p_submission uuid) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    work learning_work;
BEGIN
    SELECT * INTO work FROM learning_work WHERE submission_id = p_submission FOR UPDATE;
    RETURN CASE
        WHEN work.submission_id IS NULL THEN 'unknown'
        WHEN work.expired_at IS NOT NULL THEN 'expired'
        WHEN work.reason = 'discarded' THEN 'discarded'
        ELSE (SELECT analysis_status FROM learning_submissions WHERE id = p_submission)
    END;
END
$$;

-- Writes an admin's act down, with what the submission had failed with.
CREATE FUNCTION public.learning_note_act(p_submission uuid, p_action text, p_by text, p_why text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO learning_requeues (submission_id, action, by, why, was_error_code, was_reason)
        SELECT s.id, p_action, p_by, p_why, s.error_code, w.reason
        FROM learning_submissions s JOIN learning_work w ON w.submission_id = s.id WHERE s.id = p_submission
$$;

-- Takes a failed submission up again, where it stands: the one routing rule decides, so pages that are read are not read
-- again, those that were given up are, and with text there is feedback alone. Its units get fresh attempts; those they
-- had stay written down.
-- Returns 'requeued', or what it is instead: pending, extracted, completed, expired, unknown.
CREATE FUNCTION public.learning_requeue(p_submission uuid, p_by text, p_why text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    standing text := learning_standing(p_submission);
BEGIN
    IF standing NOT IN ('failed', 'discarded') THEN
        RETURN standing;
    END IF;
    PERFORM learning_note_act(p_submission, 'requeue', p_by, p_why);
    UPDATE learning_work SET accepted_at = now(), ended_at = NULL, reason = NULL, withdrawn_at = NULL
        WHERE submission_id = p_submission;
    UPDATE learning_submissions
        SET analysis_status = CASE WHEN kind <> 'text' AND text_body IS NOT NULL THEN 'extracted' ELSE 'pending' END,
            error_code = NULL
        WHERE id = p_submission;
    UPDATE learning_pages SET problem = NULL WHERE submission_id = p_submission AND text_md IS NULL;
    PERFORM learning_route(p_submission);
    RETURN 'requeued';
END
$$;

-- Gives a submission up: one that is under way ends, one that has failed is set aside.
-- Returns 'discarded', now or before, or what it is instead: completed, expired, unknown.
CREATE FUNCTION public.learning_discard(p_submission uuid, p_by text, p_why text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    standing text := learning_standing(p_submission);
BEGIN
    IF standing NOT IN ('pending', 'extracted', 'failed') THEN
        RETURN standing;
    END IF;
    PERFORM learning_note_act(p_submission, 'discard', p_by, p_why);
    PERFORM learning_end_early(p_submission, 'discarded', 'an admin gave the submission up');
    RETURN 'discarded';
END
$$;

REVOKE ALL ON FUNCTION public.learning_find, public.learning_history, public.learning_standing, public.learning_note_act,
    public.learning_requeue, public.learning_discard FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.learning_find, public.learning_history, public.learning_requeue, public.learning_discard
    TO learning_admin;
