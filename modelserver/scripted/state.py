"""What GET /_control/state tells: how much is under way in all and per model."""

from __future__ import annotations

from modelserver.scripted.face import ScriptedFace


def counts(face: ScriptedFace) -> dict[str, int]:
    """What a test can wait for: calls received, ended, in flight now, and held at the gate."""
    return {**face.log.counts(), "held": face.gate.held}


def state(face: ScriptedFace) -> dict[str, object]:
    """`counts`, calls that wait for a load, the most in flight at once, and per model its slots and loads."""
    models = {name for name in face.log.max_in_flight if name} | set(face.scheduler.loads)
    return {
        **counts(face),
        "max_in_flight": face.log.max_in_flight[""],
        "pending": face.scheduler.pending,
        "models": {name: _of_model(face, name) for name in sorted(models)},
    }


def _of_model(face: ScriptedFace, name: str) -> dict[str, int]:
    slots = face.scheduler.slots_of(name)
    return {
        "in_flight": face.log.in_flight[name],
        "max_in_flight": face.log.max_in_flight[name],
        "running": slots.running if slots else 0,
        "max_running": slots.max_running if slots else 0,
        "waiting": slots.waiting if slots else 0,
        "loads": face.scheduler.loads[name],
    }
