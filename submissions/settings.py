"""Every setting of learning-worker, declared once; the only file that reads the environment.

A field of `Settings` is a setting: its metadata holds the variable's name, unit, bounds and sentence. `.env.sample` and
docs/configuration.md are generated from this list and compared in a test. `load()` refuses what it does not understand
in one sentence that names the variable, the value, what is allowed and, for a misspelt name, the nearest right one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from submissions.errors import SettingsRefused
from submissions.misspelt import misspelt


def setting(
    name: str,
    default: Any,
    text: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    secret: bool = False,
    schemes: tuple[str, ...] = (),
) -> Any:
    """Declare one setting: `aliases` are older names, the first that is set wins, in order."""
    metadata = {
        "name": name,
        "text": text,
        "unit": unit,
        "low": low,
        "high": high,
        "choices": choices,
        "aliases": aliases,
        "secret": secret,
        "schemes": schemes,
    }
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values that this process runs with. Build it with `load()`."""

    database_url: str = setting(
        "LEARNING_DATABASE_URL",
        "",
        "Postgres of the worker and the commands; it logs in as learning_worker, or as a role that may switch to it.",
        aliases=("LEARNING_DB_URL", "DATABASE_URL"),
        secret=True,
        schemes=("postgresql", "postgres"),
    )
    migrate_database_url: str = setting(
        "LEARNING_OWNER_DATABASE_URL",
        "",
        "Postgres login that owns the schema, for `migrate` only; empty: the URL above.",
        secret=True,
        schemes=("postgresql", "postgres"),
    )
    storage_url: str = setting(
        "STORAGE_URL",
        "file:.dev/storage",
        "Where handed-in files are kept: file:/folder, s3://bucket/folder or https://host/path. Worker and submitter"
        " need the same one.",
        schemes=("file", "s3", "https", "http"),
    )
    storage_s3_endpoint: str = setting(
        "STORAGE_S3_ENDPOINT",
        "",
        "The S3-compatible service, with its path if it has one; empty: AWS.",
        schemes=("https", "http"),
    )
    storage_s3_region: str = setting(
        "STORAGE_S3_REGION", "us-east-1", "Its region; auto for R2, and any that the service was told for others."
    )
    storage_s3_access_key_id: str = setting(
        "STORAGE_S3_ACCESS_KEY_ID", "", "Name of the key that may read, write and delete there.", secret=True
    )
    storage_s3_secret_access_key: str = setting(
        "STORAGE_S3_SECRET_ACCESS_KEY", "", "The key itself; it signs and is never sent.", secret=True
    )
    storage_token: str = setting(
        "STORAGE_TOKEN", "", "Sent to the host of an https: storage, and to no other, as its bearer token.", secret=True
    )
    storage_allowed_hosts: str = setting(
        "STORAGE_ALLOWED_HOSTS",
        "",
        "Further hosts, as host:port with commas between, that files of an https: storage may lie on; a private address"
        " has to be listed itself.",
    )
    storage_seconds: float = setting(
        "STORAGE_SECONDS", 60.0, "Longest time for fetching one file over the network.", unit="s", low=1, high=3600
    )
    max_upload_bytes: int = setting(
        "LEARNING_MAX_UPLOAD_BYTES",
        10 * 1024 * 1024,
        "Largest file that is accepted.",
        unit="bytes",
        low=1,
        high=10 * 1024 * 1024,
    )
    max_pages: int = setting(
        "LEARNING_MAX_PAGES", 100, "Most pages of one submission.", unit="pages", low=1, high=10_000
    )
    max_source_pixels: int = setting(
        "LEARNING_MAX_SOURCE_PIXELS",
        100_000_000,
        "Largest image that is opened: above what phones take, and A3 at 600 dpi.",
        unit="pixels",
        low=1_000_000,
        high=1_000_000_000,
    )
    pdf_text: str = setting(
        "LEARNING_PDF_TEXT",
        "auto",
        "Whether a PDF page's own text is taken instead of asking the model: where it can be trusted, or never.",
        choices=("auto", "never"),
    )
    opener_memory_mib: int = setting(
        "LEARNING_OPENER_MEMORY_MIB",
        768,
        "Address space of the process that opens one document; one for each thread may run at a time.",
        unit="MiB",
        low=256,
        high=65_536,
    )
    opener_cpu_seconds: int = setting(
        "LEARNING_OPENER_CPU_SECONDS",
        20,
        "CPU time for opening one document or drawing one page; a file that needs more is refused as too large.",
        unit="s",
        low=1,
        high=3600,
    )
    opener_seconds: float = setting(
        "LEARNING_OPENER_SECONDS",
        60.0,
        "Time on the clock for the same; longer means a busy machine, and another attempt.",
        unit="s",
        low=1,
        high=3600,
    )

    worker_processes: int = setting(
        "WORKER_PROCESSES", 1, "Worker processes that the Procfile starts.", unit="processes", low=1, high=64
    )
    worker_concurrency: int = setting(
        "WORKER_CONCURRENCY",
        1,
        "Threads of each process; 2 to 4 suit one GPU, and Ollama's OLLAMA_NUM_PARALLEL should match the total.",
        unit="threads",
        low=1,
        high=64,
    )
    worker_max_retries: int = setting(
        "WORKER_MAX_RETRIES",
        3,
        "Further attempts after the first, for each page and each feedback.",
        unit="attempts",
        low=0,
        high=20,
    )
    worker_max_crashes: int = setting(
        "WORKER_MAX_CRASHES",
        3,
        "Deaths of its process, while it ran there alone, after which a page or feedback is given up.",
        unit="deaths",
        low=1,
        high=20,
    )
    worker_backoff_seconds: float = setting(
        "WORKER_BACKOFF_SECONDS",
        10.0,
        "Wait before the first retry; doubles with each further one.",
        unit="s",
        low=0.01,
        high=3600,
    )
    worker_snooze_seconds: float = setting(
        "WORKER_SNOOZE_SECONDS",
        15.0,
        "Wait before asking again while the model server is away, busy or lacks a model; spends no attempt.",
        unit="s",
        low=0.01,
        high=3600,
    )
    worker_outage_failures: int = setting(
        "WORKER_OUTAGE_FAILURES",
        3,
        "Failures of the model server in a row, in one process, after which its work pauses until it is back.",
        unit="failures",
        low=1,
        high=100,
    )
    worker_probe_seconds: float = setting(
        "WORKER_PROBE_SECONDS",
        2.0,
        "Time between two looks whether the model server is back; work goes on that soon.",
        unit="s",
        low=0.05,
        high=300,
    )
    worker_give_up_hours: float = setting(
        "WORKER_GIVE_UP_HOURS",
        24.0,
        "How long work may only wait, for the model server, a model or the storage, before its submission is failed.",
        unit="h",
        low=0.001,
        high=24 * 365,
    )
    worker_shutdown_seconds: float = setting(
        "WORKER_SHUTDOWN_SECONDS",
        20.0,
        "Time to stop after SIGTERM; keep it below the platform's kill (30 s on Heroku, 5 s under honcho).",
        unit="s",
        low=1,
        high=3600,
    )
    worker_upkeep_seconds: float = setting(
        "WORKER_UPKEEP_SECONDS",
        60.0,
        "Time between two rounds of upkeep, which one worker does for all: lost messages, old data.",
        unit="s",
        low=0.1,
        high=86_400,
    )
    worker_keep_attempts_days: int = setting(
        "WORKER_KEEP_ATTEMPTS_DAYS",
        90,
        "How long the history of attempts is kept.",
        unit="days",
        low=1,
        high=36_500,
    )
    keep_submissions_days: int = setting(
        "LEARNING_KEEP_SUBMISSIONS_DAYS",
        0,
        "Age after its end at which a submission is removed with its files, texts and feedback; 0: never.",
        unit="days",
        low=0,
        high=36_500,
    )
    worker_cache_dir: str = setting(
        "WORKER_CACHE_DIR",
        "",
        "Folder for documents while their pages are read; empty: a folder of the system's temporary directory.",
    )

    direct_database_url: str = setting(
        "LEARNING_DIRECT_DATABASE_URL",
        "",
        "The same database past a transaction-pooling PgBouncer, for the worker's lock and bell; empty: the URL above.",
        secret=True,
        schemes=("postgresql", "postgres"),
    )
    worker_listen: str = setting(
        "WORKER_LISTEN",
        "on",
        "off: only poll and beat, behind a transaction-pooling PgBouncer without a direct URL.",
        choices=("on", "off"),
    )
    worker_poll_seconds: float = setting(
        "WORKER_POLL_SECONDS",
        5.0,
        "Longest time between two looks at the queue; only a safety net while the bell is heard.",
        unit="s",
        low=0.05,
        high=60,
    )
    worker_keep_rejected_days: int = setting(
        "WORKER_KEEP_REJECTED_DAYS", 30, "How long rejected messages are kept.", unit="days", low=1, high=3650
    )

    ollama_base_url: str = setting(
        "OLLAMA_BASE_URL",
        "http://localhost:11434",
        "The model server.",
        schemes=("http", "https"),
    )
    vision_model: str = setting("AI_VISION_MODEL", "qwen2.5vl:3b", "Model that reads pages.")
    feedback_model: str = setting("AI_FEEDBACK_MODEL", "gpt-oss:latest", "Model that writes feedback.")
    think_level: str = setting(
        "AI_THINK_LEVEL",
        "low",
        "How long a reasoning model may think about feedback; without effect on other models.",
        choices=("off", "low", "medium", "high"),
    )
    timeout_vision: float = setting(
        "AI_TIMEOUT_VISION",
        1800.0,
        "Longest time for one answer about a page; at most two are asked for.",
        unit="s",
        low=1,
        high=86_400,
    )
    timeout_feedback: float = setting(
        "AI_TIMEOUT_FEEDBACK",
        1800.0,
        "Longest time for one answer about a text, or a section of it; at most two are asked for.",
        unit="s",
        low=1,
        high=86_400,
    )
    connect_seconds: float = setting(
        "OLLAMA_CONNECT_SECONDS", 5.0, "Longest wait for a connection.", unit="s", low=0.1, high=300
    )
    first_byte_seconds: float = setting(
        "OLLAMA_FIRST_BYTE_SECONDS",
        900.0,
        "Longest silence before an answer begins: waiting in the queue and loading a model are silent.",
        unit="s",
        low=0.1,
        high=86_400,
    )
    between_bytes_seconds: float = setting(
        "OLLAMA_BETWEEN_BYTES_SECONDS",
        120.0,
        "Longest silence within an answer.",
        unit="s",
        low=0.1,
        high=86_400,
    )
    vision_num_ctx: int = setting(
        "AI_VISION_NUM_CTX", 8192, "Context of the vision model.", unit="tokens", low=512, high=1_048_576
    )
    feedback_num_ctx: int = setting(
        "AI_FEEDBACK_NUM_CTX", 8192, "Context of the feedback model.", unit="tokens", low=512, high=1_048_576
    )
    vision_num_predict: int = setting(
        "AI_VISION_NUM_PREDICT", 4096, "Longest text of one page.", unit="tokens", low=16, high=131_072
    )
    feedback_num_predict: int = setting(
        "AI_FEEDBACK_NUM_PREDICT",
        4096,
        "Longest feedback answer, thinking included.",
        unit="tokens",
        low=64,
        high=131_072,
    )
    feedback_long_text: str = setting(
        "AI_FEEDBACK_LONG_TEXT",
        "sections",
        "What becomes of a text that does not fit into AI_FEEDBACK_NUM_CTX: judged in sections, or input_too_large.",
        choices=("sections", "refuse"),
    )
    vision_temperature: float = setting(
        "AI_VISION_TEMPERATURE", 0.0, "Sampling temperature for reading.", low=0, high=2
    )
    feedback_temperature: float = setting(
        "AI_FEEDBACK_TEMPERATURE", 0.3, "Sampling temperature for feedback.", low=0, high=2
    )
    vision_max_pixels: int = setting(
        "AI_VISION_MAX_PIXELS",
        2_800_000,
        "Size to which a page is brought before it is sent: about 170 dpi for A4 (docs/documents.md says why).",
        unit="pixels",
        low=10_000,
        high=100_000_000,
    )
    num_batch: int = setting("OLLAMA_NUM_BATCH", 0, "Load option num_batch; 0: the server decides.", low=0, high=65_536)
    num_thread: int = setting(
        "OLLAMA_NUM_THREAD", 0, "Load option num_thread; 0: the server decides.", low=0, high=1024
    )
    num_gpu: int = setting(
        "OLLAMA_NUM_GPU", -1, "Load option num_gpu (layers); -1: the server decides.", low=-1, high=1024
    )
    prompts_dir: str = setting(
        "AI_PROMPTS_DIR", "", "Folder whose prompt files replace ours, file by file; empty: ours."
    )
    metrics_port: int = setting(
        "WORKER_METRICS_PORT",
        0,
        "Port on which Prometheus finds the metrics of all worker processes of this start; 0: not served.",
        low=0,
        high=65_535,
    )
    metrics_address: str = setting(
        "WORKER_METRICS_ADDRESS",
        "127.0.0.1",
        "Address on which the metrics are served; 0.0.0.0 where Prometheus runs on another host.",
    )
    log_level: str = setting(
        "LOG_LEVEL", "INFO", "Least important log line.", choices=("DEBUG", "INFO", "WARNING", "ERROR")
    )


def declared() -> tuple[Field[Any], ...]:
    """The settings in the order of the file."""
    return fields(Settings)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Raises SettingsRefused with one sentence for each value that is not understood, all of them at once.
    """
    environ = os.environ if environ is None else environ
    problems = misspelt(environ, _counted())
    values: dict[str, Any] = {}
    for each in declared():
        raw = _raw_value(each, environ)
        if raw is None:
            continue
        try:
            values[each.name] = _parse(each, raw)
        except ValueError as problem:
            problems.append(str(problem))
    problems += [] if problems else _inconsistent(Settings(**values))
    if problems:
        raise SettingsRefused("; ".join(problems))
    return Settings(**values)


def _counted() -> dict[str, str]:
    """Every name that is read, and the unit of its setting."""
    return {
        name: each.metadata["unit"]
        for each in declared()
        for name in (each.metadata["name"], *each.metadata["aliases"])
    }


def _raw_value(each: Field[Any], environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The name and text of the first variable that is set and not empty."""
    for name in (each.metadata["name"], *each.metadata["aliases"]):
        if environ.get(name, "").strip():
            return name, environ[name].strip()
    return None


def _parse(each: Field[Any], raw: tuple[str, str]) -> Any:
    name, text = raw
    meta = each.metadata
    shown = "the value" if meta["secret"] else repr(text)
    if meta["choices"]:
        return _parse_choice(name, text, meta["choices"])
    if meta["schemes"]:
        return _parse_url(name, text, shown, meta["schemes"])
    if isinstance(each.default, str):
        return text
    return _parse_number(name, text, type(each.default), meta)


def _parse_choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    for choice in choices:
        if text.lower() == choice.lower():
            return choice
    raise ValueError(f"{name}={text!r} is not one of {', '.join(choices)}")


def _parse_url(name: str, text: str, shown: str, schemes: tuple[str, ...]) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in schemes or not (parts.netloc or parts.path.strip("/") or parts.query):
        raise ValueError(f"{name}: {shown} is not a URL that begins with {' or '.join(s + ':' for s in schemes)}")
    return text


def _parse_number(name: str, text: str, kind: type, meta: Mapping[str, Any]) -> Any:
    unit = f" {meta['unit']}" if meta["unit"] else ""
    allowed = f"a {'whole ' if kind is int else ''}number from {meta['low']:g} to {meta['high']:g}{unit}"
    try:
        number = kind(text)
    except ValueError:
        raise ValueError(f"{name}={text!r} is not {allowed}") from None
    if not meta["low"] <= number <= meta["high"]:
        raise ValueError(f"{name}={text} is not {allowed}")
    return number


def _inconsistent(settings: Settings) -> list[str]:
    """Values that are each allowed and do not go together."""
    problems = []
    for role in ("vision", "feedback"):
        model = getattr(settings, f"{role}_model")
        if model.lower().endswith((":cloud", "-cloud")):
            problems.append(
                f"AI_{role.upper()}_MODEL={model!r} runs outside the school; name a model that the server holds itself"
            )
        if getattr(settings, f"{role}_num_predict") >= getattr(settings, f"{role}_num_ctx"):
            problems.append(f"AI_{role.upper()}_NUM_PREDICT must be below AI_{role.upper()}_NUM_CTX")
    if settings.opener_seconds <= settings.opener_cpu_seconds:
        problems.append(
            "LEARNING_OPENER_SECONDS must be above LEARNING_OPENER_CPU_SECONDS: a clock also sees others work"
        )
    if settings.vision_model == settings.feedback_model and settings.vision_num_ctx != settings.feedback_num_ctx:
        problems.append("one model for both stages needs one context: set AI_VISION_NUM_CTX to AI_FEEDBACK_NUM_CTX")
    return problems
