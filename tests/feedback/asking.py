"""Asking a real model server over HTTP, as the worker's step does."""

from __future__ import annotations

from submissions.feedback.asking import Ask
from submissions.feedback.question import Question
from submissions.feedback.room import Room
from submissions.model_server import Answer, ModelServer, Request

#: Of the settings' defaults, for a model that does not think.
ROOM = Room(num_ctx=8192, num_predict=4096)


def asker(server: ModelServer, model: str = "scripted-text", num_ctx: int = 8192, num_predict: int = 4096) -> Ask:
    def ask(question: Question) -> Answer:
        return server.ask(
            Request(
                model=model,
                messages=question.messages,
                num_ctx=num_ctx,
                num_predict=num_predict,
                temperature=question.temperature(0.3),
                total_seconds=60.0,
                format=question.format,
            )
        )

    return ask
