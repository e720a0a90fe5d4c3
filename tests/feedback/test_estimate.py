"""How long a question is, before it is asked: never too little, and nearer the truth with each answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from submissions.feedback.estimate import FEWEST, MARGIN, Estimates, TokenEstimate
from submissions.feedback.question import first_question
from submissions.feedback.sense import Material
from submissions.prompts import Prompts
from submissions.task import read_task
from tests.feedback.corpora import SAMPLES

#: Prompt tokens of each sample's text under the whole prompt, as Qwen2.5's tokeniser counted it (dev-writer).
COUNTED = {"typed-text": 1093}


def test_without_experience_the_estimate_is_above_what_a_real_tokeniser_counts(prompts: Prompts) -> None:
    for name, counted in COUNTED.items():
        assert counted
        assert counted <= TokenEstimate().tokens(contents_of(name, prompts)) <= 2 * counted


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
