"""The instructions to the models: one file per language and purpose, `system part --- user part`.

`AI_PROMPTS_DIR` replaces them file by file (the same names below it). The version is the hash of the file's content
and is stored with every result, so that a result can be traced to the words that led to it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from string import Template

from submissions.errors import SettingsRefused
from submissions.task import LANGUAGES

FOLDER = Path(__file__).parent / "prompts"

#: Between the system part and the user part.
_RULE = "\n---\n"


class Purpose(StrEnum):
    """What a prompt is for; also the name of its file."""

    VISION = "vision"
    FEEDBACK = "feedback"


#: The variables of each prompt; a file must use no other.
VARIABLES = {
    Purpose.VISION: {"page", "page_count"},
    Purpose.FEEDBACK: {"instruction", "criteria", "hints", "keys", "text"},
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file. `version` is the first 12 hex digits of its SHA-256."""

    system: str
    user: str
    version: str

    def filled(self, **values: str) -> tuple[str, str]:
        """System and user message; a `$` in a value is left as it is."""
        return Template(self.system).substitute(values), Template(self.user).substitute(values)


@dataclass(frozen=True, slots=True)
class Prompts:
    """All prompts, read once at start."""

    by_key: dict[tuple[str, Purpose], Prompt]

    def of(self, language: str, purpose: Purpose) -> Prompt:
        """The prompt in the task's language; German where there is none."""
        return self.by_key.get((language, purpose)) or self.by_key["de", purpose]


def load_prompts(folder: str) -> Prompts:
    """Read every prompt, ours or the operator's. Raises SettingsRefused that names the file and what is wrong."""
    keys = [(language, purpose) for language in LANGUAGES for purpose in Purpose]
    return Prompts({(language, purpose): _load(folder, language, purpose) for language, purpose in keys})


def _load(folder: str, language: str, purpose: Purpose) -> Prompt:
    name = Path(language) / f"{purpose}.md"
    path = Path(folder) / name if folder and (Path(folder) / name).is_file() else FOLDER / name
    content = path.read_text(encoding="utf-8")
    system, rule, user = content.partition(_RULE)
    if not rule:
        raise SettingsRefused(f"the prompt {name} needs a line '---' between system part and user part")
    template = Template(content)
    used = set(template.get_identifiers())
    if not template.is_valid() or used != VARIABLES[purpose]:
        wanted = ", ".join(f"${word}" for word in sorted(VARIABLES[purpose]))
        raise SettingsRefused(f"the prompt {name} must use each of {wanted}, no other, and write a dollar as $$")
    return Prompt(system.strip(), user.strip(), hashlib.sha256(content.encode()).hexdigest()[:12])
