"""What models put around the text of a page. Each function undoes one habit and leaves the page as it is."""

from __future__ import annotations

import re

from submissions.answers import storable

_REASONING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
#: Some templates open the tag themselves, so that only its end is said.
_REASONING_BEFORE = re.compile(r"\A.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\A```[\w-]*[ \t]*\n(.*?)\n?(?:```)?\s*\Z", re.DOTALL)

_PAGE = (
    r"(?:transcri|transkri|abschrift|abgeschrieben|copied text|following text|folgende[rn]? text|what is written"
    r"|text (?:from|on|in|of) the|text (?:auf|von|in) de|text der seite)"
)
#: How such a line begins; worksheets say "Read the following text:".
_TALK = (
    r"(?:sure|okay|ok|certainly|of course|gerne?|natürlich|klar|here|hier|transcri|transkri|abschrift"
    r"|the (?:image|picture|photo|page|text)|(?:auf|in) de[mr] (?:bild|foto|seite)|der text (?:auf|in))"
)
#: A line of talk that ends in a colon. Bold type and headings around it are part of it.
_BEFORE = re.compile(rf"\A[#*_ ]*(?={_TALK})(?=[^\n]*{_PAGE})[^\n:]{{1,120}}:[*_ ]*(?:\n+|\Z)", re.IGNORECASE)
_BEHIND = re.compile(
    r"(?:\A|\n)[^\n]*(?:anything else|other questions|further (?:help|questions|assistance|pages)"
    r"|need any(?:thing)? (?:more|help)"
    r"|weitere (?:seiten|fragen|hilfe)|noch fragen)[^\n]*\Z",
    re.IGNORECASE,
)
_BEHIND_ALWAYS_TALK = re.compile(r"\n[^\n]*(?:hope (?:this|that) helps|hoffe, das hilft)[^\n]*\Z", re.IGNORECASE)
#: Talk is short; a longer last paragraph is the page's.
_TALK_AT_MOST = 200


def page_of(text: str) -> str:
    """The page in an answer: without reasoning tags, a fence around the whole, and talk before and behind it."""
    text = storable(without_reasoning(text))
    bare = _BEFORE.sub("", text).strip()
    text = _without_end(bare, talked=bare != text)
    fenced = _FENCE.match(text)
    if fenced and "\n```" not in fenced.group(1):
        text = fenced.group(1).strip()
    return text


def without_reasoning(text: str) -> str:
    """Also where the reasoning never came to its end: what follows is no page."""
    text = _REASONING.sub("", text)
    return _REASONING_BEFORE.sub("", text)


def _without_end(text: str, *, talked: bool) -> str:
    """`talked`: there was talk before the page, so a polite sentence behind it is the model's as well."""
    found = _BEHIND.search(text) or (talked and _BEHIND_ALWAYS_TALK.search(text)) or None
    if found and len(found.group()) <= _TALK_AT_MOST:
        return text[: found.start()].strip()
    return text
