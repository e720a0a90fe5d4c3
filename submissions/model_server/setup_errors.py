"""Errors of the model server that the operator has to mend: work waits, loudly, and the message names the remedy.

`context_exceeded` is among them because raising num_ctx mends it and nothing is lost meanwhile; it is the one that can
be a single submission's own, so only that one waits.
"""

from __future__ import annotations

from submissions.errors import Fault, ModelUnfit, OverLimit
from submissions.model_server.known import Known

#: A prompt that is longer than the context.
CONTEXT_EXCEEDED = "context_exceeded"

SETUP_ERRORS: tuple[Known, ...] = (
    Known(
        "§6 404 model not found",
        ModelUnfit,
        "model_missing",
        "the model server does not have {model}: run `ollama pull {model}` there",
        words=("model '", 'model "'),
        status=404,
    ),
    Known(
        "§6 403 cloud disabled; §10.2 remote models",
        ModelUnfit,
        "cloud_model",
        "{model} runs outside the school: name one that the server holds in AI_VISION_MODEL or AI_FEEDBACK_MODEL",
        words=("ollama cloud is disabled", "this remote model", "remote models are not supported"),
    ),
    Known(
        "§6 400 does not support thinking; invalid think value",
        ModelUnfit,
        "thinking_refused",
        "{model} does not think at this level: set AI_THINK_LEVEL=off",
        words=("does not support thinking", "invalid think value"),
    ),
    Known(
        "§6 400/500 images to a model without vision",
        ModelUnfit,
        "model_without_vision",
        "{model} cannot read images: name a vision model in AI_VISION_MODEL",
        words=("does not support multimodal", "image input is not supported"),
    ),
    Known(
        "§6 400 does not support chat|generate|tools",
        ModelUnfit,
        "model_unfit",
        "{model} cannot chat: name another model in AI_VISION_MODEL or AI_FEEDBACK_MODEL",
        words=("does not support",),
    ),
    Known(
        "§6 400 invalid model name",
        ModelUnfit,
        "model_name_invalid",
        "{model!r} is not a model's name: correct AI_VISION_MODEL or AI_FEEDBACK_MODEL",
        words=("invalid model name", "model is required"),
    ),
    Known(
        "§6 500 option type",
        ModelUnfit,
        "option_refused",
        "the model server refuses a load option: check AI_*_NUM_CTX and OLLAMA_NUM_*",
        words=('option "',),
    ),
    Known(
        "§5 mllama with a separate projector; §6 500 failed to load model, incompatible",
        ModelUnfit,
        "model_incompatible",
        "{model} does not fit this version of Ollama: run `ollama pull {model}`, or update Ollama",
        words=("no longer compatible with your version", "may be incompatible", "this model requires a newer version"),
    ),
    Known(
        "§6 500 model requires X but only Y are available (MLX)",
        ModelUnfit,
        "model_too_large",
        "{model} does not fit into the model server's memory: name a smaller model, or lower AI_*_NUM_CTX",
        words=("are available (after", "unable to load full model on gpu"),
        status=500,
    ),
    Known(
        "§3, §6 400 prompt longer than the context",
        OverLimit,
        CONTEXT_EXCEEDED,
        "a request does not fit into the context of {model}: raise AI_VISION_NUM_CTX or AI_FEEDBACK_NUM_CTX",
        words=("exceed_context_size_error", "exceeds the available context size", "prompt is longer than the context"),
    ),
)


def setup_fault(reason: str, model: str) -> Fault:
    """One of these faults, noticed before the model server had to say so."""
    return next(known for known in SETUP_ERRORS if known.reason == reason)(model=model)
