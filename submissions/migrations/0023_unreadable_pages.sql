-- A page that could not be read, or only up to a point: marked in the text at its place, and named beside it.

ALTER TABLE public.learning_pages
    DROP CONSTRAINT learning_pages_source_check,
    ADD CONSTRAINT learning_pages_source_check CHECK (source IN ('model', 'own_text', 'blank', 'unreadable')),
    -- The reason of the fault (docs/verdicts.md) for which the text is not, or not all, what stands on the page.
    ADD COLUMN problem text,
    ADD CONSTRAINT learning_pages_unreadable_says_why CHECK (source <> 'unreadable' OR problem IS NOT NULL);

-- Stores the text of a page. Whoever stores the last one joins the text and rings for Feedback, in this transaction.
-- Model and prompt version are those of a page that was read by a model, else NULL.
DROP FUNCTION public.learning_store_page(uuid, integer, bigint, text, text, text, jsonb, text);
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
    IF NOT EXISTS (SELECT FROM learning_pages WHERE submission_id = p_submission AND text_md IS NULL) THEN
        PERFORM learning_route(p_submission);
    END IF;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION public.learning_store_page FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.learning_store_page TO learning_worker;

-- What internal_metadata says of the pages that were not, or not all, read: {"unreadable_pages": {"3": "answer_refused"}}.
-- NULL if there are none.
CREATE FUNCTION public.learning_unreadable_pages(p_submission uuid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('unreadable_pages', jsonb_object_agg(page, problem))
    FROM learning_pages WHERE submission_id = p_submission AND problem IS NOT NULL
    HAVING count(*) > 0
$$;
REVOKE ALL ON FUNCTION public.learning_unreadable_pages FROM PUBLIC;

-- The one routing rule: text exists → Feedback; else → Vision (what is unread, or opening the documents first).
-- A submission whose pages are all read has its text joined here, whoever notices it.
CREATE OR REPLACE FUNCTION public.learning_route(p_submission uuid) RETURNS void
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
    SELECT count(*), array_agg(page ORDER BY page) FILTER (WHERE text_md IS NULL)
        INTO pages, unread FROM learning_pages WHERE submission_id = p_submission;
    IF submission.text_body IS NULL AND pages > 0 AND unread IS NULL THEN
        UPDATE learning_submissions
            SET text_body = learning_joined_text(p_submission), analysis_status = 'extracted', error_code = NULL,
                internal_metadata = internal_metadata - 'unreadable_pages'
                    || coalesce(learning_unreadable_pages(p_submission), '{}'),
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
