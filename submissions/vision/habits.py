"""What models put around the text of a page. Each function undoes one habit and leaves the page as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from submissions.answers import storable
from submissions.vision.first_line import is_first_line, without_closing_mark, without_mark
from submissions.vision.talk import may_precede, without_leave, without_talk

#: At the beginning of an answer; where it does not come to its end, what follows is no page.
_REASONING = re.compile(r"\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
#: Some templates open the tag themselves, so that only its end is said.
_REASONING_BEFORE = re.compile(r"(?:(?!<think).)*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"(```|~~~)[\w-]*[ \t]*\n")
#: Byte order marks and spaces without width.
_INVISIBLE = "\ufeff\u200b\u2060"
#: The first line is looked for in so many lines.
_BEFORE_AT_MOST = 6


@dataclass(frozen=True, slots=True)
class Copied:
    """`text`: the page in an answer. `begun`: whether the answer had the first line that the prompts ask for."""

    text: str
    begun: bool


def copied(answer: str) -> Copied:
    """The page in an answer: without reasoning, first line, a fence around the whole, and talk before and behind it."""
    whole = storable(storable(answer.replace("\r\n", "\n")).lstrip(_INVISIBLE))
    rest = without_reasoning(whole)
    # A page may hold such tags itself; behind the first line nothing is reasoning.
    found = _behind_first_line(whole) or _behind_first_line(rest)
    if not found:
        return Copied(_unfenced(without_mark(without_talk(rest))), begun=False)
    page = without_leave(found.text) if found.talked else found.text
    return Copied(without_closing_mark(_unfenced(page)).strip(), begun=True)


def page_of(answer: str) -> str:
    """The text alone of what was copied."""
    return copied(answer).text


def without_reasoning(text: str) -> str:
    """What stands behind the reasoning at an answer's beginning."""
    found = _REASONING.match(text) or _REASONING_BEFORE.match(text)
    return text[found.end() :].strip() if found else text


@dataclass(frozen=True, slots=True)
class _Behind:
    """What stands behind the first line. `talked`: it was announced."""

    text: str
    talked: bool


def _behind_first_line(text: str) -> _Behind | None:
    """None if there is no such line. Before it may stand the beginning of a fence, and talk."""
    lines, fence, talked = text.split("\n"), "", False
    for number, line in enumerate(lines[:_BEFORE_AT_MOST]):
        if is_first_line(line):
            return _Behind(_out_of(fence, _behind_repeated("\n".join(lines[number + 1 :]))), talked)
        begins_fence = not fence and _FENCE.match(f"{line}\n")
        if begins_fence:
            fence = begins_fence.group(1)
        elif may_precede(line):
            talked = True
        elif line.strip():
            return None
    return None


def _behind_repeated(page: str) -> str:
    """Some models write the first line twice."""
    line, _, rest = page.strip().partition("\n")
    return rest.strip() if is_first_line(line) else page.strip()


def _out_of(fence: str, page: str) -> str:
    """The page in the fence that began before its first line; its end is behind that line alone, or behind all."""
    lines = page.rstrip().split("\n")
    ends_it = bool(fence) and sum(line.startswith(fence) for line in lines) % 2 == 1
    if ends_it and lines[-1].strip() == fence:
        return "\n".join(lines[:-1]).strip()
    return "\n".join(lines[1:]).strip() if ends_it and lines[0].strip() == fence else page


def _unfenced(text: str) -> str:
    """Without the fence around the whole; fences within it, of code, come in pairs."""
    begun = _FENCE.match(text)
    if not begun:
        return text
    fence, page = begun.group(1), text[begun.end() :].rstrip()
    within = page.removesuffix(fence)
    others = [line.strip() for line in within.split("\n") if line.startswith(fence)]
    around = within != page and len(others) % 2 == 0 and others[:1] != [fence]
    return within.strip() if around or not others else text
