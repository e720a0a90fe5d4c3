"""Errors of the model server that pass by themselves, by whether they count against the submission.

What struck before our request was read (loading, a crash that took all requests along) does not count; what struck
while it was worked on does. `image_refused` counts, too: the image is a page that we rendered, so it should have been
read, and if the fourth attempt fails like the first, waiting on would not help.
"""

from __future__ import annotations

from submissions.errors import AnswerFault, ModelAway, ModelUnloadable, ServerFault
from submissions.model_server.known import Known

OUT_OF_MEMORY = (
    "out of memory",
    "out-of-memory",
    "cudamalloc failed",
    "failed to allocate",
    "unable to allocate",
    "not enough memory",
    "insufficient memory",
)

SERVER_ERRORS: tuple[Known, ...] = (
    # Our request was at work, or is to blame: counts.
    Known(
        "§10.1 repeat abort since PR 18374",
        AnswerFault,
        "repetition",
        "{model} repeated itself without end and the model server stopped it",
        words=("token repeat limit reached",),
    ),
    Known(
        "§6 500 / mid-stream: the runner died in our response",
        ServerFault,
        "runner_died",
        "{model} crashed while it worked on this request; see the model server's log",
        words=("an error was encountered while running the model",),
    ),
    Known(
        "§6 500 model runner has unexpectedly stopped",
        ServerFault,
        "runner_died",
        "{model} crashed while it worked on this request; see the model server's log",
        words=("model runner has unexpectedly stopped",),
    ),
    Known(
        "§5, §6 400 image refused; 500 decode WebP",
        ServerFault,
        "image_refused",
        "{model} could not open the picture of a page",
        words=("failed to load image", "decode webp image"),
    ),
    Known(
        "§4, §6 400 schema or grammar; 500 invalid format",
        ServerFault,
        "schema_refused",
        "the model server cannot follow the answer's schema: is it an up-to-date Ollama?",
        words=("invalid format:", "grammar", "json schema", "json_schema"),
    ),
    Known(
        "§6 400 our request is malformed",
        ServerFault,
        "request_refused",
        "the model server does not understand our request: is it an up-to-date Ollama?",
        words=("missing request body", "illegal base64", "invalid character", "cannot unmarshal", "unexpected eof"),
        status=400,
    ),
    Known(
        "§6 500 reading llama-server; 8 MB event; §1.3 native mid-stream error",
        ServerFault,
        "mid_stream_error",
        "the model server reported an error in the middle of an answer; see its log",
        words=("error reading llama-server response", "event exceeded", "llama-server chat error"),
    ),
    # Nobody's request was at work: does not count.
    Known(
        "§6 500 runner gone: fails every request admitted to it",
        ModelAway,
        "runner_gone",
        "{model} crashed under another request, or was unloaded; it is loaded again",
        words=("llama-server process no longer running",),
    ),
    Known(
        "§6 503 queue full; 500 no slots",
        ModelAway,
        "server_busy",
        "the model server's queue is full",
        words=("server busy", "no slots available"),
    ),
    Known(
        "§2 llama-server still loading; §6 500 unexpected server status",
        ModelAway,
        "model_loading",
        "{model} is still being loaded",
        words=("loading model", "unexpected server status"),
    ),
    Known(
        "§6 500 load stalled",
        ModelUnloadable,
        "model_load_failed",
        "{model} could not be loaded in time; see the model server's log and OLLAMA_LOAD_TIMEOUT",
        words=("timed out waiting for llama-server to start",),
    ),
    Known(
        "§2, §6 499 the load was given up",
        ModelAway,
        "load_cancelled",
        "the model server gave up loading {model}",
        words=("request canceled", "context canceled"),
    ),
    Known(
        "§6 500 out of memory at startup (S:85)",
        ModelUnloadable,
        "out_of_memory",
        "the model server has too little memory to load {model}: free some, or name a smaller model",
        words=OUT_OF_MEMORY,
        status=500,
    ),
    Known(
        "§6 500 load failed",
        ModelUnloadable,
        "model_load_failed",
        "{model} could not be loaded; see the model server's log",
        words=("llama-server process has terminated", "error starting llama-server", "failed to load model"),
    ),
)
