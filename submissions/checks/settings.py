"""Settings that are each allowed and make no sense together, or in this place.

What cannot work at all is an error; what works otherwise than it looks is a warning, so that an old .env still starts.
"""

from __future__ import annotations

from collections.abc import Iterator

from submissions.checks.finding import Finding, fine, told, warning, wrong
from submissions.errors import SettingsRefused
from submissions.model_server import ModelServer
from submissions.prompts import Purpose, load_prompts
from submissions.settings import Settings
from submissions.storage import open_storage
from submissions.task import LANGUAGES
from submissions.vision.first_line import asks_for_first_line

#: Platforms kill 30 s after SIGTERM; the last two belong to the process's own end. Seconds.
LONGEST_SHUTDOWN = 28.0

HOUR = 3600.0

#: What a model of the Qwen family makes one token of (28 × 28). Others take more, or have a fixed number per picture.
PIXELS_PER_TOKEN = 784
#: What else is in the question about a page, in tokens; our own prompts take 300.
PROMPT_TOKENS = 400


def check_settings(settings: Settings) -> Iterator[Finding]:
    """All findings on the settings, or one that they are fine."""
    findings = [
        *_addresses(settings),
        *_deadlines(settings),
        *_shutdown(settings),
        *_give_up(settings),
        *_page_size(settings),
    ]
    yield from findings or [fine("settings", "they go together")]


def check_prompts(settings: Settings) -> Iterator[Finding]:
    try:
        prompts = load_prompts(settings.prompts_dir)
    except SettingsRefused as problem:
        yield wrong("prompts", str(problem), "mend the file, or take it out of AI_PROMPTS_DIR")
        return
    asked = {each: prompts.of(each, Purpose.VISION) for each in LANGUAGES}
    silent = [each for each, prompt in asked.items() if not asks_for_first_line(prompt.system + prompt.user)]
    if not silent:
        yield fine("prompts", "every language has its own")
    for language in silent:
        yield warning(
            "prompts",
            f"{language}/vision.md below AI_PROMPTS_DIR asks for no first line: refusals are told by their words alone",
            "ask for it as our own vision.md does, [Abschrift] or [copy]; docs/documents.md says why",
        )


def _addresses(settings: Settings) -> Iterator[Finding]:
    """What a worker builds before it takes its first message. Nothing is asked of either yet."""
    for build in (open_storage, ModelServer):
        try:
            build(settings)
        except SettingsRefused as problem:
            yield told("settings", problem, away=False)


def _deadlines(settings: Settings) -> Iterator[Finding]:
    limits = {"AI_TIMEOUT_VISION": settings.timeout_vision, "AI_TIMEOUT_FEEDBACK": settings.timeout_feedback}
    waits = {
        "OLLAMA_FIRST_BYTE_SECONDS": settings.first_byte_seconds,
        "OLLAMA_BETWEEN_BYTES_SECONDS": settings.between_bytes_seconds,
    }
    for name, limit in limits.items():
        if settings.connect_seconds >= limit:
            yield wrong(
                "settings.deadlines",
                f"{name}={limit:g} is over before OLLAMA_CONNECT_SECONDS={settings.connect_seconds:g} is",
                f"raise {name}",
            )
            continue
        for wait, seconds in waits.items():
            if seconds >= limit:
                yield warning(
                    "settings.deadlines",
                    f"{wait}={seconds:g} never takes effect, because {name}={limit:g} ends the call before",
                    f"lower {wait} or raise {name}, which has to cover loading the model",
                )


def _shutdown(settings: Settings) -> Iterator[Finding]:
    if settings.worker_shutdown_seconds > LONGEST_SHUTDOWN:
        yield warning(
            "settings.shutdown",
            f"WORKER_SHUTDOWN_SECONDS={settings.worker_shutdown_seconds:g} is more than platforms give a process",
            "set it 2 s below the time after which yours kills (30 s on Heroku, 5 s under honcho)",
        )


def _give_up(settings: Settings) -> Iterator[Finding]:
    longest = max(settings.timeout_vision, settings.timeout_feedback)
    if settings.worker_give_up_hours * HOUR <= longest:
        yield warning(
            "settings.give_up",
            f"WORKER_GIVE_UP_HOURS={settings.worker_give_up_hours:g} is less than the {longest:g} s of one model call",
            "raise it, or work that only waited for the model server is failed",
        )


def _page_size(settings: Settings) -> Iterator[Finding]:
    picture = -(-settings.vision_max_pixels // PIXELS_PER_TOKEN)
    needed = picture + PROMPT_TOKENS + settings.vision_num_predict
    if needed > settings.vision_num_ctx:
        yield warning(
            "settings.page_size",
            f"a page may need {needed} tokens ({picture} for AI_VISION_MAX_PIXELS={settings.vision_max_pixels}, and"
            f" AI_VISION_NUM_PREDICT={settings.vision_num_predict}) of AI_VISION_NUM_CTX={settings.vision_num_ctx}",
            "raise it or lower one of the others, unless your model makes fewer tokens of a picture",
        )
