"""The registry of settings: what is read, what is refused, what is generated from it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from submissions import events
from submissions.errors import SettingsRefused
from submissions.generated import FILES
from submissions.settings import declared, load

ROOT = Path(__file__).parents[2]


def test_nothing_set_gives_todays_behaviour() -> None:
    settings = load({})
    assert (settings.worker_processes, settings.worker_concurrency, settings.database_url) == (1, 1, "")


def test_the_incumbents_names_win_in_its_order() -> None:
    urls = {"DATABASE_URL": "postgresql://c/x", "LEARNING_DB_URL": "postgresql://b/x"}
    assert load(urls).database_url == "postgresql://b/x"
    assert load({**urls, "LEARNING_DATABASE_URL": "postgresql://a/x"}).database_url == "postgresql://a/x"


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    assert load({"WORKER_CONCURRENCY": " ", "DATABASE_URL": ""}) == load({})


def test_an_old_env_file_still_starts() -> None:
    load({"WORKER_LEASE_SECONDS": "45", "AI_BACKEND": "local", "STORAGE_VERIFY_ROOT": "/x"})


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("WORKER_CONCURRENCY", "0", "WORKER_CONCURRENCY=0 is not a whole number from 1 to 64 threads"),
        ("WORKER_CONCURRENCY", "two", "WORKER_CONCURRENCY='two' is not a whole number from 1 to 64 threads"),
        ("WORKER_PROCESSES", "1.5", "WORKER_PROCESSES='1.5' is not a whole number"),
        ("WORKER_BACKOFF_SECONDS", "nan", "is not a number from 0.01 to 3600 s"),
        ("AI_THINK_LEVEL", "much", "is not one of off, low, medium, high"),
        ("OLLAMA_BASE_URL", "localhost:11434", "is not a URL that begins with http: or https:"),
        ("STORAGE_URL", "ftp://x/y", "is not a URL that begins with file:"),
        ("WORKER_CONCURENCY", "2", "did you mean WORKER_CONCURRENCY?"),
        (
            "WORKER_THREADS",
            "4",
            "WORKER_THREADS is not a setting; did you mean WORKER_CONCURRENCY? (If it is another program's,",
        ),
        ("WORKER_PORT", "9100", "did you mean WORKER_METRICS_PORT?"),
        ("AI_MODEL_VISION", "x", "did you mean AI_VISION_MODEL?"),
        ("STORAGE_SECRET_KEY", "x", "did you mean STORAGE_S3_SECRET_ACCESS_KEY?"),
        ("LEARNING_MAX_UPLOAD", "1", "did you mean LEARNING_MAX_UPLOAD_BYTES?"),
        ("OLLAMA_BASE_URI", "http://x", "did you mean OLLAMA_BASE_URL?"),
        ("OLLAMA_FIRST_BYTE_SECOND", "9", "did you mean OLLAMA_FIRST_BYTE_SECONDS?"),
        ("DATABSE_URL", "postgresql://x/y", "did you mean DATABASE_URL?"),
        ("AI_VISION_MODEL", "llama3.2-vision:cloud", "runs outside the school"),
        ("AI_FEEDBACK_MODEL", "gpt-oss:120b-cloud", "runs outside the school"),
        ("AI_VISION_NUM_PREDICT", "8192", "AI_VISION_NUM_PREDICT must be below AI_VISION_NUM_CTX"),
    ],
)
def test_what_is_not_understood_is_refused_in_one_sentence(variable: str, value: str, told: str) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        load({variable: value})
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", [each.metadata["name"] for each in declared() if each.name != "log_level"])
def test_whatever_is_nearly_a_setting_is_refused_with_its_name(name: str) -> None:
    with pytest.raises(SettingsRefused, match=f"{name}_X is not a setting; did you mean {name}?"):
        load({f"{name}_X": "1"})


@pytest.mark.parametrize(
    "names",
    [
        # What Ollama reads itself, on a host that it shares with us, and what other clients of it read.
        "OLLAMA_HOST OLLAMA_MODELS OLLAMA_NUM_PARALLEL OLLAMA_MAX_QUEUE OLLAMA_MAX_LOADED_MODELS OLLAMA_KEEP_ALIVE",
        "OLLAMA_CONTEXT_LENGTH OLLAMA_LOAD_TIMEOUT OLLAMA_FLASH_ATTENTION OLLAMA_KV_CACHE_TYPE OLLAMA_GPU_OVERHEAD",
        "OLLAMA_SCHED_SPREAD OLLAMA_NO_CLOUD OLLAMA_REMOTES OLLAMA_VULKAN OLLAMA_INTEL_GPU OLLAMA_DEBUG OLLAMA_ORIGINS",
        "OLLAMA_API_KEY OLLAMA_API_BASE OLLAMA_API_BASE_URL",
        # Other people's databases.
        "TEST_DATABASE_URL DATABASE_POOL_URL DATABASE_URL_UNPOOLED DATABASE_USER DATABASE_HOST",
        # The model server's, for the development models.
        "LEARNING_MODEL_CACHE",
        "LOGLEVEL LOG_LEVELS PATH HOME",
    ],
)
def test_what_others_call_their_own_passes(names: str) -> None:
    load(dict.fromkeys(names.split(), "x"))


def test_what_is_nearly_a_name_of_ours_passes_beside_the_right_one() -> None:
    load({"DATABASE_URL": "postgresql://a/x", "DATABASE_URI": "x"})
    load({"OLLAMA_BASE_URL": "http://a", "OLLAMA_BASE_URLS": "x"})
    with pytest.raises(SettingsRefused, match="did you mean DATABASE_URL"):
        load({"DATABASE_URL": "", "DATABASE_URI": "x"})


def test_what_kubernetes_tells_every_pod_about_a_service_of_that_name_passes() -> None:
    address = "tcp://10.0.0.7:9000"
    load({"STORAGE_SERVICE_HOST": "10.0.0.7", "STORAGE_SERVICE_PORT": "9000", "STORAGE_SERVICE_PORT_API": "9000"})
    load({"STORAGE_PORT": address, "STORAGE_PORT_9000_TCP": address, "AI_WORKER_PORT_9000_TCP_ADDR": "10.0.0.7"})
    for name in ("STORAGE_PORT", "WORKER_PORT", "STORAGE_SERVICE"):
        with pytest.raises(SettingsRefused, match=f"{name} is not a setting"):
            load({name: "9000"})


def test_one_model_for_both_stages_needs_one_context_or_it_is_loaded_anew_at_every_turn() -> None:
    both = {"AI_VISION_MODEL": "m", "AI_FEEDBACK_MODEL": "m"}
    with pytest.raises(SettingsRefused, match="needs one context"):
        load({**both, "AI_VISION_NUM_CTX": "16384"})
    load(both)


def test_a_secret_is_not_repeated() -> None:
    with pytest.raises(SettingsRefused) as refusal:
        load({"DATABASE_URL": "mysql://root:hunter2@host/x"})
    assert "hunter2" not in str(refusal.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsRefused, match=r"WORKER_PROCESSES.*WORKER_CONCURRENCY"):
        load({"WORKER_PROCESSES": "0", "WORKER_CONCURRENCY": "0"})


@pytest.mark.parametrize("name", [*FILES])
def test_generated_files_are_what_the_code_says(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == FILES[name](), "run `make generated`"


def test_every_setting_is_declared_with_bounds_and_a_sentence() -> None:
    for each in declared():
        meta = each.metadata
        assert meta["text"].endswith("."), each.name
        if isinstance(each.default, int | float):
            assert meta["low"] <= each.default <= meta["high"], each.name


def test_only_the_registry_reads_the_environment() -> None:
    readers = set()
    for path in [*ROOT.glob("submissions/**/*.py"), *ROOT.glob("actors/*.py"), *ROOT.glob("postgres_queue/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
                readers.add(path.relative_to(ROOT).as_posix())
    # The document opener hands its child PATH and the like; that is no setting of ours.
    assert readers == {"submissions/settings.py", "submissions/documents/process.py"}


def test_an_event_takes_its_own_fields_and_no_others() -> None:
    with pytest.raises(ValueError, match="has the fields"):
        events.emit("worker.ready", thread=1)


#: NAME=value in the documents, and how the value ends.
QUOTED = re.compile(r"\b([A-Z][A-Z0-9_]+)=([^\s`|,;)]+)")


def test_what_the_documents_quote_is_accepted() -> None:
    names = {name for each in declared() for name in (each.metadata["name"], *each.metadata["aliases"])}
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))]
    quoted = {found for text in texts for found in QUOTED.findall(text) if found[0] in names}
    assert len(quoted) > 10
    for name, value in quoted:
        load({name: value})
