-- What stands beside a feedback: docs/feedback.md lists the keys. It quotes the pupil, so it stands in a table that has
-- row-level security, and is read by whom the result is read by.

ALTER TABLE public.learning_results ADD COLUMN details jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object');

-- As before, with details. The default serves workers of the release before, while they are replaced one by one.
DROP FUNCTION public.learning_store_feedback;
CREATE FUNCTION public.learning_store_feedback(
    p_submission uuid, p_claim bigint, p_feedback_md text, p_analysis jsonb, p_model text, p_prompt_version text,
    p_parse_status text, p_cost jsonb, p_details jsonb DEFAULT '{}'
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT learning_close(p_submission, 'feedback', 0, p_claim, p_cost) THEN
        RETURN learning_is_stored(p_submission, 'feedback', 0, p_claim);
    END IF;
    INSERT INTO learning_results (submission_id, student_sub, model, prompt_version, parse_status, details)
        VALUES (p_submission, learning_current_sub(), p_model, p_prompt_version, p_parse_status, p_details)
        ON CONFLICT (submission_id) DO UPDATE
            SET model = excluded.model, prompt_version = excluded.prompt_version,
                parse_status = excluded.parse_status, details = excluded.details, stored_at = now();
    UPDATE learning_submissions
        SET analysis_status = 'completed', feedback_md = p_feedback_md, analysis_json = p_analysis, error_code = NULL,
            vision_last_error = NULL, feedback_last_error = NULL, feedback_last_attempt_at = now(), completed_at = now()
        WHERE id = p_submission;
    UPDATE learning_work SET reason = NULL, ended_at = now() WHERE submission_id = p_submission;
    RETURN true;
END
$$;

REVOKE ALL ON FUNCTION public.learning_store_feedback FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.learning_store_feedback TO learning_worker;
