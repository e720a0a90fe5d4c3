import pytest

from scripts.character_error import character_error


def test_a_text_read_as_it_is_has_no_error() -> None:
    assert character_error("Die Pflanze braucht Licht.", "Die Pflanze braucht Licht.") == 0


@pytest.mark.parametrize(
    ("read", "error"),
    [("Lichd", 1 / 5), ("Lich", 1 / 5), ("Lichtt", 1 / 5), ("", 1), ("Lichterkette", 7 / 5)],
)
def test_each_character_that_is_wrong_missing_or_too_many_counts(read: str, error: float) -> None:
    assert character_error(read, "Licht") == pytest.approx(error)


@pytest.mark.parametrize(
    ("read", "true"),
    [
        ("Wie Pflanzen\nleben", "# Wie Pflanzen leben\n"),
        ("- **Wasser**\n- *Licht*", "Wasser\nLicht"),
        ("> ein Zitat", "ein Zitat"),
        ('"Ja", sagte sie', "„Ja“, sagte sie"),
        ("Tim's", "Tim’s"),
        ("gru\u0308n", "grün"),
        ("die Pflan ze", "die\fPflanze"),
    ],
    ids=["heading", "list and emphasis", "quote", "German quotation marks", "apostrophe", "NFC", "white space"],
)
def test_what_is_no_reading_is_not_measured(read: str, true: str) -> None:
    assert character_error(read, true) == 0


def test_letters_and_punctuation_are_measured() -> None:
    assert character_error("Grun - ja", "Grün, ja") == pytest.approx(2 / 7)


@pytest.mark.parametrize(("read", "error"), [("", 0), ("invented", 1)])
def test_a_blank_page_is_read_right_only_if_nothing_was_read(read: str, error: float) -> None:
    assert character_error(read, " \n") == error
