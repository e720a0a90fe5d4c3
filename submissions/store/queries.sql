-- The statements of the store. A header names one, the comment below it says what for.
-- Rows are those of the pupil in app.current_sub, by row-level security; changes go through functions alone.

-- name: claim
SELECT outcome, claim, attempt, reason
FROM learning_claim(
    %(submission_id)s, %(step)s, %(page)s, %(message_id)s, %(worker)s, %(alone)s, %(max_attempts)s, %(max_crashes)s,
    %(cached_text_md)s
)

-- name: load_files
-- The files of a submission, in order.
SELECT position, storage_key, mime_type, size_bytes, sha256
FROM learning_files WHERE submission_id = %(submission_id)s ORDER BY position

-- name: load_page
-- One page: its file, its place in it, and the language of the task.
SELECT f.position, f.storage_key, f.mime_type, f.size_bytes, f.sha256, p.page_index, w.page_count, t.language
FROM learning_pages p
JOIN learning_files f ON f.submission_id = p.submission_id AND f.position = p.file_position
JOIN learning_work w ON w.submission_id = p.submission_id
JOIN learning_task_contexts t ON t.submission_id = p.submission_id
WHERE p.submission_id = %(submission_id)s AND p.page = %(page)s

-- name: load_text
-- What feedback is written on: the pupil's text and the task as it was.
SELECT s.text_body, t.language, t.instruction_md, t.criteria, t.hints_md
FROM learning_submissions s JOIN learning_task_contexts t ON t.submission_id = s.id
WHERE s.id = %(submission_id)s

-- name: store_opened
SELECT learning_store_opened(%(submission_id)s, %(claim)s, %(pages)s)

-- name: store_page
SELECT learning_store_page(
    %(submission_id)s, %(page)s, %(claim)s, %(text_md)s, %(model)s, %(prompt_version)s, %(cost)s, %(source)s,
    %(problem)s
)

-- name: store_feedback
SELECT learning_store_feedback(
    %(submission_id)s, %(claim)s, %(feedback_md)s, %(analysis)s, %(model)s, %(prompt_version)s, %(parse_status)s, %(cost)s,
    %(details)s
)

-- name: end_attempt
SELECT learning_end_attempt(
    %(submission_id)s, %(step)s, %(page)s, %(claim)s, %(verdict)s, %(reason)s, %(message)s, %(error_code)s,
    %(of_page)s, make_interval(secs => %(delay_seconds)s), %(max_attempts)s, make_interval(secs => %(max_wait_seconds)s)
)

-- name: give_up
SELECT submission_id, step, page, claim, spent, age_seconds
FROM learning_give_up(%(stage)s, %(reason)s, %(message)s, make_interval(secs => %(max_wait_seconds)s), %(limit)s)

-- name: submit
SELECT learning_submit(
    p_student_sub => %(student_sub)s, p_task => %(task)s, p_text => %(text)s, p_files => %(files)s,
    p_idempotency_key => %(idempotency_key)s, p_course_id => %(course_id)s, p_task_id => %(task_id)s,
    p_priority => %(priority)s, p_cached_text_md => %(cached_text_md)s
)

-- name: submission
-- All that the pupil and the platform may see of a submission.
SELECT s.id AS submission_id, s.student_sub, s.kind, s.attempt_nr, s.analysis_status, s.error_code, w.reason,
    w.page_count, (SELECT count(*) FROM learning_pages p WHERE p.submission_id = s.id AND p.text_md IS NOT NULL) AS pages_read,
    s.text_body, s.feedback_md, s.analysis_json, s.vision_last_error, s.feedback_last_error, s.created_at, s.completed_at,
    r.model AS feedback_model, r.prompt_version, r.parse_status, r.details,
    s.internal_metadata -> 'unreadable_pages' AS unreadable_pages,
    s.internal_metadata -> 'doubtful_pages' AS doubtful_pages
FROM learning_submissions s
LEFT JOIN learning_work w ON w.submission_id = s.id
LEFT JOIN learning_results r ON r.submission_id = s.id
WHERE s.id = %(submission_id)s

-- name: overview
SELECT submission_id, student_sub, kind, analysis_status, error_code, reason, pages_read, page_count, created_at, completed_at
FROM learning_overview(%(submission_id)s, %(student_sub)s, %(status)s, %(limit)s)

-- name: gauges
SELECT name, labels, value FROM learning_gauges()

-- name: withdraw
SELECT learning_withdraw(%(submission_id)s)

-- name: lost_claims
-- The places, from 1, of those claims that are not the worker's any more.
SELECT learning_lost_claims(%(submissions)s::uuid[], %(steps)s, %(pages)s::integer[], %(claims)s::bigint[])

-- name: find
SELECT total, submission_id, student_sub, task_id, kind, stage, analysis_status, error_code, reason, pages_read, page_count,
    runs, changed_at
FROM learning_find(
    %(ids)s::uuid[], %(state)s, %(stage)s, %(error)s, %(since)s, %(task)s, %(student_sub)s, %(limit)s
)

-- name: history
SELECT learning_history(%(submission_id)s)

-- name: requeue
SELECT learning_requeue(%(submission_id)s, %(by)s, %(why)s)

-- name: discard
SELECT learning_discard(%(submission_id)s, %(by)s, %(why)s)

-- name: elect
-- Exactly one process per period gets a row back.
UPDATE dramatiq.chore SET next_at = now() + make_interval(secs => %(period)s)
WHERE name = 'upkeep' AND next_at <= now()
RETURNING true

-- name: ring_again
SELECT learning_ring_again(%(limit)s)

-- name: free_abandoned
SELECT learning_free_abandoned(make_interval(secs => %(longest)s), %(limit)s)

-- name: route_forgotten
SELECT learning_route_forgotten(%(limit)s)

-- name: prune_attempts
SELECT learning_prune_attempts(make_interval(days => %(days)s), %(limit)s)

-- name: expire
SELECT submission_id, storage_keys FROM learning_expire(make_interval(days => %(days)s), %(limit)s)

-- name: forget
SELECT learning_forget(%(submissions)s::uuid[])
