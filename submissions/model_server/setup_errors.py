"""Errors of the model server that the operator has to mend: work waits, loudly, and the message names the remedy.

`context_exceeded` is among them because raising num_ctx mends it and nothing is lost meanwhile; it is the one setup
fault that can be a single submission's own, so whoever stops all work on a setup fault must leave this reason out.
"""

from __future__ import annotations

from submissions.errors import Fault, SetupFault
from submissions.model_server.known import Known

SETUP_ERRORS: tuple[Known, ...] = (
    Known(
        "§6 404 model not found",
        ("model '", 'model "'),
        SetupFault,
        "model_missing",
        "the model server does not have {model}: run `ollama pull {model}` there",
        404,
    ),
    Known(
        "§6 403 cloud disabled; §10.2 remote models",
        ("ollama cloud is disabled", "this remote model", "remote models are not supported"),
        SetupFault,
        "cloud_model",
        "{model} runs outside the school: name a model that the model server holds itself",
    ),
    Known(
        "§6 400 does not support thinking; invalid think value",
        ("does not support thinking", "invalid think value"),
        SetupFault,
        "thinking_refused",
        "{model} does not think at this level: set AI_THINK_LEVEL=off",
    ),
    Known(
        "§6 400/500 images to a model without vision",
        ("does not support multimodal", "image input is not supported"),
        SetupFault,
        "model_without_vision",
        "{model} cannot read images: name a vision model in AI_VISION_MODEL",
    ),
    Known(
        "§6 400 does not support chat|generate|tools",
        ("does not support",),
        SetupFault,
        "model_unfit",
        "{model} cannot chat: name another model in AI_VISION_MODEL or AI_FEEDBACK_MODEL",
    ),
    Known(
        "§6 400 invalid model name",
        ("invalid model name", "model is required"),
        SetupFault,
        "model_name_invalid",
        "{model!r} is not a model's name: correct AI_VISION_MODEL or AI_FEEDBACK_MODEL",
    ),
    Known(
        "§6 500 option type",
        ('option "',),
        SetupFault,
        "option_refused",
        "the model server refuses a load option: check AI_*_NUM_CTX and OLLAMA_NUM_*",
    ),
    Known(
        "§5 mllama with a separate projector; §6 500 failed to load model, incompatible",
        ("no longer compatible with your version", "may be incompatible", "this model requires a newer version"),
        SetupFault,
        "model_incompatible",
        "{model} does not fit this version of Ollama: run `ollama pull {model}`, or update Ollama",
    ),
    Known(
        "§6 500 model requires X but only Y are available (MLX)",
        ("are available (after", "unable to load full model on gpu"),
        SetupFault,
        "model_too_large",
        "{model} does not fit into the model server's memory: name a smaller model or lower its num_ctx",
        500,
    ),
    Known(
        "§3, §6 400 prompt longer than the context",
        ("exceed_context_size_error", "exceeds the available context size", "prompt is longer than the context"),
        SetupFault,
        "context_exceeded",
        "a request does not fit into the context of {model}: raise AI_VISION_NUM_CTX or AI_FEEDBACK_NUM_CTX",
    ),
)


def setup_fault(reason: str, model: str) -> Fault:
    """One of these faults, noticed before the model server had to say so."""
    return next(known for known in SETUP_ERRORS if known.reason == reason).for_model(model)
