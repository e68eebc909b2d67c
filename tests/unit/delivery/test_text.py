"""What people typed becomes printable, in one line, whatever it was."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from seatwright.delivery.domain.text import breakable, isolated, on_paper, one_line


@given(st.text(max_size=300), st.integers(1, 80))
def test_one_line_is_one_line_of_visible_signs(typed: str, at_most: int) -> None:
    shown = one_line(typed, at_most)
    assert len(shown) <= at_most
    assert shown == shown.strip()
    assert not any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in shown)
    assert "  " not in shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ada\r\nBcc: all@example.com", "Ada Bcc: all@example.com"),
        ("exe\u202efdp", "exefdp"),
        ("\ud800x", "x"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("e\u0301", "é"),
    ],
)
def test_signs_that_deceive_are_gone_and_joiners_stay(typed: str, shown: str) -> None:
    assert one_line(typed, 100) == shown


@given(st.text(max_size=300))
def test_places_to_break_change_nothing_that_is_seen(typed: str) -> None:
    plain = typed.replace("\u200b", "")
    assert breakable(plain).replace("\u200b", "") == plain


def test_a_word_without_end_may_be_broken_and_a_long_name_may_not() -> None:
    assert "\u200b" in breakable("W" * 60)
    assert "\u200b" not in breakable("Maximilian-Alexander Lovelace-Königsberger")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("🎸 Rock Night 🎸", "Rock Night"),
        ("Ada 👩\u200d👩\u200d👧🏳️\u200d🌈 Lovelace", "Ada Lovelace"),
        ("Zoë👩🏽\u200d⚕️", "Zoë"),
        ("🎭", "performing arts"),
        ("🎟️🎭", "admission tickets, performing arts"),
        ("Row 1️⃣", "Row 1"),
        ("✨ Rock ⭐️ Night ⚡ ❤️", "Rock Night"),
        ("✨", "sparkles"),
        ("½ ★ ♿ 山田太郎 김", "½ ★ ♿ 山田太郎 김"),
        ("", ""),
    ],
)
def test_paper_has_no_emoji_and_says_what_would_be_left_out_whole(typed: str, printed: str) -> None:
    assert on_paper(one_line(typed, 100)) == printed


def test_only_what_is_written_from_the_right_is_set_apart() -> None:
    assert isolated("Ada · Zoë 山田") == "Ada · Zoë 山田"
    assert isolated("Kim עברית") == "\u2068Kim עברית\u2069"
    assert isolated("محمد") == "\u2068محمد\u2069"


@given(st.text(max_size=100))
def test_nothing_that_is_seen_disappears_whole(typed: str) -> None:
    shown = one_line(typed, 100)
    assert bool(on_paper(shown)) is bool(shown)
