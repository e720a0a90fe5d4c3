"""The circuits of a worker process: one for the model server, one for each model; and who needs which."""

from __future__ import annotations

from submissions.breaker.circuit import Circuit
from submissions.errors import Fault, Reach, ServerFault
from submissions.lifecycle import Stage
from submissions.settings import Settings

#: What the events call the circuit that is no model's.
SERVER = "the model server"


class Circuits:
    """Built once; the circuits themselves change."""

    def __init__(self, settings: Settings) -> None:
        self._models = {Stage.VISION: settings.vision_model, Stage.FEEDBACK: settings.feedback_model}
        failures = settings.worker_outage_failures
        self.server = Circuit(SERVER, failures)
        self._of_models = {model: Circuit(model, failures) for model in self._models.values()}

    @property
    def all(self) -> tuple[Circuit, ...]:
        return (self.server, *self._of_models.values())

    def needed_for(self, model: str) -> tuple[Circuit, ...]:
        """Those that must be closed before this model is asked."""
        return self.server, self._of_models[model]

    def stages_of(self, circuit: Circuit) -> list[Stage]:
        """The stages that cannot go on while it is open."""
        return [stage for stage, model in self._models.items() if circuit in self.needed_for(model)]

    def paused(self, stage: Stage) -> bool:
        return any(circuit.is_open for circuit in self.needed_for(self._models[stage]))

    def blamed(self, model: str, fault: Fault) -> Circuit | None:
        """The one that a failure is held against; None: the model server did its part."""
        if fault.reach is Reach.SERVER:
            return self.server
        if fault.reach is Reach.MODEL or isinstance(fault, ServerFault):
            return self._of_models[model]
        return None
