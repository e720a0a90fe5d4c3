"""Asking a real model server over HTTP, as the worker's step does."""

from __future__ import annotations

from submissions.feedback.asking import Ask, request_for
from submissions.feedback.estimate import TokenEstimate
from submissions.feedback.question import Question
from submissions.feedback.room import Room
from submissions.model_server import Answer, ModelServer
from submissions.settings import Settings

SETTINGS = Settings(feedback_model="scripted-text", timeout_feedback=60.0)
ROOM = Room.of(SETTINGS, TokenEstimate())


def asker(server: ModelServer, settings: Settings = SETTINGS) -> Ask:
    def ask(question: Question) -> Answer:
        return server.ask(request_for(question, settings))

    return ask
