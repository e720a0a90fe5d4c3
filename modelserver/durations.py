"""Durations as Ollama writes and reads them: integer nanoseconds out, numbers or Go duration strings in."""

from __future__ import annotations

import math
import re

from modelserver.errors import ApiError

_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)")


def nanoseconds(seconds: float) -> int:
    return round(seconds * 1_000_000_000)


def keep_alive_seconds(value: object) -> float:
    """Seconds of a `keep_alive`; negative means for ever (infinity). Raises ApiError 400.

    A JSON number counts seconds; a string needs a unit (api/types.go, `Duration.UnmarshalJSON`).
    """
    if isinstance(value, str):
        seconds = _go_duration(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    else:
        raise ApiError(400, "json: cannot unmarshal keep_alive")
    return math.inf if seconds < 0 else seconds


def _go_duration(text: str) -> float:
    sign, digits = (-1.0, text[1:]) if text.startswith("-") else (1.0, text)
    if digits == "0":
        return 0.0
    parts = _PART.findall(digits)
    if not parts or "".join(number + unit for number, unit in parts) != digits:
        problem = "missing unit in" if re.fullmatch(r"\d+(\.\d+)?", digits) else "invalid"
        raise ApiError(400, f'time: {problem} duration "{text}"')
    return sign * sum(float(number) * _UNITS[unit] for number, unit in parts)
