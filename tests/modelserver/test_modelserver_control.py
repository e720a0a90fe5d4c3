"""What a test can steer and see: rules, gate, slots, records, and honest refusals of wrong input."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import ollama
import pytest

from modelserver.scripted.answers import image_hash
from modelserver.testing import ScriptedServer


def ask(server: ScriptedServer, text: str = "Hallo", model: str = "scripted-text") -> str:
    with ollama.Client(server.url, timeout=10, trust_env=False) as client:
        return client.chat(model, [{"role": "user", "content": text}]).message.content or ""


def test_the_first_rule_that_matches_decides(server: ScriptedServer) -> None:
    server.rules(
        [
            {"match": {"contains": "Hund"}, "action": {"text": "bellt"}},
            {"match": {"regex": "[Kk]atze|Hund"}, "action": {"tokens": ["mi", "aut"]}},
        ]
    )
    assert [ask(server, text) for text in ("Ein Hund", "eine Katze")] == ["bellt", "miaut"]
    assert ask(server, "Ein Vogel").startswith("This is answer")


def test_rules_match_model_endpoint_images_and_their_hash(server: ScriptedServer, client: ollama.Client) -> None:
    server.rules(
        [
            {"match": {"image_sha256": image_hash(b"two")}, "action": {"text": "page two"}},
            {"match": {"has_images": True}, "action": {"text": "a page"}},
            {"match": {"endpoint": "generate"}, "action": {"text": "generated"}},
            {"match": {"model": "scripted-vision"}, "action": {"text": "vision"}},
        ]
    )
    assert client.generate("scripted-vision", "", images=[b"one"]).response == "a page"
    assert client.generate("scripted-vision", "", images=[b"two"]).response == "page two"
    assert client.generate("scripted-text", "x").response == "generated"
    assert ask(server, model="scripted-vision") == "vision"
    assert ask(server).startswith("This is answer")


def test_nth_and_times_count_the_calls_that_match_otherwise(server: ScriptedServer) -> None:
    server.rules(
        [
            {"match": {"nth": 2}, "action": {"text": "second"}},
            {"match": {"times": 2}, "action": {"text": "one of two"}},
            {"action": {"text": "rest"}},
        ]
    )
    assert [ask(server) for _ in range(5)] == ["one of two", "second", "one of two", "rest", "rest"]


def test_a_share_of_the_calls_is_drawn_the_same_ones_for_a_seed_and_none_too_often(server: ScriptedServer) -> None:
    def drawn(seed: int) -> list[str]:
        lot = {"share": 0.5, "seed": seed, "same": "Name \\d+", "at_most": 2}
        server.rules([{"match": {"drawn": lot}, "action": {"text": "drawn"}}, {"action": {"text": "-"}}])
        return [ask(server, f"Name {name}, asked for the {time} time") for name in range(8) for time in range(8)]

    first = drawn(seed=1)
    assert drawn(seed=1) == first != drawn(seed=2)
    assert {first[8 * name : 8 * name + 8].count("drawn") for name in range(8)} <= {0, 1, 2}
    assert 8 <= first.count("drawn") <= 16


def test_each_call_that_a_rule_takes_gets_the_next_of_its_faults(server: ScriptedServer) -> None:
    server.rules([{"match": {}, "action": {"faults": ["no_done", {"name": "cut", "after": 1}]}}])
    for _ in range(3):
        ask(server)
    assert [record["outcome"] for record in server.requests()] == ["fault no_done", "fault cut", "fault no_done"]


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"match": {"modle": "x"}}, "rules[0].match.modle: unknown field"),
        ({"match": {"nth": 0}}, "rules[0].match.nth: must be a whole number of at least 1"),
        ({"match": {"regex": "("}}, "rules[0].match.regex: must be a regular expression"),
        ({"action": {"text": "a", "json": {}}}, "rules[0].action.json: must not stand beside text"),
        ({"action": {"fault": "explode"}}, "rules[0].action.fault: must name one of"),
        ({"action": {"faults": ["reset", "explode"]}}, "rules[0].action.faults[1]: must name one of"),
        ({"action": {"faults": []}}, "rules[0].action.faults: must be"),
        ({"match": {"drawn": {"share": 2}}}, "rules[0].match.drawn.share: must be a number from 0 to 1"),
        ({"action": {"fault": {"name": "reset", "after": -1}}}, "rules[0].action.fault.after: must be"),
        ({"answer": "x"}, "rules[0].answer: unknown field"),
    ],
)
def test_a_rule_with_an_invalid_field_is_refused_in_one_line_that_names_it(
    server: ScriptedServer, rule: dict[str, object], named: str
) -> None:
    with pytest.raises(RuntimeError) as caught:
        server.rules([rule])
    assert str(caught.value).startswith(named)
    assert "\n" not in str(caught.value)


def test_a_refused_batch_changes_no_rule(server: ScriptedServer) -> None:
    server.rules([{"action": {"text": "stays"}}])
    with pytest.raises(RuntimeError):
        server.add_rules({"action": {"text": "new"}}, {"action": {"txt": "broken"}})
    assert ask(server) == "stays"


def test_configuration_is_refused_with_the_name_of_the_field(server: ScriptedServer) -> None:
    with pytest.raises(RuntimeError, match=r"config\.num_parallel: must be a whole number of at least 1"):
        server.config(num_parallel=0)
    with pytest.raises(RuntimeError, match=r"config\.models\[0\]\.name: must be given"):
        server.config(models=[{"capabilities": ["completion"]}])


def test_installed_models_can_be_changed(server: ScriptedServer, client: ollama.Client) -> None:
    server.config(models=["llama", {"name": "qwen-vl:7b", "capabilities": ["completion", "vision", "thinking"]}])
    assert [model.model for model in client.list().models] == ["llama:latest", "qwen-vl:7b"]
    assert client.chat("qwen-vl:7b", [{"role": "user", "content": "x"}], think=True).done
    with pytest.raises(ollama.ResponseError, match="model 'scripted-text' not found"):
        ask(server)


def test_a_thinking_model_thinks_unless_it_is_told_not_to(server: ScriptedServer, client: ollama.Client) -> None:
    server.config(models=[{"name": "thinker", "capabilities": ["completion", "thinking"]}])
    question = [{"role": "user", "content": "x"}]
    assert client.chat("thinker", question).message.thinking
    assert client.chat("thinker", question, think=False).message.thinking is None


def test_held_calls_wait_before_the_first_byte_and_go_one_by_one_in_order(
    server: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    server.config(num_parallel=3)
    server.hold()
    calls = []
    for number in range(3):
        calls.append(background.submit(ask, server, f"call {number}"))
        server.wait(held=number + 1)
    assert not any(call.done() for call in calls)
    server.release(1)
    calls[0].result(5)
    assert server.wait(ended=1)["held"] == 2
    assert not calls[1].done()
    server.release()
    assert [call.result(5) for call in calls]
    assert server.state()["max_in_flight"] == 3


def test_only_named_models_are_held(server: ScriptedServer, background: ThreadPoolExecutor) -> None:
    server.hold("scripted-vision")
    held = background.submit(ask, server, "x", "scripted-vision")
    server.wait(held=1)
    assert ask(server)
    server.release()
    assert held.result(5)


def test_only_num_parallel_calls_of_a_model_run_at_once_in_order_of_arrival(
    server: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    server.config(num_parallel=2)
    server.hold()
    calls = []
    for number in range(4):
        calls.append(background.submit(ask, server, f"call {number}"))
        server.wait(received=number + 1)
    server.wait(held=2)
    model = server.state()["models"]["scripted-text"]
    assert (model["in_flight"], model["running"], model["waiting"]) == (4, 2, 2)
    server.release()
    for call in calls:
        call.result(5)
    assert server.state()["models"]["scripted-text"]["max_running"] == 2
    firsts = [record["first_byte"] for record in server.requests()]
    assert max(firsts[:2]) <= min(firsts[2:])


def test_a_client_that_leaves_frees_its_slot_and_is_recorded_as_aborted(
    server: ScriptedServer, background: ThreadPoolExecutor
) -> None:
    server.hold()
    with ollama.Client(server.url, timeout=0.2, trust_env=False) as impatient, pytest.raises(httpx.ReadTimeout):
        impatient.chat("scripted-text", [{"role": "user", "content": "x"}])
    server.wait(ended=1)
    assert server.state()["models"]["scripted-text"]["running"] == 0
    assert server.requests()[0]["outcome"] == "aborted by client"
    assert server.requests()[0]["first_byte"] is None
    server.release()
    assert background.submit(ask, server).result(5)


def test_a_client_that_leaves_in_mid_stream_ends_the_generation(server: ScriptedServer) -> None:
    server.rules([{"action": {"tokens": ["wort "] * 10_000, "tokens_per_second": 500}}])
    with ollama.Client(server.url, timeout=5, trust_env=False) as client:
        stream = client.generate("scripted-text", "x", stream=True)
        next(iter(stream))
        stream.close()
    server.wait(ended=1)
    (record,) = server.requests()
    assert record["outcome"] == "aborted by client"
    assert record["tokens"] < 10_000


def test_waiting_for_what_does_not_come_says_what_there_is(server: ScriptedServer) -> None:
    with pytest.raises(TimeoutError, match="'received': 0"):
        server.wait(timeout=0.05, received=1)
    with pytest.raises(RuntimeError, match=r"wait\.arrived: unknown count"):
        server.wait(arrived=1)


def test_a_record_holds_what_was_asked_and_when(server: ScriptedServer, client: ollama.Client) -> None:
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Read.", "images": [b"page"]},
    ]
    client.chat("scripted-vision", messages, options={"num_predict": 99}, think=False, format="json", keep_alive=60)
    (record,) = server.requests(model="scripted-vision")
    assert record["roles"] == ["system", "user"]
    assert record["contents"] == ["Be kind.", "Read."]
    assert record["image_sha256"] == [image_hash(b"page")]
    assert record["options"] == {"num_predict": 99}
    assert record["flags"] == {"think": False, "keep_alive": 60}
    assert record["has_format"]
    assert record["outcome"] == "done"
    assert record["received"] <= record["first_byte"] <= record["ended"]
    assert record["prompt_tokens"] == 5 + 768


def test_refused_calls_are_recorded_too(server: ScriptedServer) -> None:
    with pytest.raises(ollama.ResponseError):
        ask(server, model="missing")
    assert server.requests()[0]["outcome"] == "refused 404"
    server.forget_requests()
    assert server.requests() == []


def test_speed_is_what_the_configuration_says(server: ScriptedServer, client: ollama.Client) -> None:
    server.config(tokens_per_second=100, prefill_seconds=0.1)
    server.rules([{"action": {"tokens": ["a "] * 20}}])
    answer = client.generate("scripted-text", "x")
    assert answer.prompt_eval_duration is not None
    assert answer.eval_duration is not None
    assert answer.prompt_eval_duration >= 100_000_000
    assert answer.eval_duration >= 200_000_000
    assert answer.eval_count == 20


def test_a_script_file_sets_config_and_rules_and_the_log_file_gets_each_call(tmp_path: Path) -> None:
    script, log = tmp_path / "script.json", tmp_path / "calls.jsonl"
    script.write_text(json.dumps({"config": {"version": "9.9"}, "rules": [{"action": {"text": "from the script"}}]}))
    with ScriptedServer(script=script, log=log) as server:
        assert ask(server) == "from the script"
        assert server.config()["version"] == "9.9"
    (line,) = log.read_text().splitlines()
    assert json.loads(line)["outcome"] == "done"
