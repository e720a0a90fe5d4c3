"""The real face as a process. Writing is tested where the language model was fetched; reading always."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx
import ollama
import pytest
import reportlab
from jsonschema import Draft202012Validator
from PIL import Image, ImageDraw, ImageFont

from modelserver.real.pieces import WRITER_MODEL, cache_folder, model_file

ROOT = Path(__file__).parents[2]
FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
PAGE = ["Größere Städte müssen Bäume pflanzen.", "Wer im Schatten läuft, spürt es.", "", "Äpfel, Öl und Übung."]
SCHEMA = {
    "type": "object",
    "properties": {
        "score": {"type": "integer", "minimum": 0, "maximum": 5},
        "comment": {"type": "string", "maxLength": 80},
    },
    "required": ["score", "comment"],
    "additionalProperties": False,
}
HAS_LLAMA = find_spec("xllamacpp") is not None
needs_writer = pytest.mark.skipif(
    not HAS_LLAMA or model_file(WRITER_MODEL, cache_folder()) is None,
    reason="requirements-demo.txt is not installed, or the language model was not fetched",
)


@contextmanager
def real_server(*arguments: str) -> Iterator[str]:
    command = [sys.executable, "-m", "modelserver", "real", "--die-with-parent", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().removeprefix("modelserver ready on ").strip()
    finally:
        process.terminate()
        assert process.wait(5) == 0
        process.stdout.close()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real") / "log.jsonl"


@pytest.fixture(scope="module")
def reading_url(log: Path) -> Iterator[str]:
    with real_server("--without-writer", f"--log={log}") as url:
        yield url


@pytest.fixture
def reader(reading_url: str) -> Iterator[ollama.Client]:
    with ollama.Client(reading_url, timeout=60, trust_env=False) as client:
        yield client


def page(size: int, tilt: float = 0) -> bytes:
    """A printed page with PAGE on it, as PNG."""
    image = Image.new("RGB", (1240, 600), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(str(FONT), 40)
    for number, line in enumerate(PAGE):
        draw.text((100, 100 + 75 * number), line, font=font, fill="black")
    turned = image.rotate(tilt, fillcolor="white", resample=Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    turned.resize((size, size * 600 // 1240), Image.Resampling.LANCZOS).save(buffer, "PNG")
    return buffer.getvalue()


def read(client: ollama.Client, image: bytes) -> ollama.ChatResponse:
    return client.chat("dev-ocr", [{"role": "user", "content": "Lies die Seite.", "images": [image]}])


@pytest.mark.parametrize("tilt", [0, 2])
def test_a_printed_page_is_read_line_by_line_with_its_umlauts(reader: ollama.Client, tilt: int) -> None:
    answer = read(reader, page(1240, tilt))
    assert (answer.message.content or "").split("\n") == PAGE
    assert (answer.done, answer.done_reason) == (True, "stop")
    assert answer.prompt_eval_count
    assert answer.eval_count


def test_a_small_image_is_enlarged_before_it_is_read(reader: ollama.Client) -> None:
    content = read(reader, page(500)).message.content or ""
    assert "Schatten" in content


def test_an_empty_page_has_no_text(reader: ollama.Client) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600), "white").save(buffer, "JPEG")
    assert read(reader, buffer.getvalue()).message.content == ""


def test_what_the_reader_cannot_do_is_refused_as_ollama_does(reader: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError, match='"dev-ocr" does not support chat'):
        reader.chat("dev-ocr", [{"role": "user", "content": "Hallo"}])
    with pytest.raises(ollama.ResponseError, match="Failed to load image") as caught:
        read(reader, b"%PDF-1.7 not an image")
    assert caught.value.status_code == 400
    with pytest.raises(ollama.ResponseError, match="model 'dev-writer' not found"):
        reader.chat("dev-writer", [{"role": "user", "content": "Hallo"}])


def test_the_reader_tells_its_capabilities_and_is_in_ps_once_used(reader: ollama.Client) -> None:
    assert reader.show("dev-ocr").capabilities == ["completion", "vision"]
    read(reader, page(600))
    assert [model.model for model in reader.ps().models] == ["dev-ocr:latest"]


def test_the_log_counts_but_never_holds_text(reader: ollama.Client, log: Path) -> None:
    read(reader, page(1240))
    lines = log.read_text().splitlines()
    assert json.loads(lines[-1])["images"] == 1
    assert not any(word in line for line in lines for word in ("Schatten", "Seite", "Lies"))


@pytest.mark.skipif(HAS_LLAMA, reason="the engine is installed")
def test_a_missing_engine_is_one_line_that_says_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "modelserver", "real"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "run `pip install -r requirements-demo.txt`" in done.stderr


@pytest.mark.skipif(not HAS_LLAMA, reason="requirements-demo.txt is not installed")
def test_a_missing_language_model_is_one_line_that_says_what_to_run(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "modelserver", "real"],
        cwd=ROOT,
        env={"LEARNING_MODEL_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "run `python -m modelserver fetch`" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def writing_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("writer") / "log.jsonl"


@pytest.fixture(scope="module")
def writing_url(writing_log: Path) -> Iterator[str]:
    with real_server(f"--log={writing_log}") as url:
        yield url


@pytest.fixture
def writer(writing_url: str) -> Iterator[ollama.Client]:
    with ollama.Client(writing_url, timeout=120, trust_env=False) as client:
        yield client


@needs_writer
def test_a_schema_answer_is_valid_and_a_second_one_reuses_the_prompts_start(
    writer: ollama.Client, writing_log: Path
) -> None:
    for text in ("Der Hund läuft schnell.", "Die Katze schläft lange."):
        messages = [
            {"role": "system", "content": "Du gibst Schülern freundliche Rückmeldung zu ihren Sätzen."},
            {"role": "user", "content": f"Bewerte diesen Satz: {text}"},
        ]
        answer = writer.chat("dev-writer", messages, format=SCHEMA, options={"num_predict": 100, "seed": 1})
        Draft202012Validator(SCHEMA).validate(json.loads(answer.message.content or ""))
        assert answer.done_reason == "stop"
    first, second = (json.loads(line) for line in writing_log.read_text().splitlines()[-2:])
    assert first["load_seconds"] > 0
    assert first["prompt_tokens_cached"] == 0
    assert second["prompt_tokens_cached"] > second["prompt_tokens_evaluated"]
    assert answer.prompt_eval_count == second["prompt_tokens_cached"] + second["prompt_tokens_evaluated"]


@needs_writer
def test_num_predict_ends_the_answer_with_length(writer: ollama.Client) -> None:
    answer = writer.generate("dev-writer", "Erzähle eine lange Geschichte.", options={"num_predict": 5})
    assert (answer.done_reason, answer.eval_count) == ("length", 5)


@needs_writer
def test_a_prompt_over_the_context_is_ollamas_400(writer: ollama.Client, writing_url: str) -> None:
    body = {"model": "dev-writer", "truncate": False, "messages": [{"role": "user", "content": "wort " * 5000}]}
    answer = httpx.post(f"{writing_url}/api/chat", json=body, timeout=30, trust_env=False)
    assert answer.status_code == 400
    inner = json.loads(answer.json()["error"])["error"]
    assert (inner["type"], inner["n_ctx"]) == ("exceed_context_size_error", 4096)


@needs_writer
def test_a_generation_ends_when_its_client_has_gone(writer: ollama.Client, writing_url: str, writing_log: Path) -> None:
    body = {"model": "dev-writer", "prompt": "Zähle bis tausend.", "options": {"num_predict": 2000}}
    with httpx.stream("POST", f"{writing_url}/api/generate", json=body, timeout=60, trust_env=False) as answer:
        next(answer.iter_lines())
    assert writer.generate("dev-writer", "Hallo", options={"num_predict": 1}).done
    left, _ = (json.loads(line) for line in writing_log.read_text().splitlines()[-2:])
    assert left["outcome"] == "aborted"
    assert left["tokens"] < 2000


@needs_writer
def test_images_for_the_writer_are_refused(writer: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError, match="does not support multimodal requests"):
        writer.chat("dev-writer", [{"role": "user", "content": "x", "images": [b"x"]}])
