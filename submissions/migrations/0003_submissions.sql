-- What pupils handed in, and what the worker keeps about it.
--
-- learning_submissions is the platform's table: columns, names and values of the worker that schools ran before, without
-- foreign keys to tables that a standalone install lacks. Two of its checks are wider, and nothing that reads it notices:
-- more image types. Everything else that we need stands in tables of our own, one per thing:
--   learning_work           one row per submission: what the platform's table has no column for
--   learning_task_contexts  the task as it was when the submission was handed in
--   learning_files          the files of a submission, in order
--   learning_pages          their pages, in order over all files, and the text that was read
--   learning_units          units of work: open, read page n, feedback; each with its own state, claim and attempts
--   learning_attempts       every run of a unit: when, how it ended, why, what it cost
--   learning_results        what stands beside a feedback: model, prompt, parse status, what it rests on

CREATE TABLE public.learning_submissions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    course_id uuid NOT NULL,
    task_id uuid NOT NULL,
    student_sub text NOT NULL,
    kind text NOT NULL,
    text_body text,
    storage_key text,
    mime_type text,
    size_bytes integer,
    sha256 text,
    attempt_nr integer NOT NULL,
    analysis_status text NOT NULL DEFAULT 'pending',
    analysis_json jsonb,
    feedback_md text,
    error_code text,
    idempotency_key text,
    created_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    vision_attempts integer NOT NULL DEFAULT 0,
    vision_last_error text,
    vision_last_attempt_at timestamptz,
    feedback_last_error text,
    feedback_last_attempt_at timestamptz,
    internal_metadata jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT learning_submissions_kind_check CHECK (kind IN ('text', 'image', 'file')),
    CONSTRAINT learning_submissions_text_kind CHECK (
        kind <> 'text'
        OR (text_body IS NOT NULL AND storage_key IS NULL AND mime_type IS NULL AND size_bytes IS NULL AND sha256 IS NULL)
    ),
    CONSTRAINT learning_submissions_image_kind CHECK (
        kind <> 'image'
        OR (
            storage_key IS NOT NULL AND size_bytes IS NOT NULL AND sha256 ~ '^[0-9a-f]{64}$'
            AND mime_type IN ('image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/tiff')
        )
    ),
    CONSTRAINT learning_submissions_file_kind CHECK (
        kind <> 'file'
        OR (
            storage_key IS NOT NULL AND size_bytes IS NOT NULL AND sha256 ~ '^[0-9a-f]{64}$'
            AND mime_type = 'application/pdf'
        )
    ),
    CONSTRAINT learning_submissions_size_limit_check CHECK (size_bytes BETWEEN 1 AND 10485760),
    CONSTRAINT learning_submissions_idempotency_key_len CHECK (length(idempotency_key) <= 64),
    CONSTRAINT learning_submissions_idempotency_unique UNIQUE (course_id, task_id, student_sub, idempotency_key),
    CONSTRAINT learning_submissions_attempt_unique UNIQUE (course_id, task_id, student_sub, attempt_nr),
    CONSTRAINT learning_submissions_analysis_status_check
        CHECK (analysis_status IN ('pending', 'extracted', 'completed', 'failed')),
    CONSTRAINT learning_submissions_analysis_json_check CHECK (analysis_json IS NULL OR analysis_status = 'completed'),
    CONSTRAINT learning_submissions_error_code_check CHECK (
        error_code IN (
            'vision_retrying', 'vision_failed', 'feedback_retrying', 'feedback_failed',
            'input_corrupt', 'input_unsupported', 'input_too_large'
        )
    )
);
CREATE INDEX learning_submissions_by_course ON public.learning_submissions (course_id, task_id, student_sub);
CREATE INDEX learning_submissions_newest ON public.learning_submissions (created_at DESC);
CREATE INDEX learning_submissions_of_student ON public.learning_submissions (student_sub, task_id, created_at DESC);
CREATE INDEX learning_submissions_of_task ON public.learning_submissions (task_id, student_sub, created_at DESC);

-- Few among many that have ended: for whatever looks for work that was forgotten.
CREATE INDEX learning_submissions_under_way ON public.learning_submissions (id)
    WHERE analysis_status IN ('pending', 'extracted');
-- What admins look for.
CREATE INDEX learning_submissions_failed ON public.learning_submissions (id) WHERE analysis_status = 'failed';

-- A platform that waits for results listens on one channel instead of asking again and again.
CREATE FUNCTION public.learning_notify_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('learning_submissions', json_build_object(
        'submission_id', NEW.id, 'course_id', NEW.course_id, 'task_id', NEW.task_id,
        'student_sub', NEW.student_sub, 'analysis_status', NEW.analysis_status, 'at', clock_timestamp()
    )::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER trg_notify_learning_submission_change
    AFTER INSERT OR UPDATE OF analysis_status, completed_at ON public.learning_submissions
    FOR EACH ROW EXECUTE FUNCTION public.learning_notify_change();

CREATE TABLE public.learning_work (
    submission_id uuid PRIMARY KEY REFERENCES public.learning_submissions ON DELETE CASCADE,
    student_sub text NOT NULL,
    -- Lower goes first, as with Dramatiq's actors.
    priority integer NOT NULL DEFAULT 0,
    -- Handed in or last requeued.
    accepted_at timestamptz NOT NULL DEFAULT now(),
    -- NULL until the documents were opened.
    page_count integer CHECK (page_count > 0),
    -- When it completed or failed; NULL while it is under way. Retention counts from here.
    ended_at timestamptz,
    -- Why it failed, finer than the seven error codes: 'withdrawn', 'encrypted', 'crashed_repeatedly' …
    reason text,
    withdrawn_at timestamptz,
    -- Its time is over: its files are being removed, then its rows (learning_expire). Nothing brings it back.
    expired_at timestamptz
);
-- Retention: what it may begin with, and what it began with and has not finished.
CREATE INDEX learning_work_by_end ON public.learning_work (ended_at) WHERE ended_at IS NOT NULL AND expired_at IS NULL;
CREATE INDEX learning_work_expired ON public.learning_work (expired_at) WHERE expired_at IS NOT NULL;
-- The oldest of what is under way, asked for again and again while the model server is away.
CREATE INDEX learning_work_under_way_by_age ON public.learning_work (accepted_at) WHERE ended_at IS NULL;

CREATE TABLE public.learning_task_contexts (
    submission_id uuid PRIMARY KEY REFERENCES public.learning_submissions ON DELETE CASCADE,
    student_sub text NOT NULL,
    language text NOT NULL CHECK (language IN ('de', 'en')),
    instruction_md text NOT NULL CHECK (btrim(instruction_md) <> ''),
    -- [{"criterion": text, "max_score": 1..10}], at most ten, in the teacher's order.
    criteria jsonb NOT NULL CHECK (jsonb_typeof(criteria) = 'array' AND jsonb_array_length(criteria) <= 10),
    hints_md text NOT NULL DEFAULT ''
);

CREATE TABLE public.learning_files (
    submission_id uuid NOT NULL REFERENCES public.learning_submissions ON DELETE CASCADE,
    position integer NOT NULL CHECK (position >= 1),
    student_sub text NOT NULL,
    storage_key text NOT NULL,
    -- What the submitter said; the worker goes by content.
    mime_type text NOT NULL CHECK (
        mime_type IN ('image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/tiff', 'application/pdf')
    ),
    size_bytes integer NOT NULL CHECK (size_bytes BETWEEN 1 AND 10485760),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    PRIMARY KEY (submission_id, position)
);
-- Whether another submission has the same file, before it is removed.
CREATE INDEX learning_files_by_key ON public.learning_files (storage_key);

CREATE TABLE public.learning_pages (
    submission_id uuid NOT NULL REFERENCES public.learning_submissions ON DELETE CASCADE,
    page integer NOT NULL CHECK (page >= 1),
    student_sub text NOT NULL,
    file_position integer NOT NULL,
    -- Counted from zero within its file.
    page_index integer NOT NULL CHECK (page_index >= 0),
    -- NULL until read; an empty text is a page that was read and holds nothing. NULL with a problem: the page was given up,
    -- and the text of the submission says so at its place.
    text_md text,
    model text,
    prompt_version text,
    -- Where the text comes from: a page with a trustworthy text of its own, or a blank one, needs no model.
    source text CHECK (source IN ('model', 'own_text', 'blank', 'unreadable', 'doubtful')),
    -- The reason of the fault (docs/verdicts.md) for which the text is not, or not all, or perhaps not, what stands on the
    -- page.
    problem text,
    stored_at timestamptz,
    PRIMARY KEY (submission_id, page),
    FOREIGN KEY (submission_id, file_position) REFERENCES public.learning_files ON DELETE CASCADE,
    CHECK ((text_md IS NULL) = (stored_at IS NULL)),
    CONSTRAINT learning_pages_source_of_text CHECK ((source IS NULL) = (stored_at IS NULL)),
    CONSTRAINT learning_pages_blank_is_empty CHECK (source <> 'blank' OR text_md = ''),
    CONSTRAINT learning_pages_unreadable_says_why CHECK (source NOT IN ('unreadable', 'doubtful') OR problem IS NOT NULL)
);

CREATE TABLE public.learning_units (
    submission_id uuid NOT NULL REFERENCES public.learning_submissions ON DELETE CASCADE,
    step text NOT NULL CHECK (step IN ('open', 'read', 'feedback')),
    -- Zero for the steps that are not about one page.
    page integer NOT NULL DEFAULT 0,
    student_sub text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    -- Only grows: the fence of every ending.
    claim bigint NOT NULL DEFAULT 0,
    -- Attempts that count; a snooze gives its own back.
    spent integer NOT NULL DEFAULT 0 CHECK (spent >= 0),
    -- It was in flight when its process died, and has not come to an end since: it runs alone in its process.
    suspect boolean NOT NULL DEFAULT false,
    -- Deaths of its process while it ran alone: the only ones that are held against it.
    crashes integer NOT NULL DEFAULT 0 CHECK (crashes >= 0),
    -- Since when each of its runs was put off without an attempt spent: the age bound counts from here. NULL: none was.
    put_off_since timestamptz,
    -- Not to be claimed before: a redelivered older message must not run ahead of the backoff.
    due_at timestamptz NOT NULL DEFAULT now(),
    -- The message that shall ring for it, or rang for the current run. The same again means that its run is over.
    message_id uuid,
    claimed_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (submission_id, step, page),
    CHECK ((step = 'read') = (page >= 1)),
    CHECK (state <> 'running' OR (message_id IS NOT NULL AND claimed_at IS NOT NULL)),
    CHECK ((state IN ('done', 'failed', 'cancelled')) = (ended_at IS NOT NULL))
);
-- For the gauge and for whatever looks for units that are under way.
CREATE INDEX learning_units_running ON public.learning_units (claimed_at) WHERE state = 'running';
CREATE INDEX learning_units_waiting ON public.learning_units (due_at) WHERE state = 'waiting';
-- For "no unit waits or runs": learning_unrouted, and whoever asks after the units of one submission.
CREATE INDEX learning_units_under_way ON public.learning_units (submission_id) WHERE state IN ('waiting', 'running');

CREATE TABLE public.learning_attempts (
    submission_id uuid NOT NULL REFERENCES public.learning_submissions ON DELETE CASCADE,
    step text NOT NULL,
    page integer NOT NULL,
    claim bigint NOT NULL,
    student_sub text NOT NULL,
    worker text NOT NULL,
    -- Nothing else ran in its process.
    alone boolean NOT NULL DEFAULT false,
    -- Which delivery of its message it was: dramatiq.queue.delivery.
    delivery integer,
    claimed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- How long the unit was due before it was claimed.
    waited_ms bigint NOT NULL,
    ended_at timestamptz,
    -- 'lost': it never said how it ended; the next delivery of its message found it so.
    verdict text CHECK (verdict IN ('done', 'retry', 'snooze', 'discard', 'cancel', 'lost')),
    reason text,
    message text CHECK (length(message) <= 1024),
    -- What the model call cost: model, prompt_version, tokens, seconds, done_reason.
    cost jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (submission_id, step, page, claim),
    FOREIGN KEY (submission_id, step, page) REFERENCES public.learning_units ON DELETE CASCADE,
    CHECK ((ended_at IS NULL) = (verdict IS NULL))
);

CREATE INDEX learning_attempts_by_end ON public.learning_attempts (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE public.learning_results (
    submission_id uuid PRIMARY KEY REFERENCES public.learning_submissions ON DELETE CASCADE,
    student_sub text NOT NULL,
    model text NOT NULL,
    prompt_version text NOT NULL,
    parse_status text NOT NULL,
    -- docs/feedback.md lists the keys. It quotes the pupil.
    details jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object'),
    stored_at timestamptz NOT NULL DEFAULT now()
);

-- Progress has a channel of its own: platforms that wait for a status are not woken by each page.
CREATE FUNCTION public.learning_notify_progress() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('learning_progress', NEW.submission_id::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER trg_notify_learning_pages_counted
    AFTER UPDATE OF page_count ON public.learning_work
    FOR EACH ROW EXECUTE FUNCTION public.learning_notify_progress();
CREATE TRIGGER trg_notify_learning_page_stored
    AFTER UPDATE OF stored_at ON public.learning_pages
    FOR EACH ROW EXECUTE FUNCTION public.learning_notify_progress();

-- A row is visible where its pupil is the one that the transaction speaks for.
DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY[
        'learning_submissions', 'learning_work', 'learning_task_contexts', 'learning_files',
        'learning_pages', 'learning_units', 'learning_attempts', 'learning_results'
    ] LOOP
        EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', table_name);
        EXECUTE format(
            'CREATE POLICY own_rows ON public.%I FOR SELECT TO learning_worker, learning_platform
             USING (student_sub = current_setting(''app.current_sub'', true))', table_name);
        EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC', table_name);
        EXECUTE format('GRANT SELECT ON public.%I TO learning_worker', table_name);
    END LOOP;
END
$$;
-- Without the task contexts: hints are the teacher's.
GRANT SELECT ON public.learning_submissions, public.learning_work, public.learning_files, public.learning_pages,
    public.learning_units, public.learning_results TO learning_platform;

-- So that a worker can tell an old schema from a new one.
GRANT SELECT ON public.learning_migrations TO learning_worker, learning_platform, learning_admin;
