"""The test-only routes under /_control/: rules, config, requests, state, gate and waiting. Answers are JSON.

Refusals are status 400 with one line that names the field. Nothing here exists in Ollama.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from aiohttp import web

from modelserver.scripted import fields
from modelserver.scripted.face import ScriptedFace
from modelserver.scripted.fields import InvalidField
from modelserver.scripted.state import counts, state

LONGEST_WAIT_SECONDS = 60.0


def add_control(app: web.Application, face: ScriptedFace) -> None:
    """Put the control routes of this face beside Ollama's."""
    control = Control(face)
    app.add_routes(
        [
            web.post("/_control/rules", control.append_rules),
            web.put("/_control/rules", control.replace_rules),
            web.delete("/_control/rules", control.delete_rules),
            web.get("/_control/config", control.show_config),
            web.put("/_control/config", control.change_config),
            web.get("/_control/requests", control.show_requests),
            web.delete("/_control/requests", control.forget_requests),
            web.get("/_control/state", control.show_state),
            web.post("/_control/reset", control.reset),
            web.post("/_control/hold", control.hold),
            web.post("/_control/release", control.release),
            web.get("/_control/wait", control.wait),
        ]
    )


class Control:
    """One method per route."""

    def __init__(self, face: ScriptedFace) -> None:
        self._face = face

    async def append_rules(self, request: web.Request) -> web.Response:
        return await self._with_body(request, lambda body: {"rules": self._face.rules.append(body)})

    async def replace_rules(self, request: web.Request) -> web.Response:
        return await self._with_body(request, lambda body: {"rules": self._face.rules.replace(body)})

    async def delete_rules(self, _request: web.Request) -> web.Response:
        return web.json_response({"rules": self._face.rules.replace([])})

    async def show_config(self, _request: web.Request) -> web.Response:
        return web.json_response(self._face.config.as_json())

    async def change_config(self, request: web.Request) -> web.Response:
        def change(body: object) -> object:
            self._face.reconfigure(self._face.config.changed(body))
            return self._face.config.as_json()

        return await self._with_body(request, change)

    async def show_requests(self, _request: web.Request) -> web.Response:
        return web.json_response({"requests": self._face.log.all()})

    async def forget_requests(self, _request: web.Request) -> web.Response:
        self._face.log.forget()
        return web.json_response({})

    async def show_state(self, _request: web.Request) -> web.Response:
        return web.json_response(state(self._face))

    async def reset(self, _request: web.Request) -> web.Response:
        self._face.reset()
        return web.json_response({})

    async def hold(self, request: web.Request) -> web.Response:
        """Close the gate: for all calls, or for those of `{"models": […]}`."""

        def close(body: object) -> object:
            given = fields.checked(body, {"models": fields.texts()}, "hold")
            self._face.gate.hold(frozenset(given.get("models", [])))  # type: ignore[call-overload]
            return counts(self._face)

        return await self._with_body(request, close)

    async def release(self, request: web.Request) -> web.Response:
        """Let `{"count": n}` calls pass; without a count open the gate."""

        def open_gate(body: object) -> object:
            given = fields.checked(body, {"count": fields.whole(1)}, "release")
            self._face.gate.release(given.get("count"))  # type: ignore[arg-type]
            return counts(self._face)

        return await self._with_body(request, open_gate)

    async def wait(self, request: web.Request) -> web.Response:
        """Answer as soon as each count named in the query is reached; 408 when it was not in `timeout` seconds."""
        query = dict(request.query)
        try:
            timeout = min(float(query.pop("timeout", "10")), LONGEST_WAIT_SECONDS)
            wanted = {name: int(value) for name, value in query.items()}
        except ValueError:
            return _refused("wait: timeout and counts must be numbers")
        unknown = set(wanted) - set(counts(self._face))
        if unknown:
            return _refused(f"wait.{min(unknown)}: unknown count; allowed are {', '.join(counts(self._face))}")
        reached = await self._face.changes.until(
            lambda: all(counts(self._face)[name] >= value for name, value in wanted.items()), timeout
        )
        return web.json_response(counts(self._face), status=200 if reached else 408)

    async def _with_body(self, request: web.Request, use: Callable[[object], object]) -> web.Response:
        """Apply `use` to the JSON body (an empty one counts as an empty object)."""
        raw = await request.read()
        try:
            return web.json_response(use(json.loads(raw) if raw.strip() else {}))
        except InvalidField as error:
            return _refused(str(error))
        except ValueError:
            return _refused("body: must be JSON")


def _refused(line: str) -> web.Response:
    return web.json_response({"error": line}, status=400)
