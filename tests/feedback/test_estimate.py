"""How long a question is, before it is asked: never too little, and nearer the truth with each answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submissions.feedback.estimate import FEWEST, MARGIN, Estimates, TokenEstimate
from submissions.feedback.question import first_question
from submissions.feedback.sense import Material
from submissions.prompts import Prompts
from submissions.task import read_task
from tests.feedback.corpora import SAMPLES, corpus

#: Texts of many kinds with the tokens that a real tokeniser makes of them.
COUNTED = corpus("counted")
#: Prompt tokens of the sample typed-text under the whole prompt, chat template included, by the same tokeniser.
SAMPLE, SAMPLE_TOKENS = "typed-text", 1093


@pytest.fixture
def experienced(prompts: Prompts) -> TokenEstimate:
    """What is known after ordinary questions about prose."""
    estimate = TokenEstimate()
    for _ in range(FEWEST):
        estimate = estimate.learnt(contents_of(SAMPLE, prompts), SAMPLE_TOKENS)
    assert estimate.factor < 1
    return estimate


def test_without_experience_the_estimate_is_above_what_a_real_tokeniser_counts(prompts: Prompts) -> None:
    estimated = TokenEstimate().tokens(contents_of(SAMPLE, prompts))
    assert SAMPLE_TOKENS <= estimated <= 2 * SAMPLE_TOKENS


@pytest.mark.parametrize("entry", COUNTED, ids=lambda entry: entry["name"])
def test_no_kind_of_text_is_estimated_too_small_and_prose_not_above_twice_its_tokens(entry: dict[str, Any]) -> None:
    estimated = TokenEstimate().tokens([text_of(entry)])
    assert entry["tokens"] <= estimated
    if entry["name"] in {"English", "German"}:
        assert estimated <= 2.2 * entry["tokens"]


@pytest.mark.parametrize("entry", COUNTED, ids=lambda entry: entry["name"])
def test_experience_with_prose_makes_no_other_kind_of_text_too_small(
    entry: dict[str, Any], experienced: TokenEstimate
) -> None:
    assert entry["tokens"] <= experienced.tokens([text_of(entry)])


def test_a_digit_is_a_token_and_so_is_a_blank_beside_it_whatever_was_learnt() -> None:
    estimate = TokenEstimate((0.5,) * FEWEST)
    assert estimate.tokens_within("1 2 " * 500) >= 2000
    assert estimate.tokens_within("a b " * 500) >= 1000
    assert TokenEstimate((2.0,)).tokens_within("1 2 " * 500) >= 4000


@pytest.mark.parametrize("entry", COUNTED, ids=lambda entry: entry["name"])
@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_the_parts_of_a_text_are_together_no_smaller_than_the_whole(entry: dict[str, Any], size: int) -> None:
    estimate, text = TokenEstimate((0.6,) * FEWEST), text_of(entry)
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    assert sum(map(estimate.tokens_within, parts)) >= estimate.tokens_within(text) - 0.01


@pytest.mark.parametrize("name", ["Chinese", "Japanese", "digits and blanks"])
def test_what_other_texts_save_is_not_expected_of_prose(name: str, prompts: Prompts) -> None:
    """A tokeniser that takes three digits, or a whole Chinese word, for a token makes no more of German than others."""
    other = next(text_of(entry) for entry in COUNTED if entry["name"] == name)
    contents = [*contents_of(SAMPLE, prompts), other * 50]
    estimate, counted = TokenEstimate(), SAMPLE_TOKENS + TokenEstimate().tokens([other * 50]) // 5
    for _ in range(FEWEST):
        estimate = estimate.learnt(contents, counted)
    assert estimate.tokens(contents_of(SAMPLE, prompts)) >= SAMPLE_TOKENS


def text_of(entry: dict[str, Any]) -> str:
    text: str = entry["text"]
    return text * entry.get("times", 1)


def contents_of(name: str, prompts: Prompts) -> list[str]:
    text = next(path for path in (SAMPLES / f"{name}.txt", SAMPLES / f"{name}.true.txt") if path.exists())
    material = Material(read_task(SAMPLES / f"{name}.task.yaml"), text.read_text(encoding="utf-8"))
    return [message.content for message in first_question(material, prompts).messages]


def test_a_model_with_long_tokens_is_trusted_after_a_few_answers() -> None:
    estimate, text = TokenEstimate(), ["Ein Satz wie dieser. " * 50]
    counted = estimate.tokens(text) // 2
    for _ in range(FEWEST - 1):
        estimate = estimate.learnt(text, counted)
    assert estimate.tokens(text) == TokenEstimate().tokens(text)
    estimate = estimate.learnt(text, counted)
    assert counted < estimate.tokens(text) <= MARGIN * counted + 1


def test_the_longest_count_decides_and_one_that_was_left_out_does_not() -> None:
    text = ["Ein Satz."]
    estimate = TokenEstimate().learnt(text, 10).learnt(text, 30).learnt(text, 20)
    assert estimate.tokens(text) >= 30
    assert estimate.learnt(text, 0) == estimate


@given(st.lists(st.text(max_size=100), min_size=1, max_size=4))
def test_no_text_is_estimated_beyond_its_bytes(contents: list[str]) -> None:
    assert TokenEstimate().tokens(contents) <= sum(len(each.encode()) + 12 for each in contents) + 1


def test_a_model_with_short_tokens_is_believed_at_once() -> None:
    text = ["Ein Satz."]
    assert TokenEstimate().learnt(text, 100).tokens(text) >= 100


def test_what_one_model_taught_is_not_held_against_another() -> None:
    estimates, text = Estimates(), ["Ein Satz."]
    for _ in range(FEWEST):
        estimates.learn("wordy", text, 1000)
    assert estimates.of("wordy").tokens(text) > 1000
    assert estimates.of("terse") == TokenEstimate()
