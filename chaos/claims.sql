-- What must be true at the end. Each statement gives one row: whether it holds, and its figure in words.
-- chaos.handed_in and chaos.happened say what was done; `call` is the model server's request log.

-- claim: what was planned was done to it
SELECT count(*) FILTER (WHERE ended IS NULL) = 0,
    string_agg(format('%%s× %%s', n, what), ', ' ORDER BY what)
FROM (
    SELECT what, count(ended) AS n, min(ended) AS ended FROM chaos.happened GROUP BY what
) AS each

-- claim: every submission is there once, and has ended
SELECT count(*) FILTER (WHERE n IS DISTINCT FROM 1 OR ended IS DISTINCT FROM 1) = 0
        AND count(*) = (SELECT count(*) FROM learning_submissions),
    format('%%s of %%s', count(*) FILTER (WHERE n = 1 AND ended = 1), count(*))
FROM (
    SELECT h.mark, count(s.id) AS n, count(s.id) FILTER (WHERE s.analysis_status IN ('completed', 'failed')) AS ended
    FROM chaos.handed_in AS h LEFT JOIN learning_submissions AS s ON s.idempotency_key = h.mark GROUP BY h.mark
) AS each

-- claim: those without poison are completed, with all their pages, text, feedback and analysis
SELECT bool_and(complete), format('%%s of %%s', count(*) FILTER (WHERE complete), count(*))
FROM (
    SELECT coalesce(
        s.analysis_status = 'completed' AND s.error_code IS NULL AND s.text_body <> '' AND s.feedback_md <> ''
        AND s.analysis_json ->> 'schema' = 'criteria.v2' AND r.submission_id IS NOT NULL
        AND h.pages = (SELECT count(*) FROM learning_pages AS p WHERE p.submission_id = s.id AND p.text_md <> ''), false
    ) AS complete
    FROM chaos.handed_in AS h
    LEFT JOIN learning_submissions AS s ON s.idempotency_key = h.mark
    LEFT JOIN learning_results AS r ON r.submission_id = s.id
    WHERE h.poison = ''
) AS each

-- claim: the poisoned ones have failed, with their stage's code and the true reason
SELECT bool_and(right_so), format('%%s of %%s', count(*) FILTER (WHERE right_so), count(*))
FROM (
    SELECT s.analysis_status = 'failed' AND w.reason = 'crashed_repeatedly'
        AND s.error_code = CASE h.poison WHEN 'feedback' THEN 'feedback_failed' ELSE 'vision_failed' END AS right_so
    FROM chaos.handed_in AS h
    LEFT JOIN learning_submissions AS s ON s.idempotency_key = h.mark
    LEFT JOIN learning_work AS w ON w.submission_id = s.id
    WHERE h.poison <> ''
) AS each

-- claim: the runs of each unit are claims 1, 2, 3 … one after the other, and each has ended
SELECT count(*) FILTER (WHERE NOT sound) = 0, format('%%s runs of %%s units', sum(runs), count(*))
FROM (
    SELECT count(a.claim) AS runs,
        u.claim = count(a.claim) AND u.claim = coalesce(max(a.claim), 0) AND count(a.ended_at) = count(a.claim)
            AND coalesce(bool_and(a.claimed_at >= a.ended_before), true) AS sound
    FROM learning_units AS u
    LEFT JOIN (
        SELECT *, coalesce(lag(ended_at) OVER (PARTITION BY submission_id, step, page ORDER BY claim), '-infinity')
            AS ended_before
        FROM learning_attempts
    ) AS a USING (submission_id, step, page)
    GROUP BY u.submission_id, u.step, u.page
) AS each

-- claim: no effect was applied twice: each unit that is done was stored by one run, its last, and nobody else's was
SELECT count(*) FILTER (WHERE stored <> (state = 'done')::integer OR stored_last IS DISTINCT FROM (state = 'done')) = 0,
    format('%%s stored, %%s twice', sum(least(stored, 1)), count(*) FILTER (WHERE stored > 1))
FROM (
    SELECT u.state, count(*) FILTER (WHERE a.verdict = 'done') AS stored,
        coalesce(bool_or(a.verdict = 'done' AND a.claim = u.claim), false) AS stored_last
    FROM learning_units AS u LEFT JOIN learning_attempts AS a USING (submission_id, step, page)
    GROUP BY u.submission_id, u.step, u.page
) AS each

-- claim: each attempt that is spent is one of its unit's runs that counts
SELECT count(*) FILTER (WHERE spent <> counting OR spent > %(max_retries)s + 1) = 0,
    format('%%s spent, %%s without result, at most %%s for one unit', sum(spent), sum(spent) - count(*) FILTER (WHERE state = 'done'), max(spent))
FROM (
    SELECT u.state, u.spent, count(*) FILTER (
        WHERE a.verdict IN ('done', 'retry', 'discard', 'cancel') OR (a.verdict = 'lost' AND a.reason = 'message_gone')
    ) AS counting
    FROM learning_units AS u LEFT JOIN learning_attempts AS a USING (submission_id, step, page)
    GROUP BY u.submission_id, u.step, u.page
) AS each

-- claim: the platform's count of reading attempts is what the runs say
SELECT count(*) FILTER (WHERE told <> counted) = 0, format('%%s of %%s', count(*) FILTER (WHERE told = counted), count(*))
FROM (
    SELECT s.vision_attempts AS told, 1 + count(a.claim) AS counted
    FROM learning_submissions AS s
    LEFT JOIN learning_attempts AS a ON a.submission_id = s.id AND a.step <> 'feedback' AND a.verdict = 'retry'
    WHERE s.kind <> 'text' AND s.analysis_status = 'completed'
    GROUP BY s.id
) AS each

-- claim: no page was stored twice: each was stored by the one run that is done, and stands in the text once, in its place
SELECT count(*) FILTER (WHERE NOT coalesce(once, false)) = 0, format('%%s pages', count(*))
FROM (
    SELECT p.stored_at BETWEEN a.claimed_at AND a.ended_at
        AND (SELECT count(*) FROM learning_pages AS other WHERE other.text_md = p.text_md) = 1
        AND s.text_body = (
            SELECT string_agg(o.text_md, E'\n\n' ORDER BY o.page) FROM learning_pages AS o WHERE o.submission_id = s.id
        ) AS once
    FROM learning_pages AS p
    JOIN learning_submissions AS s ON s.id = p.submission_id AND s.text_body IS NOT NULL
    LEFT JOIN learning_attempts AS a
        ON a.submission_id = p.submission_id AND a.step = 'read' AND a.page = p.page AND a.verdict = 'done'
) AS each

-- claim: the text of each page is what the model server said of a picture, or marked as poor where two answers were, and once stored it was not asked again
SELECT count(*) FILTER (WHERE answered = 0 OR afterwards > 0 OR (poor AND struck < 2)) = 0,
    format('%%s pages, %%s of them poor, %%s calls, %%s of them after the page was stored', count(*), count(*) FILTER (WHERE poor),
        coalesce(sum(calls), 0), coalesce(sum(afterwards), 0))
FROM (
    SELECT count(*) AS calls, count(*) FILTER (WHERE c.outcome NOT LIKE 'refused%%') AS answered,
        count(*) FILTER (WHERE c.received > p.stored_at) AS afterwards,
        count(*) FILTER (WHERE c.outcome LIKE 'fault%%') AS struck,
        strpos(p.text_md, n.name) = 0 AS poor
    FROM learning_pages AS p
    JOIN page_name AS n USING (submission_id, page)
    LEFT JOIN call AS c ON c.page = n.name
    WHERE p.text_md IS NOT NULL
    GROUP BY p.submission_id, p.page, p.stored_at, p.text_md, n.name
) AS each

-- claim: the model's answer to each page and each feedback is had once, and again only where the run was killed, stopped or lost
SELECT count(*) FILTER (WHERE answered > 1 + ended_otherwise) = 0,
    format('%%s answers for %%s units, %%s of them had it again', sum(answered), count(*), count(*) FILTER (WHERE answered > 1))
FROM (
    SELECT (
            SELECT count(*) FROM call AS c
            WHERE c.outcome = 'done' AND CASE u.step
                WHEN 'read' THEN c.page = (SELECT n.name FROM page_name AS n WHERE (n.submission_id, n.page) = (p.submission_id, p.page))
                ELSE c.page IS NULL AND strpos(c.said, own.words) > 0
            END
        ) AS answered, (
            SELECT count(*) FROM learning_attempts AS a
            WHERE (a.submission_id, a.step, a.page) = (u.submission_id, u.step, u.page) AND (
                (a.verdict = 'snooze' AND a.reason = 'worker_stopping')
                OR (a.verdict = 'lost' AND a.reason IN ('worker_died', 'vanished'))
                -- Interrupted, in a process that went on: it has thrown an answer away because the database was gone.
                OR (a.verdict = 'lost' AND NOT EXISTS (
                    SELECT FROM learning_attempts AS later WHERE later.worker = a.worker AND later.claimed_at >= a.ended_at
                ))
            )
        ) AS ended_otherwise
    FROM learning_units AS u
    JOIN learning_submissions AS s ON s.id = u.submission_id AND s.analysis_status = 'completed'
    LEFT JOIN learning_pages AS p ON p.submission_id = u.submission_id AND p.page = u.page
    CROSS JOIN LATERAL (SELECT substring(s.text_body FROM 'Kennung \d+|Text of page [0-9a-f]{8}') AS words) AS own
    WHERE u.step <> 'open'
) AS each

-- claim: no Feedback retry called Vision
SELECT count(*) FILTER (WHERE runs > 0 OR calls > 0) = 0,
    format('%%s submissions, %%s runs and %%s calls after their first feedback run', count(*), coalesce(sum(runs), 0), coalesce(sum(calls), 0))
FROM (
    SELECT (
            SELECT count(*) FROM learning_attempts AS v
            WHERE v.submission_id = f.submission_id AND v.step <> 'feedback' AND v.claimed_at >= f.first
        ) AS runs, (
            SELECT count(*) FROM learning_pages AS p
            JOIN call AS c ON c.page = (SELECT n.name FROM page_name AS n WHERE (n.submission_id, n.page) = (p.submission_id, p.page))
            WHERE p.submission_id = f.submission_id AND c.received >= f.first
        ) AS calls
    FROM (
        SELECT submission_id, min(claimed_at) AS first FROM learning_attempts WHERE step = 'feedback' GROUP BY submission_id
    ) AS f
) AS each

-- claim: every attempt that was spent for nothing met a fault of the model server of its own: outage, kills and cuts spent 0
SELECT count(*) FILTER (WHERE struck = 0) = 0,
    format('%%s met one, %%s did not', count(*) FILTER (WHERE struck > 0), count(*) FILTER (WHERE struck = 0))
FROM (
    SELECT (
        SELECT count(*) FROM call AS c
        WHERE (c.outcome LIKE 'fault %%' OR c.outcome LIKE 'refused %%') AND (
            c.page = (SELECT n.name FROM page_name AS n WHERE (n.submission_id, n.page) = (p.submission_id, p.page))
            OR (a.step = 'feedback' AND c.page IS NULL AND strpos(c.said, own.words) > 0)
        ) AND c.received BETWEEN a.claimed_at - interval '0.2 s' AND a.ended_at
    ) AS struck
    FROM learning_attempts AS a
    JOIN learning_submissions AS s ON s.id = a.submission_id AND s.analysis_status = 'completed'
    LEFT JOIN learning_pages AS p ON p.submission_id = a.submission_id AND p.page = greatest(a.page, 1)
    CROSS JOIN LATERAL (SELECT substring(s.text_body FROM 'Kennung \d+|Text of page [0-9a-f]{8}') AS words) AS own
    WHERE a.verdict NOT IN ('done', 'snooze', 'lost')
) AS each

-- claim: while the model server was gone nothing was spent and nobody failed
SELECT coalesce(sum(spent), 0) = 0 AND coalesce(sum(failed), 0) = 0,
    string_agg(format('%%s s gone, %%s spent, %%s failed, %%s snoozed, first answer %%s s after its return',
        round(extract(epoch FROM ended - began)), spent, failed, snoozed, round(extract(epoch FROM resumed), 1)), '; ')
FROM (
    SELECT h.began, h.ended,
        (SELECT count(*) FROM learning_attempts AS a
            WHERE a.verdict IN ('retry', 'discard') AND a.claimed_at > h.began AND a.ended_at < h.ended) AS spent,
        (SELECT count(*) FROM learning_work AS w WHERE w.ended_at BETWEEN h.began AND h.ended
            AND w.reason IS DISTINCT FROM 'crashed_repeatedly' AND w.reason IS NOT NULL) AS failed,
        (SELECT count(*) FROM learning_attempts AS a
            WHERE a.verdict = 'snooze' AND a.ended_at BETWEEN h.began AND h.ended) AS snoozed,
        (SELECT min(a.ended_at) FROM learning_attempts AS a
            WHERE a.verdict = 'done' AND a.step <> 'open' AND a.ended_at > h.ended) - h.ended AS resumed
    FROM chaos.happened AS h WHERE h.what = 'model server gone'
) AS each

-- claim: the model server failed at a share of what it was asked, in every way, and at no unit more often than it has retries
SELECT at_most <= %(max_retries)s AND share BETWEEN least_share AND most_share
        -- A short run is through before all have had their turn.
        AND (kinds = %(kinds)s OR faults < 3 * %(kinds)s),
    format('%%s of %%s calls (%%s %%%%), %%s kinds of fault, at most %%s for one unit', faults, calls, round(100 * share), kinds, at_most)
FROM (
    SELECT count(*) FILTER (WHERE struck) AS faults, count(*) AS calls,
        count(*) FILTER (WHERE struck)::numeric / count(*) AS share,
        count(DISTINCT outcome) FILTER (WHERE struck) AS kinds,
        (
            SELECT max(n) FROM (
                SELECT count(*) AS n FROM call
                WHERE outcome LIKE 'fault %%' AND NOT poisoned
                GROUP BY coalesce(page, substring(said FROM 'Kennung \d+|Text of page [0-9a-f]{8}'))
            ) AS per_unit
        ) AS at_most
    FROM (SELECT outcome, outcome LIKE 'fault %%' AS struck FROM call WHERE NOT poisoned) AS each
) AS counted CROSS JOIN (
    -- A fifth; of the few calls of a short run it may by chance be half of that, or nearly twice as much.
    SELECT CASE WHEN whole THEN 0.15 ELSE 0.0834 END AS least_share, CASE WHEN whole THEN 0.25 ELSE 0.375 END AS most_share
    FROM (SELECT count(*) >= %(whole)s AS whole FROM chaos.handed_in) AS form
) AS allowed

-- claim: no message is left
SELECT count(*) = 0, format('%%s messages', count(*)) FROM dramatiq.queue

-- claim: nothing is in flight, and nothing waits
SELECT inflight = 0 AND unended = 0, format('gauge %%s, %%s units wait or run', inflight, unended)
FROM (
    SELECT (SELECT value FROM learning_gauges() WHERE name = 'analysis_jobs_inflight') AS inflight,
        (SELECT count(*) FROM learning_units WHERE state IN ('waiting', 'running')) AS unended
) AS each
