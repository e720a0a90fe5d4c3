"""Building the scripted server from its command-line arguments."""

from __future__ import annotations

import json
from pathlib import Path

from aiohttp import web

from modelserver import api
from modelserver.process import StartError, is_loopback
from modelserver.scripted import fields
from modelserver.scripted.control import add_control
from modelserver.scripted.face import ScriptedFace
from modelserver.scripted.fields import InvalidField

_SCRIPT_FIELDS = {"config": fields.anything(), "rules": fields.anything()}


def scripted_application(script: Path | None, log: Path | None, host: str) -> web.Application:
    """The application with the script's configuration and rules. Raises StartError."""
    try:
        face = ScriptedFace(log)
    except OSError as error:
        raise StartError(f"--log {log}: {error.strerror}") from None
    if script:
        _apply(script, face)
    app = api.build(face, on_loopback=is_loopback(host))
    add_control(app, face)
    return app


def _apply(script: Path, face: ScriptedFace) -> None:
    try:
        given = fields.checked(json.loads(script.read_text("utf-8")), _SCRIPT_FIELDS, "script")
        face.reconfigure(face.config.changed(given.get("config", {})))
        face.rules.replace(given.get("rules", []))
    except OSError as error:
        raise StartError(f"--script {script}: {error.strerror}") from None
    except InvalidField as error:
        raise StartError(f"--script {script}: {error}") from None
    except ValueError:
        raise StartError(f"--script {script}: must be a JSON object") from None
