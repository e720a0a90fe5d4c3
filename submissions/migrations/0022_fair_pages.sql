-- A long document does not hold others up, and whoever waits for one sees its pages come.

-- Rings for one unit of work. The message is a doorbell: ids only. The unit keeps the message's id, so that a lost one is
-- found (learning_reconcile).
-- Page n of a document goes behind all first pages, all second pages …: what is handed in behind a hundred pages waits for
-- those that are being read at this moment, and two long documents take turns. A submission's own priority weighs more
-- than any number of pages.
CREATE OR REPLACE FUNCTION public.learning_ring(
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

-- Progress has a channel of its own: platforms that wait for a status are not woken by each page.
CREATE FUNCTION public.learning_notify_progress() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('learning_progress', NEW.submission_id::text);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION public.learning_notify_progress FROM PUBLIC;
CREATE TRIGGER trg_notify_learning_pages_counted
    AFTER UPDATE OF page_count ON public.learning_work
    FOR EACH ROW EXECUTE FUNCTION public.learning_notify_progress();
CREATE TRIGGER trg_notify_learning_page_stored
    AFTER UPDATE OF stored_at ON public.learning_pages
    FOR EACH ROW EXECUTE FUNCTION public.learning_notify_progress();
