"""What models put around the text of a page. Each function undoes one habit and leaves the page as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from submissions.answers import storable
from submissions.vision.first_line import is_first_line, without_closing_mark, without_mark
from submissions.vision.words import KINDS

#: At the beginning of an answer; where it does not come to its end, what follows is no page.
_REASONING = re.compile(r"\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
#: Some templates open the tag themselves, so that only its end is said.
_REASONING_BEFORE = re.compile(r".*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"(```|~~~)[\w-]*[ \t]*\n")
#: Byte order marks and spaces without width.
_INVISIBLE = "\ufeff\u200b\u2060"
#: The first line is looked for in so many lines.
_BEFORE_AT_MOST = 6
#: Bold type and headings around a line of talk are part of it.
_MARKUP = "#*_> "

#: An announcement ends in a colon and says of a text that it follows; pupils say so of their own texts and pictures,
#: worksheets "Read the following text:".
_PUPILS = ("own", "scene", "exercise")
_ANNOUNCES = re.compile(
    r"\b(?:here(?:'s| is| are|,)|below|following|as follows|reads|says|is written|requested|this is|i(?:'ve| have)"
    r"|hier|folgen\w*|nachfolgend\w*|lautet|steht|das ist|gewünscht|ich habe)\b"
    r"|\b(?:content|text|inhalt)\b.* (?:is|ist):"
)
_TEXT = re.compile(
    r"\b(?:text|content|wording|\w*transcri\w*|cop(?:y|ied)|word for word|verbatim"
    r"|inhalt|wortlaut|\w*transkri\w*|ab(?:ge)?schr\w*|wörtlich\w*)\b"
)
#: Pupils put pictures below such a line as well, so it has to say that something is written there.
_PAPER_SAYS = re.compile(
    r"(?=.*\b(?:page|image|picture|photo|scan|seite|bild(?:es)?|foto)\b)"
    r".*\b(?:reads|says|is written|steht|lautet)\b"
)
#: All that such a line, or a heading, may say without announcing.
_TITLE = re.compile(
    r"(?:(?:the |die )?(?:transcription|transcript|transkription|transkript|abschrift|copied text|transcribed text"
    r"|abgeschriebener text)(?: (?:of|on|from|in|auf|von|aus|des|der|de[mr])(?: \w+){1,2})?"
    r"|text (?:of|on|from|in|auf|von|aus|des|der)(?: (?:the|this|der|dem))? (?:page|image|picture|seite|bild(?:es)?)"
    r"|here you go|bitte sehr|page \d+ of \d+|seite \d+ von \d+)"
)
#: What else may stand before the first line.
_COURTESY = re.compile(
    r"(?:sure|of course|certainly|okay|ok|alright|here you go|gern[e]?|natürlich|klar|selbstverständlich|bitte sehr"
    r"|verstanden|understood|page \d+(?: of \d+)?|seite \d+(?: von \d+)?)[.!:,]*"
)
_ANNOUNCEMENT_AT_MOST = 120

_OFFERS = re.compile(
    r"\b(?:let me know|if you(?:'d| need| want| have)|would you like|is there|feel free|need any"
    r"|lass mich wissen|sag bescheid|(?:falls|wenn) (?:du|sie|ich)|möchtest du|möchten sie)\b"
)
_MORE_PAGES = re.compile(
    r"\b(?:assist you|more pages|another page|transcri\w*|weitere seiten|transkri\w*"
    r"|ab(?:zu)?schreiben (?:soll|lassen|möchte)\w*)\b"
)
#: Pupils' letters end so as well.
_MORE = re.compile(r"\b(?:anything|else|other|further|more|weitere\w*|noch (?:fragen|etwas|eine))\b")
_ON_COPYING = re.compile(
    r"(?=.*\b(?:mistakes|errors|spelling|line breaks|fehler|rechtschreib\w*|zeilenumbr\w*)\b)"
    r"(?=.*\b(?:kept|left|preserved|beibehalten|gelassen|übernommen)\b)"
    r".*\b(?:original\w*|ursprünglich\w*|as they were|as on the page|on the page|auf der seite)\b"
)
_END = re.compile(
    r"\A[(\[](?:end|ende) (?:of|der|des) (?:the )?"
    r"(?:page|text|transcription|transcript|copy|seite|textes|abschrift|transkription|transkripts)[)\]]\Z"
)
_HOPES = re.compile(r"hope (?:this|that) helps|hoffe, das hilft")
#: Such a line is short; a longer last one is the page's.
_LEAVE_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Copied:
    """`text`: the page in an answer. `begun`: whether the answer had the first line that the prompts ask for."""

    text: str
    begun: bool


def copied(answer: str) -> Copied:
    """The page in an answer: without reasoning, first line, a fence around the whole, and talk before and behind it."""
    whole = storable(answer.replace("\r\n", "\n").lstrip(_INVISIBLE))
    for text in (whole, without_reasoning(whole)):
        if found := _behind_first_line(text):
            page = _without_leave(found.text) if found.talked else found.text
            return Copied(without_closing_mark(_unfenced(page)).strip(), begun=True)
    return Copied(_unfenced(without_mark(_without_talk(text))), begun=False)


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
    """None if there is no such line. Before it may stand the beginning of a fence, which is kept, and talk."""
    lines, fence, talked = text.split("\n"), "", False
    for number, line in enumerate(lines[:_BEFORE_AT_MOST]):
        if is_first_line(line):
            return _Behind(_fenced(fence, _behind_repeated("\n".join(lines[number + 1 :]))), talked)
        begins_fence = not fence and _FENCE.match(f"{line}\n")
        if begins_fence:
            fence = begins_fence.group(1)
        elif _announces(line) or _COURTESY.fullmatch(_said(line)):
            talked = True
        elif line.strip():
            return None
    return None


def _behind_repeated(page: str) -> str:
    """Some models write the first line twice."""
    line, _, rest = page.strip().partition("\n")
    return rest.strip() if is_first_line(line) else page.strip()


def _fenced(fence: str, page: str) -> str:
    """The page in the fence that began before its first line; one around that line alone goes with it."""
    if not fence:
        return page
    first, _, rest = page.partition("\n")
    return rest.strip() if first.strip() == fence else f"{fence}\n{page}"


def _unfenced(text: str) -> str:
    """Without the fence around the whole; fences within it, of code, come in pairs."""
    begun = _FENCE.match(text)
    if not begun:
        return text
    fence, page = begun.group(1), text[begun.end() :].rstrip()
    within = page.removesuffix(fence)
    lines = sum(line.startswith(fence) for line in within.split("\n"))
    closed = within != page
    return within.strip() if lines == 0 or (closed and lines % 2 == 0) else text


def _without_talk(text: str) -> str:
    line, _, rest = text.partition("\n")
    if _announces(line):
        return _without_leave(rest.strip())
    paragraphs = text.rpartition("\n\n")
    return paragraphs[0].strip() if paragraphs[0] and _speaks_of_copying(_said(paragraphs[2])) else text


def _announces(line: str) -> bool:
    said = _said(line)
    bare = said.rstrip(":").strip(_MARKUP)
    if _TITLE.fullmatch(bare):
        return said.endswith(":") or line.startswith(("#", "**"))
    short = len(said) <= _ANNOUNCEMENT_AT_MOST and said.endswith(":")
    pupils = any(KINDS[name].search(said) for name in _PUPILS)
    of_text = (_ANNOUNCES.search(said) and _TEXT.search(said)) or _PAPER_SAYS.match(said)
    return short and bool(of_text) and not pupils


def _without_leave(text: str) -> str:
    """Of a page that was announced: a polite last line is the model's as well."""
    page, _, line = text.rpartition("\n")
    said = _said(line)
    offers = _OFFERS.search(said) and (_MORE_PAGES.search(said) or _MORE.search(said))
    polite = len(said) <= _LEAVE_AT_MOST and (offers or _HOPES.search(said) or _speaks_of_copying(said))
    return page.strip() if page and polite else text


def _speaks_of_copying(said: str) -> bool:
    """Whether a last line can only be a model's: it tells how it copied, offers to go on, hopes and offers."""
    offers = _OFFERS.search(said)
    of_pages = _ON_COPYING.match(said) or _END.match(said) or (offers and _MORE_PAGES.search(said))
    return len(said) <= _LEAVE_AT_MOST and bool(of_pages or (offers and _HOPES.search(said)))


def _said(line: str) -> str:
    return line.lower().replace("’", "'").strip(_MARKUP)
