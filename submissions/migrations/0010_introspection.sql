-- What whoever looks across pupils is told: states and numbers, never text, names of files or keys.

-- One line per submission.
CREATE FUNCTION public.learning_overview(
    p_submission uuid DEFAULT NULL, p_student_sub text DEFAULT NULL, p_status text DEFAULT NULL, p_limit integer DEFAULT 50
) RETURNS TABLE (
    submission_id uuid, student_sub text, kind text, analysis_status text, error_code text, reason text,
    pages_read bigint, page_count integer, created_at timestamptz, completed_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT s.id, s.student_sub, s.kind, s.analysis_status, s.error_code, w.reason,
        (SELECT count(*) FROM learning_pages p WHERE p.submission_id = s.id AND p.text_md IS NOT NULL),
        w.page_count, s.created_at, s.completed_at
    FROM learning_submissions s LEFT JOIN learning_work w ON w.submission_id = s.id
    WHERE (p_submission IS NULL OR s.id = p_submission)
      AND (p_student_sub IS NULL OR s.student_sub = p_student_sub)
      AND (p_status IS NULL OR s.analysis_status = p_status)
    ORDER BY s.created_at DESC
    LIMIT p_limit
$$;

-- What is a state comes from here at the moment it is asked for: a killed process leaves nothing behind, and every scrape
-- of every host tells the same. Categories that are empty stand there with 0, so that an alert can compare them.
CREATE FUNCTION public.learning_gauges() RETURNS TABLE (name text, labels jsonb, value double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH queue AS MATERIALIZED (
        SELECT queue_name, ready, delayed, in_progress, rejected, workers FROM dramatiq.overview
    ), counted_units AS (
        SELECT step, state, count(*) AS units FROM learning_units GROUP BY step, state
    ), counted_submissions AS (
        SELECT analysis_status, count(*) AS submissions FROM learning_submissions GROUP BY analysis_status
    )
    SELECT 'analysis_jobs_inflight', '{}'::jsonb, count(*)::double precision FROM learning_units WHERE state = 'running'
    UNION ALL
    SELECT 'learning_submissions', jsonb_build_object('status', status), coalesce(submissions, 0)
        FROM unnest(ARRAY['pending', 'extracted', 'completed', 'failed']) AS status
        LEFT JOIN counted_submissions ON analysis_status = status
    UNION ALL
    SELECT 'learning_units', jsonb_build_object('step', a_step, 'state', a_state), coalesce(units, 0)
        FROM unnest(ARRAY['open', 'read', 'feedback']) AS a_step
        CROSS JOIN unnest(ARRAY['waiting', 'running', 'done', 'failed', 'cancelled']) AS a_state
        LEFT JOIN counted_units ON step = a_step AND state = a_state
    UNION ALL
    SELECT 'learning_oldest_ready_seconds', jsonb_build_object('stage', stage),
            coalesce(greatest(0, extract(epoch FROM clock_timestamp() - min(due_at))), 0)
        FROM unnest(ARRAY['vision', 'feedback']) AS stage
        LEFT JOIN learning_units ON state = 'waiting' AND due_at <= clock_timestamp()
            AND stage = CASE step WHEN 'feedback' THEN 'feedback' ELSE 'vision' END
        GROUP BY stage
    UNION ALL
    SELECT 'learning_messages', jsonb_build_object('queue', queue_name, 'state', counts.key), counts.value::double precision
        FROM queue
        CROSS JOIN LATERAL jsonb_each_text(jsonb_build_object(
            'ready', ready, 'delayed', delayed, 'in_progress', in_progress, 'rejected', rejected
        )) AS counts
    UNION ALL
    SELECT 'learning_workers', '{}', count(DISTINCT worker -> 'worker')
        FROM queue CROSS JOIN LATERAL jsonb_array_elements(workers) AS worker
$$;

REVOKE ALL ON FUNCTION public.learning_overview, public.learning_gauges FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.learning_overview TO learning_admin;
GRANT EXECUTE ON FUNCTION public.learning_gauges TO learning_admin, learning_worker;
