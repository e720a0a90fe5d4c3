"""The instructions to the models: one file per language and purpose, `first part --- second part`.

`AI_PROMPTS_DIR` replaces them file by file (the same names below it; hidden files are left alone). What is wrong with
one is said at the start, not at the first pupil. The version is a hash of the files' content and is stored with every
result, so that a result can be traced to the words that led to it.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from string import Template

from submissions.errors import SettingsRefused
from submissions.feedback.problems import Problem
from submissions.task import LANGUAGES

FOLDER = Path(__file__).parent / "prompts"

#: Between the two parts.
_RULE = "\n---\n"


class Purpose(StrEnum):
    """What a prompt is for; also the name of its file."""

    VISION = "vision"  # system message --- user message
    FEEDBACK = "feedback"  # system message --- user message
    SECTION = "section"  # what is added when asking about a section --- its title for the pupil
    AGAIN = "again"  # what is added when asking again --- a line `problem: sentence` for each problem


#: The variables of each part: exactly these. What all pupils of a task share is the first part of FEEDBACK and nothing
#: else: only so does the model server find it in its prefix cache.
VARIABLES: Mapping[Purpose, tuple[frozenset[str], frozenset[str]]] = {
    Purpose.VISION: (frozenset(), frozenset({"page", "page_count"})),
    Purpose.FEEDBACK: (frozenset({"instruction", "criteria", "hints", "keys"}), frozenset({"boundary", "text"})),
    Purpose.SECTION: (frozenset({"number", "count"}), frozenset({"number", "count"})),
    Purpose.AGAIN: (frozenset({"reasons"}), frozenset()),
}

#: Each of them may have shaped a result.
_OF_FEEDBACK = (Purpose.FEEDBACK, Purpose.SECTION, Purpose.AGAIN)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file in its two parts. `version` is the first 12 hex digits of its SHA-256."""

    system: str
    user: str
    version: str

    def filled(self, **values: str) -> tuple[str, str]:
        """Both parts with their variables; a `$` in a value is left as it is."""
        return Template(self.system).substitute(values), Template(self.user).substitute(values)

    def sentences(self) -> dict[str, str]:
        """The second part of AGAIN: problem → sentence for the model."""
        pairs = (line.partition(":") for line in self.user.splitlines() if line.strip())
        return {problem.strip(): sentence.strip() for problem, _, sentence in pairs}


@dataclass(frozen=True, slots=True)
class Prompts:
    """All prompts, read once at start."""

    by_key: dict[tuple[str, Purpose], Prompt]

    def of(self, language: str, purpose: Purpose) -> Prompt:
        """The prompt in the task's language; German where there is none."""
        return self.by_key.get((language, purpose)) or self.by_key["de", purpose]

    def feedback_version(self, language: str) -> str:
        """Of all that leads to feedback in the task's language."""
        return _version("".join(self.of(language, purpose).version for purpose in _OF_FEEDBACK))


def load_prompts(folder: str) -> Prompts:
    """Read every prompt, ours or the operator's. Raises SettingsRefused that names the file and what is wrong."""
    names = {(language, purpose): f"{language}/{purpose}.md" for language in LANGUAGES for purpose in Purpose}
    theirs = _names_below(folder, names.values()) if folder else []
    return Prompts(
        {key: _load(Path(folder) if name in theirs else FOLDER, name, key[1]) for key, name in names.items()}
    )


def _names_below(folder: str, known: Collection[str]) -> list[str]:
    """The files of the operator's folder. Raises SettingsRefused if it is not there, or if one is not `known`."""
    root = Path(folder)
    if not root.is_dir():
        raise SettingsRefused(f"AI_PROMPTS_DIR={folder!r} is no folder")
    paths = (path for path in sorted(root.rglob("*")) if path.is_symlink() or not path.is_dir())
    names = [path.relative_to(root).as_posix() for path in paths]
    visible = [name for name in names if not any(part.startswith(".") for part in name.split("/"))]
    for name in visible:
        if name not in known:
            near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0)[0]
            raise SettingsRefused(f"{name} below AI_PROMPTS_DIR is no prompt; did you mean {near}?")
    return visible


def _load(folder: Path, name: str, purpose: Purpose) -> Prompt:
    path = folder / name
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SettingsRefused(f"the prompt {name} cannot be read as UTF-8 text") from None
    first, rule, second = content.partition(_RULE)
    if not rule:
        raise SettingsRefused(f"the prompt {name} needs a line '---' between its two parts")
    prompt = Prompt(first.strip(), second.strip(), _version(content))
    problem = _wrong_variables(prompt, purpose) or _wrong_order(prompt, purpose) or _wrong_sentences(prompt, purpose)
    if problem:
        raise SettingsRefused(f"the prompt {name} {problem}")
    return prompt


def _version(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _wrong_variables(prompt: Prompt, purpose: Purpose) -> str:
    for part, text, wanted in zip(("before", "after"), (prompt.system, prompt.user), VARIABLES[purpose], strict=True):
        template = Template(text)
        if not template.is_valid() or set(template.get_identifiers()) != wanted:
            named = ", ".join(f"${word}" for word in sorted(wanted)) or "no variable"
            return f"must use exactly {named} {part} its line '---', and write a dollar as $$"
    return ""


def _wrong_order(prompt: Prompt, purpose: Purpose) -> str:
    """The pupil's text has to be fenced."""
    before, _, after = prompt.user.partition("$text")
    if purpose is Purpose.FEEDBACK and not ("$boundary" in before and "$boundary" in after):
        return "must have $boundary on a line before and on a line after $text"
    return ""


def _wrong_sentences(prompt: Prompt, purpose: Purpose) -> str:
    if purpose is not Purpose.AGAIN:
        return ""
    sentences = prompt.sentences()
    missing = [problem for problem in Problem if not sentences.get(problem)]
    unknown = sorted(set(sentences) - set(Problem))
    return (
        f"needs after its line '---' a line '{missing[0]}: …'"
        if missing
        else (
            f"has after its line '---' a line for {unknown[0]!r}, which is no problem that there is" if unknown else ""
        )
    )
