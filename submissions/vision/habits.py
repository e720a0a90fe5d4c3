"""What models put around the text of a page. Each function undoes one habit and leaves the page as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from submissions.answers import storable
from submissions.vision.first_line import is_first_line, without_marks
from submissions.vision.words import KINDS

_REASONING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
#: Some templates open the tag themselves, so that only its end is said.
_REASONING_BEFORE = re.compile(r"\A.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
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
    r"\b(?:text|content|wording|page|image|picture|photo|scan|\w*transcri\w*|cop(?:y|ied)|word for word|verbatim"
    r"|inhalt|wortlaut|seite|bild(?:es)?|foto|\w*transkri\w*|ab(?:ge)?schr\w*|wörtlich\w*)\b"
)
#: All that such a line, or a heading, may say without announcing.
_TITLE = re.compile(
    r"(?:(?:the |die )?(?:transcription|transcript|transkription|transkript|abschrift|copied text|transcribed text"
    r"|abgeschriebener text|text)(?: (?:of|on|from|in|auf|von|aus|des|der|de[mr])(?: \w+){1,2})?"
    r"|here you go|bitte sehr|page \d+ of \d+|seite \d+ von \d+)"
)
_ANNOUNCEMENT_AT_MOST = 120

_OFFERS = re.compile(
    r"\b(?:let me know|if you(?:'d| need| want| have)|would you like|is there|feel free|need any"
    r"|lass mich wissen|sag bescheid|(?:falls|wenn) (?:du|sie|ich)|möchtest du|möchten sie)\b"
)
_MORE_PAGES = re.compile(
    r"\b(?:assist\w*|more pages|transcri\w*|copied|weitere seiten|abschr\w*|transkri\w*|ab(?:zu)?schreib\w*)\b"
)
#: Pupils' letters end so as well.
_MORE = re.compile(r"\b(?:anything|else|other|further|more|weitere\w*|noch (?:fragen|etwas))\b")
_ON_COPYING = re.compile(
    r"\A(?=.*\b(?:(?:i|i've|have|has|were|been) (?:kept|left|preserved)"
    r"|(?:habe|wurden?)\b.*\b(?:beibehalten|gelassen|übernommen))\b)"
    r".*\b(?:mistakes|errors|spelling|line breaks|fehler|rechtschreib\w*|zeilenumbr\w*)\b"
)
_END = re.compile(r"\A[(\[](?:end|ende) (?:of|der|des) [^)\]]{1,40}[)\]]\Z")
_HOPES = re.compile(r"hope (?:this|that) helps|hoffe, das hilft")
#: Talk is short; a longer last paragraph is the page's.
_TALK_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Copied:
    """`text`: the page in an answer. `begun`: whether the answer had the first line that the prompts ask for."""

    text: str
    begun: bool


def copied(answer: str) -> Copied:
    """The page in an answer: without reasoning, first line, a fence around the whole, and talk before and behind it."""
    text = storable(without_reasoning(answer).lstrip(_INVISIBLE))
    found = _behind_first_line(text)
    if found:
        bare, talked = found
    else:
        bare = _without_announcement(text)
        talked = bare != text
    page = without_marks(_without_leave(bare, talked=talked), begun=found is not None)
    return Copied(_unfenced(page), begun=found is not None)


def page_of(answer: str) -> str:
    """The text alone of what was copied."""
    return copied(answer).text


def without_reasoning(text: str) -> str:
    """Also where the reasoning never came to its end: what follows is no page."""
    text = _REASONING.sub("", text)
    return _REASONING_BEFORE.sub("", text)


def _behind_first_line(text: str) -> tuple[str, bool] | None:
    """What stands behind the first line, and whether there was talk before it; None if there is no such line.

    Before it may stand the beginning of a fence, which is kept, and an announcement.
    """
    lines, fence, talked = text.split("\n"), "", False
    for number, line in enumerate(lines[:_BEFORE_AT_MOST]):
        if is_first_line(line):
            return _fenced(fence, "\n".join(lines[number + 1 :]).strip()), talked
        begins_fence = not fence and _FENCE.match(f"{line}\n")
        if begins_fence:
            fence = begins_fence.group(1)
        elif _announces(line):
            talked = True
        elif line.strip():
            return None
    return None


def _fenced(fence: str, page: str) -> str:
    """The page in the fence that began before its first line; one around that line alone goes with it."""
    if not fence:
        return page
    first, _, rest = page.partition("\n")
    return rest.strip() if first.strip() == fence else f"{fence}\n{page}"


def _unfenced(text: str) -> str:
    begun = _FENCE.match(text)
    if not begun:
        return text
    page = text[begun.end() :].rstrip().removesuffix(begun.group(1))
    return text if f"\n{begun.group(1)}" in page else page.strip()


def _without_announcement(text: str) -> str:
    line, _, rest = text.partition("\n")
    return rest.strip() if _announces(line) else text


def _announces(line: str) -> bool:
    said = _said(line)
    bare = said.rstrip(":").strip(_MARKUP)
    if _TITLE.fullmatch(bare):
        return said.endswith(":") or line.startswith(("#", "**"))
    short = len(said) <= _ANNOUNCEMENT_AT_MOST and said.endswith(":")
    pupils = any(KINDS[name].search(said) for name in _PUPILS)
    return short and bool(_ANNOUNCES.search(said) and _TEXT.search(said)) and not pupils


def _without_leave(text: str, *, talked: bool) -> str:
    """`talked`: there was talk before the page, so a polite sentence behind it is the model's as well."""
    page, _, line = text.rpartition("\n")
    return page.strip() if page and _takes_leave(_said(line), talked=talked) else text


def _takes_leave(said: str, *, talked: bool) -> bool:
    if len(said) > _TALK_AT_MOST:
        return False
    offers, hopes = _OFFERS.search(said), _HOPES.search(said)
    of_pages = _ON_COPYING.search(said) or _END.match(said) or (offers and _MORE_PAGES.search(said))
    polite = (hopes and offers) or (talked and (hopes or (offers and _MORE.search(said))))
    return bool(of_pages or polite)


def _said(line: str) -> str:
    return line.lower().replace("’", "'").strip(_MARKUP)
