-- What the worker may do to a submission. Each function acts for the pupil in app.current_sub, takes the claim that
-- its unit was given, and says whether it took effect: a late loser changes nothing and learns so.
--
-- One lock order everywhere: the submission's row in learning_work first, then its units.

-- Whether a submission wants a step: nothing once it has ended, no feedback without text, no reading beside text.
CREATE FUNCTION public.learning_wants(p_row learning_submissions, p_step text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p_row.analysis_status IN ('pending', 'extracted') AND (p_row.text_body IS NOT NULL) = (p_step = 'feedback')
$$;

-- Calls off the units that wait and are not wanted any more. Those that run come to their own end.
CREATE FUNCTION public.learning_call_off(p_submission uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE learning_units u SET state = 'cancelled', ended_at = now()
        FROM learning_submissions s
        WHERE s.id = p_submission AND u.submission_id = s.id AND u.state = 'waiting' AND NOT learning_wants(s, u.step)
$$;

-- Claims a unit for one run. p_alone: nothing else runs in the worker's process, and nothing will until this run ends.
-- Returns one row:
--   claimed   the unit is running; claim and attempt are its own
--   suspect   it was in flight when a process died: ask again when it can run alone
--   over      done, running under another message, not due, withdrawn, or the submission has ended: nothing to do
--   unknown   no such submission of this pupil
--   worn_out  the submission has failed, for the reason that is set: its process died p_max_crashes times while it ran
--             alone, or its attempts are used up by runs that never said how they ended; claim is that of the last run
--   routed    there is no text to write feedback on; Vision was rung for instead
-- p_cached_text_md is the text that a caller sent with a Feedback message; it fills a gap and replaces nothing.
CREATE FUNCTION public.learning_claim(
    p_submission uuid, p_step text, p_page integer, p_message uuid, p_worker text, p_alone boolean,
    p_max_attempts integer, p_max_crashes integer, p_cached_text_md text DEFAULT NULL
) RETURNS TABLE (outcome text, claim bigint, attempt integer, reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    submission learning_submissions;
    unit learning_units;
BEGIN
    PERFORM FROM learning_work
        WHERE submission_id = p_submission AND student_sub = learning_current_sub() FOR UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'unknown', NULL::bigint, NULL::integer, NULL::text;
        RETURN;
    END IF;
    submission := learning_rung(p_submission, p_step, p_cached_text_md);
    SELECT * INTO unit FROM learning_units u
        WHERE u.submission_id = p_submission AND u.step = p_step AND u.page = p_page FOR UPDATE;
    IF unit.state = 'running' AND unit.message_id = p_message THEN
        unit := learning_free(unit, learning_delivery_ended(p_message, (
            SELECT a.delivery FROM learning_attempts a
            WHERE a.submission_id = p_submission AND a.step = p_step AND a.page = p_page AND a.claim = unit.claim
        )));
    END IF;

    IF NOT learning_wants(submission, p_step) THEN
        PERFORM learning_call_off(p_submission);
        outcome := CASE WHEN submission.analysis_status IN ('pending', 'extracted') AND p_step = 'feedback'
            THEN 'routed' ELSE 'over' END;
    ELSIF unit.state IS DISTINCT FROM 'waiting' OR unit.due_at > clock_timestamp() THEN
        outcome := 'over';
    ELSIF unit.crashes >= p_max_crashes THEN
        outcome := 'worn_out';
        reason := 'crashed_repeatedly';
        PERFORM learning_fail(p_submission, p_step, p_page, NULL, reason,
            'the worker''s process died each time it worked on this alone');
    ELSIF unit.spent >= p_max_attempts THEN
        outcome := 'worn_out';
        reason := 'attempts_used_up';
        PERFORM learning_fail(p_submission, p_step, p_page, NULL, reason, 'no attempt is left');
    ELSIF unit.suspect AND NOT p_alone THEN
        outcome := 'suspect';
    ELSE
        unit := learning_take(unit, p_message, p_worker, p_alone);
        outcome := 'claimed';
    END IF;
    IF outcome IN ('claimed', 'worn_out') THEN
        claim := unit.claim;
        attempt := unit.spent;
    END IF;
    RETURN NEXT;
END
$$;

-- The submission as a message finds it: text that came along fills a gap, and the routing rule makes the units that are
-- missing, since anybody may ring. Called with the work row locked.
CREATE FUNCTION public.learning_rung(p_submission uuid, p_step text, p_cached_text_md text) RETURNS learning_submissions
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    submission learning_submissions;
BEGIN
    SELECT * INTO STRICT submission FROM learning_submissions WHERE id = p_submission;
    IF submission.analysis_status IN ('completed', 'failed') THEN
        RETURN submission;
    ELSIF p_step = 'feedback' THEN
        submission := learning_fill_text(submission, p_cached_text_md);
        PERFORM learning_route(p_submission);
    ELSIF p_step = 'open' AND submission.text_body IS NULL THEN
        PERFORM learning_route(p_submission);
    END IF;
    SELECT * INTO STRICT submission FROM learning_submissions WHERE id = p_submission;
    RETURN submission;
END
$$;

-- How a delivery of a message ended that now comes again; p_delivery: that of the run which never said so itself.
--   worker_died  the queue gave it back because its owner had died
--   interrupted  it was put back for another reason: a stop, a database that was away
--   vanished     it has been handed out since without being claimed here, so nobody can tell any more
CREATE FUNCTION public.learning_delivery_ended(p_message uuid, p_delivery integer) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(
        (
            SELECT CASE
                WHEN q.delivery > p_delivery + 1 THEN 'vanished'
                WHEN q.reason = 'owner_died' THEN 'worker_died'
            END
            FROM dramatiq.queue AS q WHERE q.message_id = p_message
        ),
        'interrupted'
    )
$$;

-- Ends a run that has gone without a word; the unit waits again. After 'worker_died' and 'vanished' it is suspect; only
-- a death while it ran alone is held against it. All three give the attempt back: deaths have a limit of their own.
-- 'message_gone' (learning_free_abandoned) keeps it spent, so that it cannot go on for ever.
CREATE FUNCTION public.learning_free(p_unit learning_units, p_reason text) RETURNS learning_units
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was_alone boolean;
BEGIN
    UPDATE learning_attempts a SET ended_at = clock_timestamp(), verdict = 'lost', reason = p_reason
        WHERE a.submission_id = p_unit.submission_id AND a.step = p_unit.step AND a.page = p_unit.page
          AND a.claim = p_unit.claim
        RETURNING a.alone INTO was_alone;
    UPDATE learning_units u
        SET state = 'waiting', due_at = now(),
            spent = u.spent - CASE p_reason WHEN 'message_gone' THEN 0 ELSE 1 END,
            suspect = u.suspect OR p_reason IN ('worker_died', 'vanished'),
            crashes = u.crashes + CASE WHEN p_reason = 'worker_died' AND was_alone THEN 1 ELSE 0 END
        WHERE u.submission_id = p_unit.submission_id AND u.step = p_unit.step AND u.page = p_unit.page
        RETURNING * INTO p_unit;
    RETURN p_unit;
END
$$;

-- Starts a run: the claim grows, the attempt counts.
CREATE FUNCTION public.learning_take(p_unit learning_units, p_message uuid, p_worker text, p_alone boolean)
RETURNS learning_units
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE learning_units u
        SET state = 'running', claim = u.claim + 1, spent = u.spent + 1, message_id = p_message,
            claimed_at = clock_timestamp()
        WHERE u.submission_id = p_unit.submission_id AND u.step = p_unit.step AND u.page = p_unit.page
        RETURNING * INTO p_unit;
    INSERT INTO learning_attempts (submission_id, step, page, claim, student_sub, worker, alone, delivery, waited_ms)
        VALUES (p_unit.submission_id, p_unit.step, p_unit.page, p_unit.claim, p_unit.student_sub, p_worker, p_alone,
            (SELECT q.delivery FROM dramatiq.queue q WHERE q.message_id = p_message),
            greatest(0, extract(epoch FROM clock_timestamp() - p_unit.due_at) * 1000));
    RETURN p_unit;
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
    PERFORM learning_call_off(p_row.id);
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

-- Whether a run has stored its result: asked when it offers it again, because the first reply was lost.
CREATE FUNCTION public.learning_is_stored(p_submission uuid, p_step text, p_page integer, p_claim bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM learning_attempts
        WHERE submission_id = p_submission AND step = p_step AND page = p_page AND claim = p_claim
          AND student_sub = learning_current_sub() AND verdict = 'done'
    )
$$;

-- Stores what opening found: p_pages is [[file position, index in the file], …] in reading order.
CREATE FUNCTION public.learning_store_opened(p_submission uuid, p_claim bigint, p_pages jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT learning_close(p_submission, 'open', 0, p_claim, '{}') THEN
        RETURN learning_is_stored(p_submission, 'open', 0, p_claim);
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
-- Model and prompt version are those of a page that was read by a model, else NULL.
CREATE FUNCTION public.learning_store_page(
    p_submission uuid, p_page integer, p_claim bigint, p_text_md text, p_model text, p_prompt_version text, p_cost jsonb,
    p_source text DEFAULT 'model', p_problem text DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT learning_close(p_submission, 'read', p_page, p_claim, p_cost) THEN
        RETURN learning_is_stored(p_submission, 'read', p_page, p_claim);
    END IF;
    UPDATE learning_pages
        SET text_md = p_text_md, model = p_model, prompt_version = p_prompt_version, source = p_source,
            problem = p_problem, stored_at = now()
        WHERE submission_id = p_submission AND page = p_page;
    PERFORM learning_go_on(p_submission);
    RETURN true;
END
$$;

-- Goes on with a submission of which a page has ended, if it was the last one.
CREATE FUNCTION public.learning_go_on(p_submission uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM learning_pages WHERE submission_id = p_submission AND text_md IS NULL AND problem IS NULL
    ) THEN
        PERFORM learning_route(p_submission);
    END IF;
END
$$;

-- Gives up a page that nobody can read: the others go on. False where there is none of which anything was or may be
-- read, so that the submission has nothing to go on with.
CREATE FUNCTION public.learning_give_up_page(p_unit learning_units, p_reason text, p_message text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF p_unit.step <> 'read' OR NOT EXISTS (
        SELECT FROM learning_pages
        WHERE submission_id = p_unit.submission_id AND page <> p_unit.page AND (text_md IS NOT NULL OR problem IS NULL)
    ) THEN
        RETURN false;
    END IF;
    UPDATE learning_pages SET problem = p_reason WHERE submission_id = p_unit.submission_id AND page = p_unit.page;
    UPDATE learning_units u SET state = 'failed', ended_at = now()
        WHERE u.submission_id = p_unit.submission_id AND u.step = p_unit.step AND u.page = p_unit.page;
    PERFORM learning_note_error(p_unit.submission_id, 'vision', p_message);
    PERFORM learning_go_on(p_unit.submission_id);
    RETURN true;
END
$$;

-- Stores feedback, analysis (criteria.v2) and what the judgement rests on, and completes the submission.
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
    UPDATE learning_submissions
        SET analysis_status = 'failed', analysis_json = NULL, error_code = coalesce(p_error_code, stage || '_failed')
        WHERE id = p_submission;
    PERFORM learning_call_off(p_submission);
    PERFORM learning_note_error(p_submission, stage, p_message);
    UPDATE learning_work SET reason = p_reason, ended_at = now() WHERE submission_id = p_submission;
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

-- Ends an attempt that has no result. p_of_page: it may be the doing of the page that was read, and of no other.
-- Returns what became of the unit:
--   waiting     it goes on after p_delay, its message queued in this transaction
--   failed      final, and with it the submission: discarded, attempts used up, or put off by snoozes alone for longer
--               than p_max_wait
--   given_up    final as well, and the submission goes on with its other pages
--   cancelled   not wanted any more: withdrawn, or the submission has ended, or has its text from elsewhere
--   superseded  the claim is no longer the unit's: nothing was changed
CREATE FUNCTION public.learning_end_attempt(
    p_submission uuid, p_step text, p_page integer, p_claim bigint, p_verdict text, p_reason text, p_message text,
    p_error_code text, p_of_page boolean, p_delay interval, p_max_attempts integer, p_max_wait interval
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    submission learning_submissions;
    work learning_work;
    unit learning_units;
    said text;
BEGIN
    SELECT * INTO work FROM learning_work
        WHERE submission_id = p_submission AND student_sub = learning_current_sub() FOR UPDATE;
    SELECT * INTO submission FROM learning_submissions WHERE id = work.submission_id;
    SELECT * INTO unit FROM learning_units u
        WHERE u.submission_id = work.submission_id AND u.step = p_step AND u.page = p_page AND u.claim = p_claim;
    SELECT a.verdict INTO said FROM learning_attempts a
        WHERE a.submission_id = work.submission_id AND a.step = p_step AND a.page = p_page AND a.claim = p_claim;
    IF unit.state IS DISTINCT FROM 'running' THEN
        -- Said before, and the reply was lost; or withdrawn, which said it for this run. Else somebody else has the unit.
        RETURN CASE WHEN said IS DISTINCT FROM p_verdict OR unit.state IS NULL THEN 'superseded'
            WHEN said = 'cancel' THEN 'cancelled'
            WHEN unit.state = 'failed' AND submission.analysis_status <> 'failed' THEN 'given_up'
            ELSE unit.state END;
    END IF;
    UPDATE learning_attempts a
        SET ended_at = clock_timestamp(), verdict = p_verdict, reason = p_reason, message = left(p_message, 1024)
        WHERE a.submission_id = p_submission AND a.step = p_step AND a.page = p_page AND a.claim = p_claim;

    IF NOT learning_wants(submission, p_step) THEN
        UPDATE learning_units u SET state = 'cancelled', ended_at = now()
            WHERE u.submission_id = p_submission AND u.step = p_step AND u.page = p_page;
        RETURN 'cancelled';
    ELSIF p_verdict = 'discard'
        OR (p_verdict = 'retry' AND unit.spent >= p_max_attempts)
        OR (p_verdict = 'snooze' AND p_delay > interval '0' AND unit.put_off_since + p_max_wait < now())
    THEN
        IF p_of_page AND learning_give_up_page(unit, p_reason, p_message) THEN
            RETURN 'given_up';
        END IF;
        PERFORM learning_fail(p_submission, p_step, p_page, p_error_code, p_reason, p_message);
        RETURN 'failed';
    END IF;
    PERFORM learning_put_off(unit, p_verdict, p_message, p_delay);
    RETURN 'waiting';
END
$$;

-- Lets a unit wait and rings for it. A snooze gives its attempt back; a retry shows in the platform's table, and clears a
-- suspect that ran alone, unless a death is held against it.
CREATE FUNCTION public.learning_put_off(p_unit learning_units, p_verdict text, p_message text, p_delay interval)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    stage text := CASE p_unit.step WHEN 'feedback' THEN 'feedback' ELSE 'vision' END;
BEGIN
    UPDATE learning_units u
        SET state = 'waiting', due_at = now() + p_delay,
            spent = u.spent - CASE p_verdict WHEN 'snooze' THEN 1 ELSE 0 END,
            put_off_since = CASE
                WHEN p_verdict <> 'snooze' THEN NULL
                WHEN p_delay > interval '0' THEN coalesce(u.put_off_since, now())
                ELSE u.put_off_since
            END,
            suspect = u.suspect AND (p_verdict = 'snooze' OR u.crashes > 0)
        WHERE u.submission_id = p_unit.submission_id AND u.step = p_unit.step AND u.page = p_unit.page;
    IF p_verdict = 'retry' THEN
        UPDATE learning_submissions
            SET error_code = stage || '_retrying',
                vision_attempts = vision_attempts + CASE stage WHEN 'vision' THEN 1 ELSE 0 END
            WHERE id = p_unit.submission_id;
    END IF;
    IF p_delay > interval '0' THEN
        PERFORM learning_note_error(p_unit.submission_id, stage, p_message);
    END IF;
    PERFORM learning_ring(p_unit.submission_id, p_unit.step, p_unit.page, p_delay);
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
GRANT EXECUTE ON FUNCTION public.learning_claim, public.learning_store_opened, public.learning_store_page,
    public.learning_store_feedback, public.learning_end_attempt TO learning_worker;
