import pytest
from hypothesis import given, strategies as st

from seatwright.catalog.domain.slugs import SLUG_CHARACTERS_MAX, slug_of, slug_problem
from seatwright.catalog.domain.texts import line_problems, prose_problems, tidy
from seatwright.catalog.domain.words import WORD_CHARACTERS_MAX, fold, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Théâtre de l'Été", ["theatre", "de", "lete"]),
        ("O’Brien", ["obrien"]),  # noqa: RUF001
        ("Straße", ["strasse"]),
        ("Søren Łódź", ["soren", "lodz"]),
        ("İstanbul", ["istanbul"]),
        ("Tides v Étoile (2nd leg)", ["tides", "v", "etoile", "2nd", "leg"]),
        ("消費税 ライブ", ["消費税", "ライフ"]),
        ("snake_case", ["snake", "case"]),
        ("%_*.", []),
        ("x" * 60, ["x" * WORD_CHARACTERS_MAX]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    for word in words(text):
        assert word
        assert " " not in word


@given(st.text(max_size=300), st.sampled_from(["", "2026-12-05", "2026-12-05-ab12c"]))
def test_a_made_slug_can_be_used(title: str, ending: str) -> None:
    slug = slug_of(title, ending=ending)
    assert slug_problem(slug) is None or (not ending and slug == "event"), slug
    assert len(slug) <= SLUG_CHARACTERS_MAX
    assert slug.endswith(ending)


@pytest.mark.parametrize(
    "slug", ["", "ab", "admin", "..", "-ab", "ab-", "a--b", "Über", "a b", "a/b", "x" * 81, "ABC"]
)
def test_slugs_that_cannot_be_used(slug: str) -> None:
    assert slug_problem(slug) is not None


def test_known_slugs() -> None:
    assert slug_of("Théâtre: L'Été", ending="2026-07-01") == "theatre-lete-2026-07-01"
    assert slug_of("消費税", ending="2026-07-01") == "2026-07-01"
    assert slug_of("Admin") == "event-admin"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "required"),
        ("x" * 11, "too_long"),
        ("a\nb", "line_break"),
        ("a\x00b", "invisible_character"),
        ("a\u202eb", "invisible_character"),
        ("a\u200bb", "invisible_character"),
        ("<b>x</b>", "html"),
        ("<!--", "html"),
    ],
)
def test_lines_that_cannot_be_kept(text: str, code: str) -> None:
    assert [p.code for p in line_problems("/x", text, characters_max=10)] == [code]


@pytest.mark.parametrize(
    "text",
    ["a < b", "5 <3", "👩\u200d🚀", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "Nº 5"],
)
def test_lines_that_can(text: str) -> None:
    assert list(line_problems("/x", text, characters_max=10)) == []


def test_prose_may_have_lines_and_be_absent() -> None:
    assert list(prose_problems("/x", "a\n\nb", characters_max=10)) == []
    assert list(prose_problems("/x", "", characters_max=10, optional=True)) == []


def test_tidying() -> None:
    assert tidy("  e\u0301\r\nb ") == "é\nb"
