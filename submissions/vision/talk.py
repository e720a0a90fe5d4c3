"""Talk that models put before and behind a page: announcing it, and taking leave.

Pupils announce and take leave, too, so much is needed: "In the text it says:" is a pupil's, "The text on the page
says:" a model's; a last line that offers or hopes is a model's if it announced the page, or if nobody else says so.
"""

from __future__ import annotations

import re

from submissions.vision.words import KINDS

#: Bold type and headings around a line of talk are part of it.
_MARKUP = "#*_> "
#: Such a line is short; a longer one is the page's.
_ANNOUNCEMENT_AT_MOST, _LEAVE_AT_MOST = 120, 200

#: Of their own texts and pictures pupils speak like models, and worksheets say "Copy the following text:".
_PUPILS = ("own", "scene", "exercise")
_LEADS_IN = (
    r"(?:sure(?: thing)?|of course|certainly|okay|ok|alright|understood|as requested"
    r"|gern[e]?|natürlich|klar|gut|in ordnung|selbstverständlich|verstanden|wie gewünscht)"
)
_COURTESY = re.compile(rf"(?:{_LEADS_IN}|here you go|bitte sehr|page \d+(?: of \d+)?|seite \d+(?: von \d+)?)[.!:,]*")
_POLITE = re.compile(rf"{_LEADS_IN}\b[.!,:]")
_FOLLOWS = re.compile(
    r"\b(?:here(?:'s| is| are|,)|below|following|as follows|reads|says|contains|is written|this is"
    r"|i(?:'ve| have| copied)|is:|ist:|hier|folgen\w*|nachfolgend\w*|lautet|steht|enthält|das ist|ich habe"
    r"|without comments|ohne kommentar\w*)"
)
_COPY = re.compile(
    r"\b(?:\w*transcri\w*|cop(?:y|ied)|word for word|verbatim|\w*transkri\w*|ab(?:ge)?schr\w*|wörtlich\w*)\b"
)
_TEXT = re.compile(r"\b(?:text|content|wording|inhalt|wortlaut)\b")
_PAGE = re.compile(r"\b(?:page|seite)\b")
_PICTURE = re.compile(r"\b(?:image|picture|photo|scan|bild(?:es)?|foto)\b")
#: All that such a line, or a heading, may say without announcing.
_TITLE = re.compile(
    r"(?:(?:the |die )?(?:transcription|transcript|transkription|transkript|abschrift|copied text|transcribed text"
    r"|abgeschriebener text)(?: (?:of|on|from|in|auf|von|aus|des|der|de[mr])(?: \w+){1,2})?"
    r"|text (?:of|on|from|in|auf|von|aus|des|der)(?: (?:the|this|der|dem))? (?:page|image|picture|seite|bild(?:es)?)"
    r"|here you go|bitte sehr|page \d+ of \d+|seite \d+ von \d+)"
)

_OFFERS = re.compile(
    r"\b(?:let me know|if you(?:'d| need| want| have)|would you like|is there|feel free|need any"
    r"|lass mich wissen|sag (?:mir|bescheid)|(?:falls|wenn) (?:du|sie|ich)|möchtest du|möchten sie)\b"
)
_MORE = re.compile(r"\b(?:anything|else|other|further|more|another|weitere\w*|noch (?:fragen|etwas|eine))\b")
_HOPES = re.compile(r"hope (?:this|that) helps|hoffe, das hilft")
_SERVICE = re.compile(
    r"\b(?:(?:me to|i can) transcribe|transcribe (?:more|another|further)|assist you further"
    r"|abschreiben (?:soll|lassen)|transkribieren (?:soll|lassen))\b"
)
_KEPT_MISTAKES = re.compile(
    r"(?=.*\b(?:mistakes|errors|spelling|line breaks|fehler|rechtschreib\w*|zeilenumbr\w*)\b)"
    r".*\b(?:kept|left|preserved|beibehalten|gelassen|übernommen)\b"
)
_KEPT_ALL_MISTAKES = re.compile(
    r"(?=.*\b(?:all|alle)\b.*\b(?:mistakes|errors|\w*fehler)\b)(?=.*\b(?:kept|left|gelassen|übernommen)\b)"
    r".*\b(?:as in the original|as they were|wie im original|wie sie auf)\b"
)
_END = re.compile(
    r"[(\[](?:end|ende) (?:of|der|des) (?:the )?"
    r"(?:page|text|transcription|transcript|copy|seite|textes|abschrift|transkription|transkripts)[)\]]"
)


def announces(line: str) -> bool:
    """Whether a line says that the text of a page follows."""
    said = _said(line)
    if len(said) > _ANNOUNCEMENT_AT_MOST:
        return False
    if _TITLE.fullmatch(said.rstrip(":").strip(_MARKUP)):
        return said.endswith(":") or line.startswith(("#", "**"))
    if not said.endswith(":") or any(KINDS[name].search(said) for name in _PUPILS):
        return False
    page, text = _PAGE.search(said), _TEXT.search(said)
    follows = _FOLLOWS.search(said)
    if _COPY.search(said) or (text and (page or _PICTURE.search(said))) or (page and follows):
        return bool(follows)
    return bool(_POLITE.match(said) and follows and (text or _PICTURE.search(said)))


def may_precede(line: str) -> bool:
    """Whether a line before the first line of a page is talk: also the page's number, or a word of courtesy."""
    return announces(line) or bool(_COURTESY.fullmatch(_said(line)))


def without_talk(text: str) -> str:
    """The page without an announcement, and without leave that is taken behind it."""
    line, _, rest = text.partition("\n")
    if announces(line):
        return without_leave(rest.strip())
    page, _, last = text.rpartition("\n\n")
    return page.strip() if page and _is_a_models(_said(last)) else text


def without_leave(text: str) -> str:
    """A page that was announced without a last line of the model's."""
    page, _, last = text.rpartition("\n")
    said = _said(last)
    offers = _OFFERS.search(said) and _MORE.search(said)
    polite = offers or _HOPES.search(said) or _KEPT_MISTAKES.match(said)
    return page.strip() if page and len(said) <= _LEAVE_AT_MOST and (polite or _is_a_models(said)) else text


def _is_a_models(said: str) -> bool:
    """Whether nobody else says so at the end of a page."""
    offers = _OFFERS.search(said) and (_SERVICE.search(said) or _HOPES.search(said))
    return len(said) <= _LEAVE_AT_MOST and bool(offers or _KEPT_ALL_MISTAKES.match(said) or _END.fullmatch(said))


def _said(line: str) -> str:
    return line.lower().replace("’", "'").strip(_MARKUP)
