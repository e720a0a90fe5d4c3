"""What Ollama sends when something goes wrong, by the fault that it is: one text or more for each row of our tables."""

from typing import NamedTuple

from submissions.errors import (
    AnswerFault,
    Fault,
    ModelAway,
    ModelUnfit,
    ModelUnloadable,
    OverLimit,
    ServerAway,
    ServerFault,
    SetupFault,
)


class Text(NamedTuple):
    """An error as the server words it; with a `kind` it is llama-server's, JSON within JSON."""

    status: int
    text: str
    kind: str = ""

    @property
    def flat(self) -> str:
        return (f"{self.kind}: {self.text}" if self.kind else self.text).lower()


BAD_REQUEST = "invalid_request_error"

TEXTS: dict[tuple[type[Fault], str], list[Text]] = {
    (ModelUnfit, "model_missing"): [
        Text(404, "model 'scripted-text' not found"),
        Text(404, 'model "scripted-text" not found, try pulling it first'),
    ],
    (ModelUnfit, "cloud_model"): [
        Text(403, "ollama cloud is disabled: remote inference is unavailable"),
        Text(400, "this server cannot run this remote model"),
    ],
    (ModelUnfit, "thinking_refused"): [
        Text(400, '"scripted-text" does not support thinking'),
        Text(400, 'invalid think value: "x" (must be "high", "medium", "low", "max", true, or false)'),
    ],
    (ModelUnfit, "model_without_vision"): [
        Text(400, "Multimodal data provided, but model does not support multimodal requests.", BAD_REQUEST),
        Text(500, "image input is not supported - hint: you may need to provide the mmproj", "server_error"),
    ],
    (ModelUnfit, "model_unfit"): [
        Text(400, '"scripted-text" does not support chat'),
        Text(400, "registry.ollama.ai/library/x:tag does not support tools"),
    ],
    (ModelUnfit, "model_name_invalid"): [Text(400, "invalid model name"), Text(400, "model is required")],
    (ModelUnfit, "option_refused"): [Text(500, 'option "num_ctx" must be of type integer')],
    (ModelUnfit, "model_incompatible"): [
        Text(500, "'llama3.2-vision' is no longer compatible with your version of Ollama and has been replaced"),
        Text(500, "failed to load model x: this model may be incompatible with your version of Ollama"),
    ],
    (ModelUnfit, "model_too_large"): [
        Text(500, "model requires 9.1 GiB but only 4.0 GiB are available (after 1.0 GiB overhead)"),
        Text(500, "unable to load full model on GPU"),
    ],
    (OverLimit, "context_exceeded"): [
        Text(400, "the prompt is longer than the context length currently available to the model; shorten the prompt"),
        Text(400, "request (9 tokens) exceeds the available context size (4 tokens)", "exceed_context_size_error"),
    ],
    (OverLimit, "request_too_large"): [Text(413, "Request Entity Too Large")],
    (SetupFault, "access_refused"): [Text(401, "unauthorized"), Text(403, "blocked by policy")],
    (SetupFault, "not_ollama"): [Text(404, "no such route"), Text(405, "405 method not allowed")],
    (AnswerFault, "repetition"): [Text(500, "prediction aborted, token repeat limit reached")],
    (ServerFault, "runner_died"): [
        Text(500, "an error was encountered while running the model: unexpected EOF"),
        Text(500, "an error was encountered while running the model: CUDA error: out of memory"),
        Text(500, "model runner has unexpectedly stopped, this may be due to resource limitations"),
    ],
    (ServerFault, "image_refused"): [
        Text(400, "Failed to load image or audio file", BAD_REQUEST),
        Text(500, "decode WebP image: bad header"),
    ],
    (ServerFault, "schema_refused"): [
        Text(500, 'invalid format: "x"; expected "json" or a valid JSON Schema object'),
        Text(400, "failed to parse grammar", BAD_REQUEST),
    ],
    (ServerFault, "request_refused"): [
        Text(400, "missing request body"),
        Text(400, "illegal base64 data at input byte 7"),
        Text(400, "invalid character 'x' looking for beginning of value"),
        Text(418, "I'm a teapot"),
    ],
    (ServerFault, "mid_stream_error"): [
        Text(500, "error reading llama-server response: unexpected EOF"),
        Text(500, "llama-server response stream event exceeded 8 MB limit"),
    ],
    (ServerFault, "server_error"): [Text(500, "something that no version has said so far")],
    (ModelAway, "runner_gone"): [Text(500, "llama-server process no longer running: exit status 2")],
    (ModelAway, "server_busy"): [
        Text(503, "server busy, please try again.  maximum pending requests exceeded"),
        Text(500, "no slots available after 10 retries"),
    ],
    (ServerAway, "server_busy"): [
        Text(502, "Bad Gateway"),
        Text(429, "slow down"),
    ],
    (ModelAway, "model_loading"): [
        Text(503, "Loading model", "unavailable_error"),
        Text(500, "unexpected server status: llm server loading model"),
    ],
    (ModelUnloadable, "model_load_failed"): [
        Text(500, "timed out waiting for llama-server to start - progress 0.30"),
        Text(500, "llama-server process has terminated: exit status 1: "),
        Text(500, "error starting llama-server: no such file"),
    ],
    (ModelAway, "load_cancelled"): [Text(499, "request canceled")],
    (ModelUnloadable, "out_of_memory"): [
        Text(500, "llama-server reported out-of-memory during startup: cudaMalloc failed: out of memory"),
        Text(500, "ggml: failed to allocate buffer of size 9"),
    ],
}
