-- Where the text of a page comes from: a page with a trustworthy text of its own, or a blank one, needs no model.

ALTER TABLE public.learning_pages
    ADD COLUMN source text CHECK (source IN ('model', 'own_text', 'blank')),
    ADD CONSTRAINT learning_pages_blank_is_empty CHECK (source <> 'blank' OR text_md = '');
UPDATE public.learning_pages SET source = 'model' WHERE stored_at IS NOT NULL;
ALTER TABLE public.learning_pages
    ADD CONSTRAINT learning_pages_source_of_text CHECK ((source IS NULL) = (stored_at IS NULL));

-- Stores the text of a page. Whoever stores the last one joins the text and rings for Feedback, in this transaction.
-- Model and prompt version are those of a page that was read by a model, else NULL.
DROP FUNCTION public.learning_store_page(uuid, integer, bigint, text, text, text, jsonb);
CREATE FUNCTION public.learning_store_page(
    p_submission uuid, p_page integer, p_claim bigint, p_text_md text, p_model text, p_prompt_version text, p_cost jsonb,
    p_source text DEFAULT 'model'
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT learning_close(p_submission, 'read', p_page, p_claim, p_cost) THEN
        RETURN learning_is_stored(p_submission, 'read', p_page, p_claim);
    END IF;
    UPDATE learning_pages
        SET text_md = p_text_md, model = p_model, prompt_version = p_prompt_version, source = p_source, stored_at = now()
        WHERE submission_id = p_submission AND page = p_page;
    IF NOT EXISTS (SELECT FROM learning_pages WHERE submission_id = p_submission AND text_md IS NULL) THEN
        PERFORM learning_route(p_submission);
    END IF;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION public.learning_store_page FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.learning_store_page TO learning_worker;

-- The text of a submission whose pages are all read: blank ones leave no gap.
CREATE FUNCTION public.learning_joined_text(p_submission uuid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(string_agg(text_md, E'\n\n' ORDER BY page) FILTER (WHERE text_md <> ''), '')
    FROM learning_pages WHERE submission_id = p_submission
$$;
REVOKE ALL ON FUNCTION public.learning_joined_text FROM PUBLIC;

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
