"""Each error that Ollama is known to send becomes its fault: one case or more for each row of the tables."""

import json
import traceback
from typing import Any

import pytest

from modelserver.testing import ScriptedServer
from submissions.errors import Fault, ModelAway, ModelUnfit, OverLimit, ServerAway, ServerFault
from submissions.model_server import ModelServer
from submissions.model_server.classify import classify, error_text
from submissions.model_server.server_errors import SERVER_ERRORS
from submissions.model_server.setup_errors import SETUP_ERRORS
from submissions.model_server.status_errors import STATUS_ERRORS
from tests.model_server.asking import a_request, fault_of
from tests.model_server.conftest import settings_for
from tests.model_server.known_texts import TEXTS, Text
from tests.model_server.raw_server import RawServer, http, ndjson, piece

#: Stands in every error's text, as a quotation of the prompt might.
QUOTED = " … Mein Hund heißt Wuffi"

CASES = [(text, kind, reason) for (kind, reason), texts in TEXTS.items() for text in texts]


@pytest.mark.parametrize(("text", "kind", "reason"), CASES)
def test_an_error_before_the_answer_becomes_its_fault_and_is_not_quoted(
    script: ScriptedServer, text: Text, kind: type[Fault], reason: str
) -> None:
    said = {"status": text.status, "error": text.text + QUOTED}
    if text.kind:
        said = {"name": "llama_error", "status": text.status, "message": text.text + QUOTED, "type": text.kind}
    script.rules([{"action": {"fault": {"name": "status", **said}}}])
    caught = fault_of(ModelServer(settings_for(script.url)))
    assert (type(caught), caught.reason) == (kind, reason)
    assert "Wuffi" not in "".join(traceback.format_exception(caught))


def test_every_row_of_the_tables_is_reached_by_a_text() -> None:
    rows = SETUP_ERRORS + SERVER_ERRORS
    texts = [text for text, _, _ in CASES]
    reached = {next((row.source for row in rows if row.means(text.status, text.flat)), "") for text in texts}
    assert {row.source for row in rows} <= reached
    assert all(any(text.status in row.statuses for text in texts) for row in STATUS_ERRORS[1:])


MID_STREAM: list[tuple[Any, type[Fault], str]] = [
    ("an error was encountered while running the model: unexpected EOF", ServerFault, "runner_died"),
    ("llama-server chat error: map[code:500 message:oops type:server_error]", ServerFault, "mid_stream_error"),
    ("llama-server process no longer running: exit status 2", ModelAway, "runner_gone"),
    ("something that no version has said so far", ServerFault, "mid_stream_error"),
    ("out of memory", ServerFault, "mid_stream_error"),
    ('{"error":{"code":500,"message":"Compute error.","type":"server_error"}}', ServerFault, "mid_stream_error"),
    ('["no object"]', ServerFault, "mid_stream_error"),
]


@pytest.mark.parametrize(("error", "kind", "reason"), MID_STREAM)
def test_an_error_in_the_middle_of_an_answer_becomes_its_fault(
    model_server: ModelServer, script: ScriptedServer, error: str, kind: type[Fault], reason: str
) -> None:
    fault = {"name": "error_mid_stream", "after": 2, "error": error}
    script.rules([{"action": {"text": "one two three", "fault": fault}}])
    caught = fault_of(model_server)
    assert (type(caught), caught.reason) == (kind, reason)


@pytest.mark.parametrize("error", [{"code": 503, "message": "Loading model"}, {"error": {"message": "Loading model"}}])
def test_an_error_line_that_holds_an_object_is_read_as_well(error: object) -> None:
    with RawServer(ndjson(piece("good"), {"error": error})) as raw:
        assert fault_of(ModelServer(settings_for(raw.url))).reason == "model_loading"


@pytest.mark.parametrize("error", [7, True, ["x"], {"error": None}, {"code": 1}])
def test_an_error_without_words_is_still_an_error(error: object) -> None:
    with RawServer(ndjson(piece("good"), {"error": error})) as raw:
        assert fault_of(ModelServer(settings_for(raw.url))).reason == "mid_stream_error"


def test_an_empty_403_names_the_host_as_the_problem() -> None:
    with RawServer(http(b"", "403 Forbidden")) as raw:
        assert fault_of(ModelServer(settings_for(raw.url))).reason == "host_refused"


def test_an_error_body_without_end_is_read_only_in_its_beginning() -> None:
    with RawServer(http(b"x" * 5_000_000, "500 Internal Server Error")) as raw:
        assert fault_of(ModelServer(settings_for(raw.url))).reason == "server_error"


def test_a_quotation_far_behind_the_beginning_of_an_error_decides_nothing() -> None:
    fault = classify(500, json.dumps({"error": "oops " * 100 + "out of memory"}), "m")
    assert fault.reason == "server_error"


def test_errors_within_errors_without_end_have_no_words() -> None:
    error: Any = "deep"
    for _ in range(50):
        error = {"error": error}
    assert error_text(error) == ""
    assert error_text('{"error":' * 100_000) == '{"error":' * 100_000


def test_a_missing_model_is_named_together_with_the_command_that_brings_it(model_server: ModelServer) -> None:
    caught = fault_of(model_server, a_request(model="absent:3b"))
    assert (type(caught), caught.reason) == (ModelUnfit, "model_missing")
    assert "ollama pull absent:3b" in caught.message


def test_a_prompt_that_does_not_fit_waits_for_a_larger_context(model_server: ModelServer) -> None:
    caught = fault_of(model_server, a_request(num_ctx=4, num_predict=2))
    assert (type(caught), caught.reason) == (OverLimit, "context_exceeded")
    assert "AI_FEEDBACK_NUM_CTX" in caught.message
    assert isinstance(caught, OverLimit)
    assert caught.prompt_tokens == 9


@pytest.mark.parametrize(
    ("inner", "counted"),
    [
        ({"type": "exceed_context_size_error", "n_prompt_tokens": 5000, "n_ctx": 4096}, 5000),
        ({"type": "exceed_context_size_error"}, 0),
        ({"type": "exceed_context_size_error", "n_prompt_tokens": "5000"}, 0),
        ({"type": "exceed_context_size_error", "n_prompt_tokens": True}, 0),
        ({"type": "exceed_context_size_error", "n_prompt_tokens": -1}, 0),
    ],
)
def test_how_long_a_prompt_was_is_believed_if_the_server_gives_a_number(inner: dict[str, Any], counted: int) -> None:
    error = {"error": {"code": 400, "message": "request exceeds the available context size", **inner}}
    for told in (error, {"error": json.dumps(error)}):
        fault = classify(400, json.dumps(told), "m")
        assert isinstance(fault, OverLimit)
        assert (fault.reason, fault.prompt_tokens) == ("context_exceeded", counted)


def test_a_path_that_is_not_ollamas_is_a_matter_for_the_operator(script: ScriptedServer) -> None:
    assert fault_of(ModelServer(settings_for(f"{script.url}/v1"))).reason == "not_ollama"


def test_a_failing_question_about_a_model_never_counts_since_no_document_was_at_work() -> None:
    with RawServer(shown={"error": "x"}, answer=http(b"")) as raw:
        assert ModelServer(settings_for(raw.url)).capabilities("m") == frozenset()
    with RawServer(http(b'{"error":"oops"}', "500 Internal Server Error")) as raw, pytest.raises(ServerAway):
        ModelServer(settings_for(raw.url)).models()
