-- What the worker may do to a submission. Each function acts for the pupil in app.current_sub, takes the claim that
-- its unit was given, and says whether it took effect: a late loser changes nothing and learns so.
--
-- One lock order everywhere: the submission's row in learning_work first, then its units.

-- Claims a unit for one run. Returns one row:
--   claimed   claim and attempt are set; the unit is running
--   over      done, running under another message, not due, withdrawn, or the submission has ended: nothing to do
--   unknown   no such submission of this pupil
--   worn_out  its attempts are used up by runs that never ended; the submission has failed
--   routed    there is no text to write feedback on; Vision was rung for instead
-- p_cached_text_md is the text that a caller sent with a Feedback message; it fills a gap and replaces nothing.
CREATE FUNCTION public.learning_claim(
    p_submission uuid, p_step text, p_page integer, p_message uuid, p_worker text, p_max_attempts integer,
    p_cached_text_md text DEFAULT NULL
) RETURNS TABLE (outcome text, claim bigint, attempt integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    submission learning_submissions;
    unit learning_units;
BEGIN
    PERFORM FROM learning_work
        WHERE submission_id = p_submission AND student_sub = learning_current_sub() FOR UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'unknown', NULL::bigint, NULL::integer;
        RETURN;
    END IF;
    SELECT * INTO STRICT submission FROM learning_submissions WHERE id = p_submission;
    IF p_step = 'feedback' AND submission.analysis_status IN ('pending', 'extracted') THEN
        submission := learning_fill_text(submission, p_cached_text_md);
        PERFORM learning_route(p_submission);
        IF (SELECT text_body FROM learning_submissions WHERE id = p_submission) IS NULL THEN
            RETURN QUERY SELECT 'routed', NULL::bigint, NULL::integer;
            RETURN;
        END IF;
    ELSIF p_step = 'open' AND submission.text_body IS NULL AND submission.analysis_status IN ('pending', 'extracted') THEN
        PERFORM learning_route(p_submission);
    END IF;

    SELECT * INTO unit FROM learning_units u
        WHERE u.submission_id = p_submission AND u.step = p_step AND u.page = p_page FOR UPDATE;
    IF NOT FOUND
        OR submission.analysis_status IN ('completed', 'failed')
        OR (p_step <> 'feedback' AND submission.text_body IS NOT NULL)
        OR NOT (
            (unit.state = 'waiting' AND unit.due_at <= clock_timestamp())
            OR (unit.state = 'running' AND unit.message_id = p_message)
        )
    THEN
        RETURN QUERY SELECT 'over', NULL::bigint, NULL::integer;
        RETURN;
    END IF;

    -- The same message again: the run that it rang for is dead, and cannot say so itself.
    UPDATE learning_attempts a SET ended_at = clock_timestamp(), verdict = 'lost', reason = 'worker_died'
        WHERE a.submission_id = p_submission AND a.step = p_step AND a.page = p_page AND a.ended_at IS NULL;
    IF unit.spent >= p_max_attempts THEN
        PERFORM learning_fail(p_submission, p_step, p_page, NULL, 'worker_died',
            'the worker ended without a word each time it tried');
        RETURN QUERY SELECT 'worn_out', NULL::bigint, NULL::integer;
        RETURN;
    END IF;
    UPDATE learning_units u
        SET state = 'running', claim = u.claim + 1, spent = u.spent + 1, message_id = p_message,
            claimed_at = clock_timestamp()
        WHERE u.submission_id = p_submission AND u.step = p_step AND u.page = p_page
        RETURNING * INTO unit;
    INSERT INTO learning_attempts (submission_id, step, page, claim, student_sub, worker, waited_ms)
        VALUES (p_submission, p_step, p_page, unit.claim, unit.student_sub, p_worker,
            greatest(0, extract(epoch FROM clock_timestamp() - unit.due_at) * 1000));
    RETURN QUERY SELECT 'claimed', unit.claim, unit.spent;
END
$$;

-- Text that came with the message takes the place of text that is missing, and ends the reading of pages.
CREATE FUNCTION public.learning_fill_text(p_row learning_submissions, p_text_md text) RETURNS learning_submissions
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF p_row.text_body IS NOT NULL OR p_text_md IS NULL THEN
        RETURN p_row;
    END IF;
    UPDATE learning_submissions SET text_body = p_text_md, analysis_status = 'extracted', error_code = NULL
        WHERE id = p_row.id RETURNING * INTO p_row;
    UPDATE learning_units SET state = 'cancelled', ended_at = now()
        WHERE submission_id = p_row.id AND step <> 'feedback' AND state = 'waiting';
    RETURN p_row;
END
$$;

-- Ends a unit whose result is stored in the same transaction. False: the claim is no longer the unit's.
CREATE FUNCTION public.learning_close(
    p_submission uuid, p_step text, p_page integer, p_claim bigint, p_cost jsonb
) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM learning_work
        WHERE submission_id = p_submission AND student_sub = learning_current_sub() FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE learning_units u SET state = 'done', ended_at = now()
        WHERE u.submission_id = p_submission AND u.step = p_step AND u.page = p_page
          AND u.state = 'running' AND u.claim = p_claim;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE learning_attempts a SET ended_at = clock_timestamp(), verdict = 'done', cost = p_cost
        WHERE a.submission_id = p_submission AND a.step = p_step AND a.page = p_page AND a.claim = p_claim;
    RETURN true;
END
$$;

-- Stores what opening found: p_pages is [[file position, index in the file], …] in reading order.
CREATE FUNCTION public.learning_store_opened(p_submission uuid, p_claim bigint, p_pages jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT learning_close(p_submission, 'open', 0, p_claim, '{}') THEN
        RETURN false;
    END IF;
    INSERT INTO learning_pages (submission_id, page, student_sub, file_position, page_index)
        SELECT p_submission, number, learning_current_sub(), (place ->> 0)::integer, (place ->> 1)::integer
        FROM jsonb_array_elements(p_pages) WITH ORDINALITY AS places (place, number);
    UPDATE learning_work SET page_count = jsonb_array_length(p_pages) WHERE submission_id = p_submission;
    PERFORM learning_route(p_submission);
    RETURN true;
END
$$;

-- Stores the text of a page. Whoever stores the last one joins the text and rings for Feedback, in this transaction.
CREATE FUNCTION public.learning_store_page(
    p_submission uuid, p_page integer, p_claim bigint, p_text_md text, p_model text, p_prompt_version text, p_cost jsonb
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT learning_close(p_submission, 'read', p_page, p_claim, p_cost) THEN
        RETURN false;
    END IF;
    UPDATE learning_pages
        SET text_md = p_text_md, model = p_model, prompt_version = p_prompt_version, stored_at = now()
        WHERE submission_id = p_submission AND page = p_page;
    IF NOT EXISTS (SELECT FROM learning_pages WHERE submission_id = p_submission AND text_md IS NULL) THEN
        PERFORM learning_route(p_submission);
    END IF;
    RETURN true;
END
$$;

-- Stores feedback and analysis (criteria.v2) and completes the submission.
CREATE FUNCTION public.learning_store_feedback(
    p_submission uuid, p_claim bigint, p_feedback_md text, p_analysis jsonb, p_model text, p_prompt_version text,
    p_parse_status text, p_cost jsonb
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT learning_close(p_submission, 'feedback', 0, p_claim, p_cost) THEN
        RETURN false;
    END IF;
    INSERT INTO learning_results (submission_id, student_sub, model, prompt_version, parse_status)
        VALUES (p_submission, learning_current_sub(), p_model, p_prompt_version, p_parse_status)
        ON CONFLICT (submission_id) DO UPDATE
            SET model = excluded.model, prompt_version = excluded.prompt_version,
                parse_status = excluded.parse_status, stored_at = now();
    UPDATE learning_submissions
        SET analysis_status = 'completed', feedback_md = p_feedback_md, analysis_json = p_analysis, error_code = NULL,
            vision_last_error = NULL, feedback_last_error = NULL, feedback_last_attempt_at = now(), completed_at = now()
        WHERE id = p_submission AND analysis_status IN ('pending', 'extracted');
    UPDATE learning_work SET reason = NULL WHERE submission_id = p_submission;
    RETURN FOUND;
END
$$;

-- Fails a submission for good, because of one unit; the others that wait are called off.
CREATE FUNCTION public.learning_fail(
    p_submission uuid, p_step text, p_page integer, p_error_code text, p_reason text, p_message text
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    stage text := CASE p_step WHEN 'feedback' THEN 'feedback' ELSE 'vision' END;
BEGIN
    UPDATE learning_units SET state = 'failed', ended_at = now()
        WHERE submission_id = p_submission AND step = p_step AND page = p_page;
    UPDATE learning_units SET state = 'cancelled', ended_at = now()
        WHERE submission_id = p_submission AND state = 'waiting';
    UPDATE learning_submissions
        SET analysis_status = 'failed', analysis_json = NULL, error_code = coalesce(p_error_code, stage || '_failed')
        WHERE id = p_submission AND analysis_status IN ('pending', 'extracted');
    PERFORM learning_note_error(p_submission, stage, p_message);
    UPDATE learning_work SET reason = p_reason WHERE submission_id = p_submission;
END
$$;

-- What the platform's table tells about the last failed attempt of a stage.
CREATE FUNCTION public.learning_note_error(p_submission uuid, p_stage text, p_message text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE learning_submissions
        SET vision_last_error = CASE p_stage WHEN 'vision' THEN left(p_message, 1024) ELSE vision_last_error END,
            vision_last_attempt_at = CASE p_stage WHEN 'vision' THEN now() ELSE vision_last_attempt_at END,
            feedback_last_error = CASE p_stage WHEN 'feedback' THEN left(p_message, 1024) ELSE feedback_last_error END,
            feedback_last_attempt_at = CASE p_stage WHEN 'feedback' THEN now() ELSE feedback_last_attempt_at END
        WHERE id = p_submission
$$;

-- Ends an attempt that has no result. Returns what became of the unit:
--   waiting     it goes on after p_delay, its message queued in this transaction
--   failed      final: discarded, attempts used up, or older than p_max_age at a snooze
--   cancelled   withdrawn
--   superseded  the claim is no longer the unit's: nothing was changed
CREATE FUNCTION public.learning_end_attempt(
    p_submission uuid, p_step text, p_page integer, p_claim bigint, p_verdict text, p_reason text, p_message text,
    p_error_code text, p_delay interval, p_max_attempts integer, p_max_age interval
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    stage text := CASE p_step WHEN 'feedback' THEN 'feedback' ELSE 'vision' END;
    work learning_work;
    unit learning_units;
BEGIN
    SELECT * INTO work FROM learning_work
        WHERE submission_id = p_submission AND student_sub = learning_current_sub() FOR UPDATE;
    SELECT * INTO unit FROM learning_units u
        WHERE u.submission_id = work.submission_id AND u.step = p_step AND u.page = p_page
          AND u.state = 'running' AND u.claim = p_claim;
    IF NOT FOUND THEN
        RETURN 'superseded';
    END IF;
    UPDATE learning_attempts a
        SET ended_at = clock_timestamp(), verdict = p_verdict, reason = p_reason, message = left(p_message, 1024)
        WHERE a.submission_id = p_submission AND a.step = p_step AND a.page = p_page AND a.claim = p_claim;

    IF p_verdict = 'discard'
        OR (p_verdict = 'retry' AND unit.spent >= p_max_attempts)
        OR (p_verdict = 'snooze' AND p_delay > interval '0' AND work.accepted_at + p_max_age < now())
    THEN
        PERFORM learning_fail(p_submission, p_step, p_page, p_error_code, p_reason, p_message);
        RETURN 'failed';
    ELSIF p_verdict = 'cancel' THEN
        UPDATE learning_units u SET state = 'cancelled', ended_at = now()
            WHERE u.submission_id = p_submission AND u.step = p_step AND u.page = p_page;
        RETURN 'cancelled';
    END IF;

    UPDATE learning_units u
        SET state = 'waiting', due_at = now() + p_delay,
            spent = CASE p_verdict WHEN 'snooze' THEN u.spent - 1 ELSE u.spent END
        WHERE u.submission_id = p_submission AND u.step = p_step AND u.page = p_page;
    IF p_verdict = 'retry' THEN
        UPDATE learning_submissions
            SET error_code = stage || '_retrying',
                vision_attempts = vision_attempts + CASE stage WHEN 'vision' THEN 1 ELSE 0 END
            WHERE id = p_submission AND analysis_status IN ('pending', 'extracted');
    END IF;
    IF p_delay > interval '0' THEN
        PERFORM learning_note_error(p_submission, stage, p_message);
    END IF;
    PERFORM learning_ring(p_submission, p_step, p_page, p_delay);
    RETURN 'waiting';
END
$$;

-- Nobody may do anything but what is granted by name.
DO $$
DECLARE
    function_name regprocedure;
BEGIN
    FOR function_name IN
        SELECT oid::regprocedure FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'learning\_%'
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', function_name);
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION public.learning_submit TO learning_platform;
GRANT EXECUTE ON FUNCTION public.learning_overview TO learning_admin;
GRANT EXECUTE ON FUNCTION public.learning_gauges TO learning_admin, learning_worker;
GRANT EXECUTE ON FUNCTION public.learning_claim, public.learning_store_opened, public.learning_store_page,
    public.learning_store_feedback, public.learning_end_attempt TO learning_worker;
