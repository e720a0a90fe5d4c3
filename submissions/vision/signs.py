"""Telling a page from an answer that refuses to read it, or that talks about it instead.

Both are seen in the first two sentences of an answer that is short. A sentence has to name both what is refused or
promised and what it is about (the picture, the page, the request): pupils write "I can't come", and describe pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Refusals and talk are no longer, in characters.
REFUSAL_AT_MOST = 500
TALK_AT_MOST = 1500
#: Of an echo, this share is the prompt's own lines.
ECHO_SHARE = 0.5
_ECHO_LINE = 15  # characters; a shorter line may be anybody's

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_PICTURE_EN = r"(?:images?|pictures?|photos?|scans?|pages?|documents?|handwrit\w*|transcri\w*|files?|attachments?)"
_PICTURE_DE = (
    r"(?:bild\w*|foto\w*|scan\w*|seiten?|dokument\w*|hand(?:schrift\w*|geschrieben\w*)|transkri\w*|abschrift\w*"
    r"|datei)"
)
_NOT_EN = (
    r"(?:\b(?:i|i'm|i’m)\b[^.!?]*(?:can(?:'|’)?t|cannot|can not|unable|not able|won(?:'|’)t|don(?:'|’)t have|decline)"
    r"|not (?:legible|readable|clear)|illegible|too (?:low|blurry|dark|small)|(?:cannot|can't|can’t) be read"
    r"|there is no|no image)"
)
_NOT_DE = (
    r"(?:(?:\bich kann\b|\bkann ich\b|\bich darf\b|\bdarf ich\b)[^.!?]*(?:nicht|kein)|\bich bin nicht in der lage"
    r"|nicht möglich|reicht nicht aus|unleserlich|nicht lesbar|zu (?:unscharf|dunkel|klein)|\b(?:sehe|habe) kein"
    r"|\bkein(?:e|en)? (?:bild|foto|seite|datei)\b)"
)
#: Beside the picture, a refusal names the reading: pupils cannot see this or that in a picture either.
_READING_EN = (
    r"(?:read\w*|transcri\w*|copy|view|extract|recogni[sz]e|open"
    r"|process\w*|legible|illegible|blurry|quality|clear enough|provid\w*|identify"
    r"|make out|upload\w*|attach\w*|access|see (?:any |an |the |your )?(?:image|picture|photo)s?|dark)"
)
_READING_DE = (
    r"(?:lesen|lesbar\w*|öffnen|auslesen|unleserlich|ab(?:zu)?schreib\w*|entziffer\w*|(?:zu )?verarbeiten"
    r"|anseh\w*|transkri\w*|wiedergeben|zugriff|übermittelt|vorliegt|zur verfügung|qualität|unscharf|dunkel"
    r"|(?:text|nichts)\b[^.!?]*erkennen|sehe kein bild|personenbezogen\w*)"
)
#: Models refuse in the present; pupils tell what was.
_PAST = r"\b(?:war|waren|konnten?|hatten?|was|were|did|had)\b"
_REFUSAL = _any(
    rf"(?!.*{_PAST})(?=.*{_NOT_EN})(?=.*\b{_PICTURE_EN}\b)(?=.*\b{_READING_EN}\b).*",
    rf"(?!.*{_PAST})(?=.*{_NOT_DE})(?=.*\b{_PICTURE_DE}\b)(?=.*\b{_READING_DE}\b).*",
    r"(?=.*\bi\b[^.!?]*(?:can(?:'|’)?t|cannot|not able|unable|must decline))"
    r".*\b(?:assist|comply|fulfil\w*|(?:this|that|your) request|help with (?:this|that))\b.*",
    rf"(?=.*{_NOT_DE}).*\b(?:anfrage|aufgabe nicht ausführen|dabei kann ich|damit kann ich)\b.*",
    r"(?:as|i am|i'm) an ai\b.*\b(?:not|can't|cannot|unable)\b.*",
    r"als ki\b.*\bich\b.*\b(?:nicht|keine?)\b.*",
    r"(?:(?:it )?(?:seems|appears|looks like)\b.*)?\bno image (?:was|is|has been)\b.*",
)
#: What makes a picture homework. School, pupils and classrooms do not: they are what pictures show.
_HOMEWORK = (
    r"(?:handwrit\w*|hand-written|homework|worksheets?|exercise book|lined paper|essay|scanned|paragraphs|legible"
    r"|arbeitsbl\w*|hausaufgabe\w*|handgeschrieben\w*|handschrift\w*|ein(?:ge)?scan\w*|gescannt\w*|aufsatz"
    r"|schreibschrift|heftseite\w*|schulheft\w*|lesbar)"
)
_WRITES_EN = r"(?:writes|describes|explains|discusses|has written|lists|talks)"
_WRITES_DE = r"(?:schreibt|beschreibt|erklärt|erzählt|nennt|zählt)"
_ABOUT = _any(
    rf"(?:this|the|it|these)\b[^.!?]*\b{_PICTURE_EN}\b[^.!?]*\b{_HOMEWORK}\b.*",
    rf"in the {_PICTURE_EN}\b[^.!?]*\b(?:handwrit\w*|lined paper|homework)\b.*",
    r"(?:the|this) (?:worksheet|homework|essay)\b[^.!?]*\b(?:contains|shows|consists|has)\b.*\b(?:pupil|student)\b.*",
    rf"this (?:is|appears|looks|seems)\b[^.!?]*\b{_HOMEWORK}\b[^.!?]*\b{_PICTURE_EN}\b.*",
    rf"(?:the )?(?:handwritten )?text (?:on|in|of) the {_PICTURE_EN}\b.*",
    rf"(?:based on the {_PICTURE_EN}, )?(?:the|this) (?:student|pupil) {_WRITES_EN}\b.*",
    rf"(?:das|dies(?:es)?|auf de[mr]|die)\b[^.!?]*\b{_PICTURE_DE}\b[^.!?]*\b{_HOMEWORK}\b.*",
    rf"(?:das|dieses) dokument ist\b[^.!?]*\b{_HOMEWORK}\b.*",
    rf"es handelt sich um\b[^.!?]*\b{_HOMEWORK}\b.*",
    rf"der text (?:(?:auf|in) de[mr]|im) {_PICTURE_DE}\b.*",
    rf"(?:der|die) schüler(?:in)? {_WRITES_DE}\b[^.!?]*\b(?:(?:dieser|der) seite|ihrem|seinem)\b.*",
    r"auf de[mr] (?:seite|bild|foto) (?:steht|stehen|befindet|ist)\b[^.!?]*\b(?:text|schrift|arbeitsblatt)\b.*",
    r"(?:here is|here's|hier ist) (?:a|an|eine?) (?:summary|overview|description|zusammenfassung|beschreibung)\b"
    rf".*\b(?:{_PICTURE_EN}|{_PICTURE_DE})\b.*",
    r"the user (?:wants|asks|asked|is asking|has (?:asked|uploaded|provided))\b.*",
    r"der (?:nutzer|benutzer) (?:möchte|will|bittet|hat)\b[^.!?]*\b(?:bild|seite|abschr\w*|transkri\w*)\b.*",
)
_COPYING = r"(?:transcri\w*|copy|copied|write down|transkri\w*|ab(?:zu)?schreib\w*|schreibe?\b[^.!?]*\bab\b|abschrift)"
_EXACTLY = r"(?:word for word|exactly|comments?|mistakes|wörtlich|wort für wort|kommentar\w*|einleitung|fehler)"
_PROMISE = _any(
    r"(?=(?:i will|i'll|i’ll|i should|i need to|i would|i'm ready|we need to|we should|let me"
    r"|to (?:transcribe|copy out))\b)"
    rf"(?=.*\b{_COPYING}\b)(?=.*\b(?:{_PICTURE_EN}|{_EXACTLY}|homework)\b).*",
    r"(?=(?:ich werde|ich schreibe|um|ich muss|ich soll|wir müssen)\b)"
    rf"(?=.*\b{_COPYING}\b)(?=.*\b(?:seite|bild(?:es)?|foto|{_EXACTLY})\b).*",
    rf"please (?:provide|upload|share|attach)\b[^.!?]*\b{_PICTURE_EN}\b.*",
    r"please send (?:me )?the (?:image|page|scan|document)\b.*",
    rf"bitte (?:sende?|schicke?|laden?|gib)\b[^.!?]*\b{_PICTURE_DE}\b"
    r"[^.!?]*\b(?:hoch|erneut|noch einmal|abschreib\w*)\b.*",
    rf"(?:let me know|tell me) what\b.*\b{_PICTURE_EN}\b.*",
    r"(?:sag mir|lass mich wissen), was\b.*\b(?:bild|seite)\b.*",
)
#: What a model says before it promises.
_YES = re.compile(
    r"\A(?:sure|okay|ok|certainly|of course|understood|i understand|gerne?|natürlich|verstanden|klar)\b[,.!:]*\s*", re.I
)
_SAID = re.compile(r"\b(?:said|asked|sagte|fragte|schrieb|rief|antwortete)\b", re.IGNORECASE)


def refuses(text: str) -> bool:
    """Whether an answer says that the page cannot or shall not be read."""
    return len(text) <= REFUSAL_AT_MOST and any(_REFUSAL.match(each) for each in _beginning(text))


def is_about_the_task(text: str, prompt: Iterable[str]) -> bool:
    """Whether an answer describes the page, promises to copy it, or repeats the prompt, whose texts are given."""
    if len(text) > TALK_AT_MOST:
        return False
    first, *_ = [*_beginning(text), ""]
    if _ABOUT.match(first) or any(_PROMISE.match(each) for each in _beginning(text)):
        return True
    return _echoes(text, prompt)


def _beginning(text: str) -> list[str]:
    """The first two sentences that a model could have said, without a word of agreement before them."""
    sentences = [_YES.sub("", each.strip(" *_#>-")) for each in _SENTENCE.split(_YES.sub("", text.strip(" *_#>-")))]
    return [each for each in sentences if each and not _SAID.search(each)][:2]


def _echoes(text: str, prompt: Iterable[str]) -> bool:
    asked = _letters(" ".join(prompt))
    lines = [_letters(line) for line in text.splitlines() if len(line) >= _ECHO_LINE]
    echoed = sum(len(line) for line in lines if line in asked)
    return echoed > ECHO_SHARE * len(_letters(text))


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())
