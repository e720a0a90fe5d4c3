-- What measuring and checking ask. Nothing here shows a pupil's words, file names or keys.

-- name: claim_times
-- How long the unit of a claim was due, and how long its submission has been waiting, in seconds.
SELECT a.waited_ms / 1000.0::double precision, extract(epoch FROM clock_timestamp() - w.accepted_at)::double precision
FROM learning_attempts a JOIN learning_work w ON w.submission_id = a.submission_id
WHERE a.submission_id = %(submission_id)s AND a.step = %(step)s AND a.page = %(page)s AND a.claim = %(claim)s

-- name: patience
-- This transaction waits no longer for any statement.
SELECT set_config('statement_timeout', %(milliseconds)s::text, true)
