"""What models put around the text of a page. Each function undoes one habit and leaves the page as it is."""

from __future__ import annotations

import re

from submissions.answers import storable
from submissions.vision.first_line import behind_first_line
from submissions.vision.words import KINDS

_REASONING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
#: Some templates open the tag themselves, so that only its end is said.
_REASONING_BEFORE = re.compile(r"\A.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\A(```|~~~)[\w-]*[ \t]*\n(.*?)\n?(?:\1)?\s*\Z", re.DOTALL)
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


def page_of(text: str) -> str:
    """The page in an answer: without reasoning, first line, a fence around the whole, and talk before and behind it."""
    text = storable(without_reasoning(text))
    page = behind_first_line(text)
    bare = _without_announcement(text) if page is None else page
    text = _without_leave(bare, talked=page is None and bare != text)
    fenced = _FENCE.match(text)
    if fenced and f"\n{fenced.group(1)}" not in fenced.group(2):
        text = fenced.group(2).strip()
    return text


def without_reasoning(text: str) -> str:
    """Also where the reasoning never came to its end: what follows is no page."""
    text = _REASONING.sub("", text)
    return _REASONING_BEFORE.sub("", text)


def begins_as_asked(text: str) -> bool:
    """Whether an answer has the first line that the prompts ask for."""
    return behind_first_line(without_reasoning(text)) is not None


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
