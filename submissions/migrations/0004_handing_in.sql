-- Handing in, and the one routing rule. All ways to hand in end in learning_submit: SQL, Python, the command line.

-- The pupil that this transaction speaks for; every function below acts for that pupil alone.
CREATE FUNCTION public.learning_current_sub() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT current_setting('app.current_sub', true)
$$;

-- Whether a text is missing or holds nothing but white space.
CREATE FUNCTION public.learning_is_blank(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(p_text, '') !~ '\S'
$$;

-- The criteria as they are stored: objects with criterion and max_score. Refuses what a teacher has to mend.
CREATE FUNCTION public.learning_checked_criteria(p_criteria jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item jsonb;
    name text;
    best numeric;
    checked jsonb := '[]';
BEGIN
    IF jsonb_typeof(p_criteria) <> 'array' OR jsonb_array_length(p_criteria) > 10 THEN
        RAISE EXCEPTION 'a task has a list of at most 10 criteria' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR item IN SELECT * FROM jsonb_array_elements(p_criteria) LOOP
        name := CASE jsonb_typeof(item) WHEN 'string' THEN item #>> '{}' WHEN 'object' THEN item ->> 'criterion' END;
        best := CASE jsonb_typeof(item -> 'max_score') WHEN 'number' THEN (item ->> 'max_score')::numeric ELSE 10 END;
        IF public.learning_is_blank(name) OR best NOT BETWEEN 1 AND 10 OR best <> trunc(best)
            OR coalesce(jsonb_typeof(item -> 'max_score'), 'null') NOT IN ('number', 'null')
        THEN
            RAISE EXCEPTION 'each criterion has a text, and if any a max_score that is a whole number from 1 to 10'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        checked := checked || jsonb_build_array(jsonb_build_object('criterion', btrim(name, E' \t\r\n'), 'max_score', best::integer));
    END LOOP;
    RETURN checked;
END
$$;

-- A media type as it is stored: some senders have another name for it.
CREATE FUNCTION public.learning_media_type(p_type text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE lower(p_type) WHEN 'image/jpg' THEN 'image/jpeg' WHEN 'image/heif' THEN 'image/heic' ELSE lower(p_type) END
$$;

-- Files as a submitter describes them. Refused here in words, because a constraint's error would quote the row.
CREATE FUNCTION public.learning_check_files(p_files jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    file jsonb;
BEGIN
    FOR file IN SELECT * FROM jsonb_array_elements(p_files) LOOP
        IF coalesce(file ->> 'storage_key', '') = '' OR file ->> 'storage_key' ~ '(^/|\.\.)'
            OR coalesce(file ->> 'sha256', '') !~ '^[0-9a-f]{64}$'
            OR coalesce(file ->> 'size_bytes', '') !~ '^[0-9]{1,8}$'
            OR (file ->> 'size_bytes')::integer NOT BETWEEN 1 AND 10485760
            OR coalesce(public.learning_media_type(file ->> 'mime_type'), '') NOT IN
                ('image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/tiff', 'application/pdf')
        THEN
            RAISE EXCEPTION 'each file has a storage_key that neither begins with / nor holds .., a sha256 in lower-case hex, '
                'size_bytes from 1 to 10485760, and a mime_type of image/jpeg, image/png, image/webp, image/heic, '
                'image/tiff or application/pdf'
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END LOOP;
END
$$;

-- Rings for one unit of work. The message is a doorbell: ids only. The unit keeps the message's id, so that a lost one is
-- found (learning_ring_again).
-- Page n of a document goes behind all first pages, all second pages …: what is handed in behind a hundred pages waits for
-- those that are being read at this moment, and two long documents take turns. A submission's own priority weighs more
-- than any number of pages.
CREATE FUNCTION public.learning_ring(
    p_submission uuid, p_step text, p_page integer, p_delay interval DEFAULT interval '0'
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    pages_per_priority CONSTANT integer := 1000;
    work learning_work;
    stage text := CASE p_step WHEN 'feedback' THEN 'feedback' ELSE 'vision' END;
    arguments jsonb;
    place integer := least(greatest(p_page - 1, 0), pages_per_priority - 1);
BEGIN
    SELECT * INTO STRICT work FROM learning_work WHERE submission_id = p_submission;
    arguments := jsonb_build_object('submission_id', work.submission_id, 'student_sub', work.student_sub);
    IF p_step = 'read' THEN
        arguments := arguments || jsonb_build_object('page', p_page);
    END IF;
    UPDATE learning_units
        SET message_id = dramatiq.enqueue(
            stage, stage, arguments, p_delay,
            least(greatest(work.priority, -1000), 1000) * pages_per_priority + place
        )
        WHERE submission_id = p_submission AND step = p_step AND page = p_page;
END
$$;

-- Makes a unit that waits, and rings for it. One that waits or runs already is left as it is; one that ended, though
-- its result is wanted again, starts anew; it stays suspect.
CREATE FUNCTION public.learning_want(p_submission uuid, p_step text, p_page integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO learning_units (submission_id, step, page, student_sub)
        SELECT submission_id, p_step, p_page, student_sub FROM learning_work WHERE submission_id = p_submission
        ON CONFLICT (submission_id, step, page) DO UPDATE
            SET state = 'waiting', spent = 0, crashes = 0, put_off_since = NULL, due_at = now(), ended_at = NULL
            WHERE learning_units.state IN ('done', 'failed', 'cancelled');
    IF FOUND THEN
        PERFORM learning_ring(p_submission, p_step, p_page);
    END IF;
END
$$;

-- How a text says at its place that nothing of a page could be read, as submissions/vision/marks.py has it.
CREATE FUNCTION public.learning_illegible(p_language text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE p_language WHEN 'en' THEN '[illegible]' ELSE '[unleserlich]' END
$$;

-- The text of a submission whose pages are all read or given up: blank ones leave no gap.
CREATE FUNCTION public.learning_joined_text(p_submission uuid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(string_agg(coalesce(p.text_md, learning_illegible(t.language)), E'\n\n' ORDER BY p.page)
        FILTER (WHERE p.text_md IS DISTINCT FROM ''), '')
    FROM learning_pages p JOIN learning_task_contexts t USING (submission_id) WHERE p.submission_id = p_submission
$$;

-- What internal_metadata says of the pages that were not, or not all, read, and of those that may be a model's own words:
-- {"unreadable_pages": {"3": "answer_refused"}, "doubtful_pages": {"4": "answer_off_task"}}, each only if there are some.
CREATE FUNCTION public.learning_page_problems(p_submission uuid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'unreadable_pages', jsonb_object_agg(page, problem) FILTER (WHERE source IS DISTINCT FROM 'doubtful'),
        'doubtful_pages', jsonb_object_agg(page, problem) FILTER (WHERE source = 'doubtful')
    ))
    FROM learning_pages WHERE submission_id = p_submission AND problem IS NOT NULL
$$;

-- The one routing rule: text exists → Feedback; else → Vision (what is unread, or opening the documents first).
-- A submission whose pages are all read or given up has its text joined here, whoever notices it.
CREATE FUNCTION public.learning_route(p_submission uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    submission learning_submissions;
    unread integer[];
    pages integer;
BEGIN
    -- Two threads that store the last two pages at once meet here: the second sees what the first has stored.
    PERFORM FROM learning_work WHERE submission_id = p_submission FOR UPDATE;
    SELECT * INTO STRICT submission FROM learning_submissions WHERE id = p_submission;
    IF submission.analysis_status IN ('completed', 'failed') THEN
        RETURN;
    END IF;
    SELECT count(*), array_agg(page ORDER BY page) FILTER (WHERE text_md IS NULL AND problem IS NULL)
        INTO pages, unread FROM learning_pages WHERE submission_id = p_submission;
    IF submission.text_body IS NULL AND pages > 0 AND unread IS NULL THEN
        UPDATE learning_submissions
            SET text_body = learning_joined_text(p_submission), analysis_status = 'extracted', error_code = NULL,
                internal_metadata = internal_metadata - '{unreadable_pages,doubtful_pages}'::text[]
                    || learning_page_problems(p_submission),
                vision_attempts = vision_attempts + 1, vision_last_attempt_at = now()
            WHERE id = p_submission
            RETURNING * INTO submission;
    END IF;

    IF submission.text_body IS NOT NULL THEN
        PERFORM learning_want(p_submission, 'feedback', 0);
    ELSIF pages > 0 THEN
        PERFORM learning_want(p_submission, 'read', page) FROM unnest(unread) AS page;
    ELSE
        PERFORM learning_want(p_submission, 'open', 0);
    END IF;
END
$$;

-- Hands a submission in, within the caller's transaction; returns its id.
--   p_task   {"instruction": text, "criteria": [text or {"criterion", "max_score"}], "hints": text, "language": "de"}
--   p_text   the pupil's typed text, or
--   p_files  [{"storage_key", "mime_type", "size_bytes", "sha256"}] in reading order
--   p_cached_text_md  text that was read from the files before; Vision is then skipped
-- The same idempotency key of the same pupil, course and task gives the same submission, and no second message.
-- Course and task may be left out: they are then derived, the task from its own content.
CREATE FUNCTION public.learning_submit(
    p_student_sub text,
    p_task jsonb,
    p_text text DEFAULT NULL,
    p_files jsonb DEFAULT NULL,
    p_idempotency_key text DEFAULT NULL,
    p_course_id uuid DEFAULT NULL,
    p_task_id uuid DEFAULT NULL,
    p_priority integer DEFAULT 0,
    p_cached_text_md text DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    criteria jsonb := learning_checked_criteria(coalesce(p_task -> 'criteria', '[]'));
    course uuid := coalesce(p_course_id, md5('learning-worker: no course')::uuid);
    task uuid := coalesce(p_task_id, md5(p_task::text)::uuid);
    typed text := CASE WHEN NOT learning_is_blank(p_text) THEN btrim(p_text, E' \t\r\n') END;
    first_file jsonb := p_files -> 0;
    media_type text := learning_media_type(first_file ->> 'mime_type');
    existing uuid;
    submission uuid;
BEGIN
    -- A constraint would refuse some of this, too, but its error quotes the row.
    IF coalesce(p_student_sub, '') = '' OR p_student_sub <> coalesce(nullif(learning_current_sub(), ''), p_student_sub) THEN
        RAISE EXCEPTION 'student_sub must be given, and be the app.current_sub of the transaction where that is set'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF learning_is_blank(p_task ->> 'instruction') THEN
        RAISE EXCEPTION 'a task needs an instruction that is not blank' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF coalesce(p_task ->> 'language', 'de') NOT IN ('de', 'en') THEN
        RAISE EXCEPTION 'the language of a task is de or en' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF length(p_idempotency_key) NOT BETWEEN 1 AND 64 THEN
        RAISE EXCEPTION 'an idempotency key has 1 to 64 characters' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF learning_is_blank(p_text) = (first_file IS NULL) THEN
        RAISE EXCEPTION 'a submission is either a text that is not blank, or files' USING ERRCODE = 'invalid_parameter_value';
    END IF;

    PERFORM learning_check_files(coalesce(p_files, '[]'));

    -- One at a time for each pupil and task: attempt numbers and idempotency keys are then exact.
    PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(' ', course, task, p_student_sub), 0));
    SELECT id INTO existing FROM learning_submissions
        WHERE course_id = course AND task_id = task AND student_sub = p_student_sub
          AND idempotency_key = p_idempotency_key;
    IF existing IS NOT NULL THEN
        RETURN existing;
    END IF;

    INSERT INTO learning_submissions (
        course_id, task_id, student_sub, kind, text_body, storage_key, mime_type, size_bytes, sha256,
        attempt_nr, analysis_status, idempotency_key
    )
    SELECT course, task, p_student_sub,
        CASE WHEN first_file IS NULL THEN 'text' WHEN media_type LIKE 'image/%' THEN 'image' ELSE 'file' END,
        coalesce(typed, p_cached_text_md), first_file ->> 'storage_key', media_type, (first_file ->> 'size_bytes')::integer,
        first_file ->> 'sha256',
        coalesce(max(attempt_nr), 0) + 1,
        CASE WHEN first_file IS NOT NULL AND p_cached_text_md IS NOT NULL THEN 'extracted' ELSE 'pending' END,
        p_idempotency_key
    FROM learning_submissions WHERE course_id = course AND task_id = task AND student_sub = p_student_sub
    RETURNING id INTO submission;

    INSERT INTO learning_work (submission_id, student_sub, priority) VALUES (submission, p_student_sub, p_priority);
    INSERT INTO learning_task_contexts (submission_id, student_sub, language, instruction_md, criteria, hints_md)
        VALUES (submission, p_student_sub, coalesce(p_task ->> 'language', 'de'), p_task ->> 'instruction', criteria,
            coalesce(p_task ->> 'hints', ''));
    INSERT INTO learning_files (submission_id, position, student_sub, storage_key, mime_type, size_bytes, sha256)
        SELECT submission, position, p_student_sub, file ->> 'storage_key', learning_media_type(file ->> 'mime_type'),
            (file ->> 'size_bytes')::integer, file ->> 'sha256'
        FROM jsonb_array_elements(coalesce(p_files, '[]')) WITH ORDINALITY AS files (file, position);
    PERFORM learning_route(submission);
    RETURN submission;
END
$$;
