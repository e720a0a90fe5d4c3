"""What a look at the model server asks: first what costs nothing, then one token of the model in question.

A server that tells its version and lists its models may still answer nobody (reference §10.5), so only an answer of
the model counts. The tiny request is made from the one that failed, without its text and pictures: the same load
options, so that nothing is loaded twice, the same thinking and kind of input, so that a wrong setup shows again.
"""

from __future__ import annotations

import base64
from dataclasses import replace

from submissions.errors import AnswerFault
from submissions.model_server import Message, ModelServer, Request

#: A white PNG of 64 by 64 pixels: the least that vision models take.
WHITE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PMQ0AAAwDoPo33UrYvQQckD4XAQEBAQEBAQEBAQEBAQEBAQEB"
    "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAYHLAMpT0sIcNbcEAAAAAElFTkSuQmCC"
)


def tiny(request: Request) -> Request:
    """A request for one token that is otherwise like this one."""
    images = (WHITE,) if request.has_images else ()
    return replace(request, messages=(Message("user", "Hallo!", images),), num_predict=1, format=None)


class Probe:
    """Both questions raise the Fault that they meet; `request` is a tiny one."""

    def __init__(self, server: ModelServer, request: Request) -> None:
        self._server = server
        self._request = request

    def knock(self) -> None:
        """Is there a server, and does it know the model?"""
        self._server.version()
        self._server.capabilities(self._request.model)

    def ask(self) -> None:
        """Does the model answer? Loads it if need be. An answer that is no use is one, too."""
        try:
            self._server.ask(self._request)
        except AnswerFault:
            return
