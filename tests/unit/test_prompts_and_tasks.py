"""Prompts from files, tasks from files: read once, checked, refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from submissions.errors import HandInRefused, SettingsRefused
from submissions.feedback.problems import Problem
from submissions.prompts import FOLDER, Purpose, load_prompts
from submissions.task import Criterion, TaskContext, read_task


def test_the_prompt_is_that_of_the_tasks_language_and_german_by_default() -> None:
    prompts = load_prompts("")
    assert prompts.of("en", Purpose.VISION).system.startswith("You")
    assert prompts.of("de", Purpose.VISION).system.startswith("Du")
    assert prompts.of("fr", Purpose.VISION) == prompts.of("de", Purpose.VISION)


def test_a_dollar_in_the_pupils_text_stays_a_dollar() -> None:
    values = {
        "instruction": "i",
        "criteria": "c",
        "hints": "h",
        "keys": "k",
        "boundary": "=",
        "text": "$hints kostet $5",
    }
    system, user = load_prompts("").of("de", Purpose.FEEDBACK).filled(**values)
    assert "\n$hints kostet $5\n" in user
    assert "$" not in system


def test_what_all_pupils_of_a_task_share_stands_before_what_one_wrote() -> None:
    prompt = load_prompts("").of("en", Purpose.FEEDBACK)
    assert not [variable for variable in ("$text", "$boundary") if variable in prompt.system]
    assert not [variable for variable in ("$instruction", "$criteria", "$hints", "$keys") if variable in prompt.user]


def test_an_operators_prompt_replaces_ours_and_changes_the_version(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "vision.md").write_text("Read.\n---\nPage $page of $page_count")
    prompts = load_prompts(str(tmp_path))
    assert prompts.of("en", Purpose.VISION).system == "Read."
    assert prompts.of("en", Purpose.VISION).version != load_prompts("").of("en", Purpose.VISION).version
    assert prompts.of("de", Purpose.VISION) == load_prompts("").of("de", Purpose.VISION)


def test_the_version_of_feedback_is_that_of_all_words_that_may_lead_to_it(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    versions = [load_prompts("").feedback_version("de")]
    for name in ("feedback", "section", "again"):
        ours = (FOLDER / "de" / f"{name}.md").read_text(encoding="utf-8")
        (tmp_path / "de" / f"{name}.md").write_text(f"Ein Wort.\n{ours}", encoding="utf-8")
        versions.append(load_prompts(str(tmp_path)).feedback_version("de"))
    assert len(set(versions)) == 4
    assert all(len(version) == 12 for version in versions)
    assert load_prompts(str(tmp_path)).feedback_version("en") == load_prompts("").feedback_version("en")
    (tmp_path / "de" / "vision.md").write_text("Lies.\n---\n$page $page_count")
    assert load_prompts(str(tmp_path)).feedback_version("de") == versions[-1]


def test_a_folder_of_prompts_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match=r"AI_PROMPTS_DIR='.*/promts' is no folder") as refusal:
        load_prompts(str(tmp_path / "promts"))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("de/feedbak.md", "de/feedback.md"),
        ("en/Again.md", "en/again.md"),
        ("DE/section.md", "de/section.md"),
        ("vision.md", "en/vision.md"),
        ("en/feedback.txt", "en/feedback.md"),
        ("prompts/de/again.md", "de/again.md"),
    ],
)
def test_a_file_that_nobody_reads_is_refused_with_the_nearest_name(tmp_path: Path, name: str, nearest: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("Read.\n---\nPage $page of $page_count")
    with pytest.raises(SettingsRefused) as refusal:
        load_prompts(str(tmp_path))
    assert f"{name} below AI_PROMPTS_DIR is no prompt; did you mean {nearest}?" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_hidden_files_beside_the_prompts_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".git" / "de").mkdir(parents=True)
    (tmp_path / ".git" / "de" / "config").write_text("x")
    (tmp_path / ".DS_Store").write_text("x")
    assert load_prompts(str(tmp_path)) == load_prompts("")


def test_a_prompt_that_points_nowhere_does_not_silently_become_ours(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "vision.md").symlink_to(tmp_path / "gone.md")
    with pytest.raises(SettingsRefused, match=r"de/vision\.md cannot be read"):
        load_prompts(str(tmp_path))


@pytest.mark.parametrize(
    "content",
    ["no rule $page $page_count", "a\n---\n$page", "a\n---\n$page $page_count $pages", "a\n---\n$page $page_count 5$ "],
)
def test_a_prompt_that_would_lose_something_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "vision.md").write_text(content)
    with pytest.raises(SettingsRefused, match=r"de/vision\.md"):
        load_prompts(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("feedback", "$instruction $criteria $hints $keys $text\n---\n$boundary $text $boundary", "before its line"),
        ("feedback", "$instruction $criteria $keys\n---\n$boundary $text $boundary", "$hints"),
        ("feedback", "$instruction $criteria $hints $keys\n---\n$boundary $text", "after $text"),
        ("feedback", "$instruction $criteria $hints $keys\n---\n$text $boundary $boundary", "before"),
        ("again", "No: $reasons\n---\nanswer_cut: Shorter.", "answer_broke_off"),
        ("again", "No.\n---\n", "$reasons"),
        ("section", "Part $number\n---\nPart $number of $count", "$count"),
    ],
)
def test_a_prompt_that_would_leave_the_text_unfenced_or_a_reason_unsaid_is_refused(
    tmp_path: Path, name: str, content: str, told: str
) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / f"{name}.md").write_text(content)
    with pytest.raises(SettingsRefused, match=rf"en/{name}\.md") as refusal:
        load_prompts(str(tmp_path))
    assert told in str(refusal.value)


def test_a_reason_that_no_code_gives_is_refused(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    ours = (FOLDER / "de" / "again.md").read_text()
    (tmp_path / "de" / "again.md").write_text(f"{ours}answer_boring: Langweilig.\n")
    with pytest.raises(SettingsRefused, match="answer_boring"):
        load_prompts(str(tmp_path))


@pytest.mark.parametrize("language", ["de", "en"])
def test_our_prompts_have_a_sentence_for_every_problem(language: str) -> None:
    assert list(load_prompts("").of(language, Purpose.AGAIN).sentences()) == [*Problem]


def test_every_prompt_file_is_one_that_is_read() -> None:
    assert {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()} == {
        f"{language}/{purpose}.md" for language in ("de", "en") for purpose in Purpose
    }


@pytest.mark.parametrize("name", ["task.yaml", "task.json"])
def test_a_task_file_is_yaml_or_json(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(
        '{"instruction": "Schreibe.", "criteria": ["A", {"criterion": "B", "max_score": 5}], "language": "en"}'
    )
    assert read_task(path) == TaskContext("Schreibe.", (Criterion("A", 10), Criterion("B", 5)), "", "en")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("criteria: [a]", "needs an instruction"),
        ("instruction: ' '", "needs an instruction"),
        ("- a\n- b", "a task is a mapping"),
        ("instruction: x\ncriteria: [1,2,3,4,5,6,7,8,9,10,11]", "at most 10"),
        ("instruction: x\ncriteria: [' ']", "each criterion is a text"),
        ("instruction: x\ncriteria: [{criterion: a, max_score: 11}]", "max_score of a criterion"),
        ("instruction: x\nkriterien: [a]", "no key 'kriterien'"),
        ("instruction: x\nlanguage: fr", "one of de, en"),
        ("instruction: [", "neither YAML nor JSON"),
    ],
)
def test_a_task_that_a_teacher_has_to_mend_is_refused_in_one_line(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "task.yaml"
    path.write_text(content)
    with pytest.raises(HandInRefused) as refusal:
        read_task(path)
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_task_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HandInRefused, match="cannot be read"):
        read_task(tmp_path / "none.yaml")
