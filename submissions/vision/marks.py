"""How a text says at its place that something could not be read, in the words that the prompts ask a model for."""

from __future__ import annotations

import re

_ILLEGIBLE = {"de": "[unleserlich]", "en": "[illegible]"}
_FROM_HERE_ON = {"de": "[ab hier unleserlich]", "en": "[illegible from here on]"}
_SAYS_SO = r"(?:the|this) page is (?:empty|blank)|(?:die|diese) seite ist leer"
_NOTHING = re.compile(
    rf"[\[(]\s*(?:leer|leere seite|seite leer|leeres blatt|empty|empty page|page empty|blank|blank page|{_SAYS_SO})"
    rf"\.?\s*[\])]|{_SAYS_SO}",
    re.IGNORECASE,
)
#: Around such words.
_MARKUP = "*_`#>. "


def marked(kept: str, language: str) -> str:
    """The text of a page that could not be read, or only up to a point. `kept`: what was read, maybe nothing."""
    if not kept:
        return _ILLEGIBLE.get(language, _ILLEGIBLE["de"])
    return f"{kept}\n\n{_FROM_HERE_ON.get(language, _FROM_HERE_ON['de'])}"


def says_nothing_is_there(text: str) -> bool:
    """Whether a model says that a page holds nothing: as the prompt asks it to, or in a sentence."""
    return bool(_NOTHING.fullmatch(text.replace("\\", "").strip(_MARKUP)))
