"""Asking a real model server over HTTP, as the worker's step does."""

from __future__ import annotations

from submissions.feedback.judge import Ask
from submissions.feedback.question import Question
from submissions.model_server import Answer, ModelServer, Request


def asker(server: ModelServer, model: str = "scripted-text") -> Ask:
    def ask(question: Question) -> Answer:
        return server.ask(
            Request(
                model=model,
                messages=question.messages,
                num_ctx=8192,
                num_predict=4096,
                temperature=question.temperature(0.3),
                total_seconds=60.0,
                format=question.format,
            )
        )

    return ask
