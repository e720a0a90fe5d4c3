"""The `options` of a request: which exist, of which type, and Ollama's refusal of a wrong type.

Ollama answers a wrong type with status 500 (api/types.go, `FromMap`), ignores null and only logs unknown names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from modelserver.errors import ApiError


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_TYPES: dict[str, Callable[[object], bool]] = {
    "integer": _is_number,
    "float32": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "array": _is_strings,
}

_INTEGERS = (
    "num_ctx num_batch num_gpu main_gpu num_thread draft_num_predict num_keep seed num_predict top_k repeat_last_n"
)
_FLOATS = "top_p min_p typical_p temperature repeat_penalty presence_penalty frequency_penalty"
OPTION_TYPES: Mapping[str, str] = {
    **dict.fromkeys(_INTEGERS.split(), "integer"),
    **dict.fromkeys(_FLOATS.split(), "float32"),
    "use_mmap": "boolean",
    "stop": "array",
}

# A difference in one of these makes Ollama load the model anew (server/sched.go, `needsReload`).
LOAD_OPTIONS = ("num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread", "draft_num_predict")


def checked(options: Mapping[str, object]) -> dict[str, object]:
    """The known options with their values. Raises ApiError 500 for a value of the wrong type."""
    kept: dict[str, object] = {}
    for name, value in options.items():
        expected = OPTION_TYPES.get(name)
        if expected is None or value is None:
            continue
        if not _TYPES[expected](value):
            raise ApiError(500, f'option "{name}" must be of type {expected}')
        kept[name] = int(value) if expected == "integer" else value  # type: ignore[call-overload]
    return kept
