"""Work pauses while the model server, or a model, cannot be had: a few looks instead of every unit failing.

    with breaker.asking(request, submission_id):
        answer = model_server.ask(request)

circuit     what is known of the model server, or of one model: closed, or open with its cause
circuits    all of them, and which failure concerns which
breaker     pauses and resumes the queues of this process
watch       looks whether it is back, in a thread that lives as long as the circuit is open
probe       what such a look asks

Settings: WORKER_OUTAGE_FAILURES, WORKER_PROBE_SECONDS, WORKER_GIVE_UP_HOURS.
Events: server.away, server.back, setup.wrong, submission.failed.
"""

from submissions.breaker.breaker import Breaker, Queues

__all__ = ["Breaker", "Queues"]
