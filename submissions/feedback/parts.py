"""What is asked about: the whole text in one question, or its sections in one question each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from submissions.feedback.blank import is_empty
from submissions.feedback.control_tokens import neutralised
from submissions.feedback.question import Question, first_question, section_question
from submissions.feedback.room import TEXT_TOO_LONG, LongText, Room
from submissions.feedback.sections import sections_of
from submissions.feedback.sense import Material
from submissions.prompts import Prompts

#: Tokens of the smallest section that is worth a question. With less room the whole text is sent, so that the model
#: server says with certainty that it does not fit: the setting is wrong, and the submission waits for the operator.
SMALLEST = 200

#: Sections are numbered in no more digits than this.
MANY = 999


@dataclass(frozen=True, slots=True)
class Part:
    """A question and what it is about."""

    material: Material
    question: Question


def parts_of(material: Material, prompts: Prompts, room: Room) -> list[Part]:
    """One part if the text fits, else one for each section that is not empty; InputFault if that is not wanted."""
    question, text = first_question(material, prompts), material.text_md
    if room.beside(question, text) >= 0:
        return [Part(material, question)]
    if room.long_text is LongText.REFUSE:
        raise TEXT_TOO_LONG()
    left = room.beside(section_question(replace(material, text_md=""), MANY, MANY, prompts), "")
    if left < SMALLEST * room.denser:
        return [Part(material, question)]
    texts = sections_of(text, lambda piece: room.tokens(neutralised(piece)), left)
    sections = [replace(material, text_md=each) for each in texts if not is_empty(each)]
    return [
        Part(section, section_question(section, number, len(sections), prompts))
        for number, section in enumerate(sections, start=1)
    ]
