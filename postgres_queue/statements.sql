-- Every statement that the queue runs. A header names it; the comment says what it does and why in this way.

-- name: check_schema
-- Fails at once where the schema is missing or older than this release.
SELECT q.message_id, q.delivery, q.delayed, q.position, q.reason, w.beat_at, c.next_at, p.owner
FROM dramatiq.queue AS q, dramatiq.worker AS w, dramatiq.chore AS c, dramatiq.present AS p
WHERE dramatiq.presence_class() IS NULL

-- name: session_settings
-- For a session of our own. An answer that cannot be delivered ends it, so that its lock is free soon. The plans are made
-- once, maybe while the queue is empty, and must suit it when it is full: index scans in the order that is asked for. They
-- alone also remember which entries are dead; other scans would read a queue's past again and again until the next vacuum.
SELECT set_config(s.name, s.value, false)
FROM (VALUES
    ('tcp_keepalives_idle', '5'), ('tcp_keepalives_interval', '2'), ('tcp_keepalives_count', '3'),
    ('tcp_user_timeout', '10000'), ('client_connection_check_interval', '5000'),
    ('default_transaction_isolation', 'read committed'), ('jit', 'off'),
    ('enable_seqscan', 'off'), ('enable_bitmapscan', 'off'), ('enable_sort', 'off'),
    ('plan_cache_mode', 'force_generic_plan')
) AS s (name, value)
WHERE EXISTS (SELECT FROM pg_settings AS known WHERE known.name = s.name)

-- name: quiet_log
-- A failing statement would stand in the server's log with its arguments. Where we may, we turn that off (Postgres 15).
SELECT set_config('log_min_error_statement', 'panic', false)
WHERE has_parameter_privilege('log_min_error_statement', 'SET')

-- name: enqueue
-- The column list is that of stock dramatiq-pg: the triggers read delay and priority out of the message, and drop the
-- update of a message that is running. The order of the arrays is the order of insertion.
INSERT INTO dramatiq.queue (message_id, queue_name, state, message)
SELECT m.message_id, m.queue_name, 'queued', m.message
FROM unnest(%(ids)s::uuid[], %(queues)s::text[], %(messages)s::jsonb[])
    WITH ORDINALITY AS m (message_id, queue_name, message, place)
ORDER BY m.place
ON CONFLICT (message_id) DO UPDATE
SET state = 'queued', message = excluded.message, queue_name = excluded.queue_name

-- name: turn
-- One turn of the dispatcher: finished deliveries out, one message in for each free thread, in one commit.
-- The heads of the served queues are merged without locks, and only as many rows as are taken get locked: a lock on more
-- would hide them from other workers for nothing. `look` reaches past rows that others are taking at this moment; when
-- all of it was seen and less than `free` was taken, the caller asks again.
-- Prepared once, and planned maybe while the queue was empty: `= ANY` needs no join, whose order could be wrong for a full
-- queue, and IS TRUE hides conditions from the partial indexes, so that known rows are found by the primary key alone. The
-- heads are found again by their place in the table: their random ids lie all over the primary key of a large queue.
-- An owner implies `consumed`: a CHECK says so.
-- No id may be in `done_ids` twice. Finished rows that somebody has locked stay, as everywhere where a delivery ends: the
-- dispatcher must not wait for a stranger's transaction, which may have enqueued a running message again and stay open.
WITH ended AS (
    SELECT q.message_id FROM dramatiq.queue AS q
    WHERE q.message_id = ANY (%(done_ids)s::uuid[]) AND (q.owner = %(owner)s) IS TRUE
        AND q.delivery = (%(done_deliveries)s::integer[])[array_position(%(done_ids)s::uuid[], q.message_id)]
    FOR UPDATE SKIP LOCKED
), finished AS (
    DELETE FROM dramatiq.queue AS q
    WHERE q.message_id = ANY (ARRAY(SELECT e.message_id FROM ended AS e))
    RETURNING q.message_id
), head AS MATERIALIZED (
    SELECT c.place, c.priority, c.position
    FROM unnest(%(queues)s::text[]) AS served (queue_name)
    CROSS JOIN LATERAL (
        SELECT r.ctid AS place, r.priority, r.position
        FROM dramatiq.queue AS r
        WHERE r.queue_name = served.queue_name AND r.state = 'queued' AND NOT r.delayed
        ORDER BY r.priority, r.position
        LIMIT %(look)s
    ) AS c
    ORDER BY c.priority, c.position
    LIMIT %(look)s
), taken AS (
    SELECT q.message_id
    FROM dramatiq.queue AS q
    WHERE q.ctid = ANY (ARRAY(SELECT h.place FROM head AS h))
        AND (q.state = 'queued' AND NOT q.delayed) IS TRUE
    ORDER BY q.priority, q.position
    LIMIT %(free)s
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE dramatiq.queue AS q
    SET state = 'consumed', owner = %(owner)s, delivery = q.delivery + 1, claimed_at = now(), mtime = now()
    WHERE q.message_id = ANY (ARRAY(SELECT t.message_id FROM taken AS t))
    RETURNING q.message_id, q.queue_name, q.delivery, q.priority, q.position, q.message
)
SELECT
    (SELECT array_agg(f.message_id::text) FROM finished AS f),
    (SELECT count(*) FROM head),
    c.message_id::text, c.queue_name, c.delivery, c.message::text
FROM (VALUES (true)) AS always (one) LEFT JOIN claimed AS c ON true
ORDER BY c.priority, c.position

-- name: promote
-- Makes due messages ready, and says how many and how long until the next one (s). It rings: other processes that woke
-- for the same time found the rows locked.
WITH due AS (
    UPDATE dramatiq.queue AS q SET delayed = false
    WHERE q.message_id IN (
        SELECT d.message_id FROM dramatiq.queue AS d
        WHERE d.state = 'queued' AND d.delayed AND d.due_at <= now()
        ORDER BY d.due_at
        LIMIT %(batch)s
        FOR UPDATE SKIP LOCKED
    )
    RETURNING q.message_id
)
SELECT
    count(*),
    (
        SELECT extract(epoch FROM min(n.due_at) - now())::double precision
        FROM dramatiq.queue AS n WHERE n.state = 'queued' AND n.delayed AND n.due_at > now()
    ),
    CASE WHEN count(*) > 0 THEN pg_notify('dramatiq.ready', '') END
FROM due

-- name: put_back
-- Deliveries that go back to the queue, due after `after` seconds each. A trigger frees the row and rings.
WITH ended AS (
    SELECT q.message_id, b.after, b.reason
    FROM unnest(%(ids)s::uuid[], %(deliveries)s::integer[], %(afters)s::double precision[], %(reasons)s::text[])
        AS b (message_id, delivery, after, reason)
    JOIN dramatiq.queue AS q ON q.message_id = b.message_id AND q.delivery = b.delivery AND q.owner = %(owner)s
    FOR UPDATE OF q SKIP LOCKED
)
UPDATE dramatiq.queue AS q
SET
    state = 'queued', owner = NULL, reason = e.reason, delayed = e.after > 0,
    due_at = CASE WHEN e.after > 0 THEN now() + make_interval(secs => e.after) ELSE q.due_at END
FROM ended AS e
WHERE q.message_id = e.message_id
RETURNING q.message_id::text, q.delivery

-- name: reject
-- Deliveries that nobody will run again by itself; kept for inspection, with the reason.
WITH ended AS (
    SELECT q.message_id, b.reason
    FROM unnest(%(ids)s::uuid[], %(deliveries)s::integer[], %(reasons)s::text[]) AS b (message_id, delivery, reason)
    JOIN dramatiq.queue AS q ON q.message_id = b.message_id AND q.delivery = b.delivery AND q.owner = %(owner)s
    FOR UPDATE OF q SKIP LOCKED
)
UPDATE dramatiq.queue AS q
SET state = 'rejected', owner = NULL, reason = e.reason, mtime = now()
FROM ended AS e
WHERE q.message_id = e.message_id
RETURNING q.message_id::text, q.delivery

-- name: held
-- What the queue says that this process holds.
SELECT q.message_id::text, q.delivery FROM dramatiq.queue AS q WHERE q.state = 'consumed' AND q.owner = %(owner)s

-- name: register
INSERT INTO dramatiq.worker (host, pid, threads, queues, beat_at)
VALUES (%(host)s, %(pid)s, %(threads)s, %(queues)s, CASE WHEN %(beats)s THEN now() END)
RETURNING owner

-- name: is_registered
-- Asked on the other session: both must lead to the same database.
SELECT EXISTS (SELECT FROM dramatiq.worker WHERE owner = %(owner)s AND pid = %(pid)s)

-- name: register_again
-- Back from a long absence: another process may have taken this one for dead and removed its row.
INSERT INTO dramatiq.worker (owner, host, pid, threads, queues, beat_at)
VALUES (%(owner)s, %(host)s, %(pid)s, %(threads)s, %(queues)s, CASE WHEN %(beats)s THEN now() END)
ON CONFLICT (owner) DO UPDATE SET beat_at = excluded.beat_at

-- name: leave
DELETE FROM dramatiq.worker WHERE owner = %(owner)s

-- name: take_presence
-- False: an older session of this very process still holds it, which is as good until it ends.
SELECT pg_try_advisory_lock(dramatiq.presence_class(), %(owner)s)

-- name: listen
LISTEN "dramatiq.ready"; LISTEN "dramatiq.delayed"

-- name: absent
-- Owners without a session lock, and their last beat if they are of those that beat. Also owners that only a claimed row
-- knows: a claim may be committed after its process died.
SELECT o.owner, w.beat_at::text
FROM (
    SELECT q.owner FROM dramatiq.queue AS q WHERE q.state = 'consumed' AND q.owner IS NOT NULL
    UNION SELECT known.owner FROM dramatiq.worker AS known
) AS o
LEFT JOIN dramatiq.worker AS w USING (owner)
WHERE o.owner <> %(owner)s AND o.owner NOT IN (SELECT p.owner FROM dramatiq.present AS p)

-- name: rescue
-- Everything that a dead owner held goes back. Its absence is asked again here: it may have come back this instant. What
-- somebody has locked stays for the next round: the keeper must not wait.
WITH dead AS (
    SELECT %(dead)s::integer AS owner
    WHERE NOT EXISTS (SELECT FROM dramatiq.present AS p WHERE p.owner = %(dead)s)
        AND NOT EXISTS (
            SELECT FROM dramatiq.worker AS w WHERE w.owner = %(dead)s AND w.beat_at::text IS DISTINCT FROM %(beat)s
        )
), removed AS (
    DELETE FROM dramatiq.worker AS w USING dead WHERE w.owner = dead.owner
), back AS (
    UPDATE dramatiq.queue AS q SET state = 'queued', owner = NULL, reason = 'owner_died'
    WHERE q.ctid = ANY (ARRAY(
        SELECT h.ctid FROM dramatiq.queue AS h
        WHERE h.state = 'consumed' AND h.owner = (SELECT d.owner FROM dead AS d)
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING q.message_id
)
SELECT (SELECT count(*) FROM dead), (SELECT count(*) FROM back)

-- name: elect
-- Exactly one process per period gets a row back.
UPDATE dramatiq.chore SET next_at = now() + make_interval(secs => %(period)s)
WHERE name = %(name)s AND next_at <= now()
RETURNING true

-- name: drop_rejected
-- Old rejected messages, and those that stock's own tools left as done and whose result nobody keeps.
WITH dropped AS (
    DELETE FROM dramatiq.queue AS q
    WHERE q.message_id IN (
        SELECT o.message_id FROM dramatiq.queue AS o
        WHERE o.state = 'rejected' AND o.mtime < now() - make_interval(days => %(days)s)
        LIMIT %(batch)s
        FOR UPDATE SKIP LOCKED
    )
    RETURNING q.message_id
)
SELECT count(*) FROM dropped

-- name: drop_done
-- Nothing of ours is ever done and still there. What stock's tools left goes after a minute, results when they expire.
WITH dropped AS (
    DELETE FROM dramatiq.queue AS q
    WHERE q.message_id IN (
        SELECT o.message_id FROM dramatiq.queue AS o
        WHERE o.state = 'done' AND o.mtime < now() - interval '1 minute' AND coalesce(o.result_ttl < now(), true)
        LIMIT %(batch)s
        FOR UPDATE SKIP LOCKED
    )
    RETURNING q.message_id
)
SELECT count(*) FROM dropped
