"""Long and not obvious is enough; everything else is refused in words."""

import itertools
import string
import unicodedata

import pytest
from hypothesis import given, strategies as st

from seatwright.accounts.domain import passwords
from seatwright.kit.errors import Invalid

ABOUT = ("ada.lovelace@analytical-engines.example", "Ada Lovelace")


@pytest.mark.parametrize(
    "password",
    [
        "four muddy boots by the door",
        "mein kater frisst nur thunfisch",
        "xK7#pQ2!vR9$mZ4",
        "пятнадцать букв в ряд",
        "十五個以上の文字を使った長い合言葉です",
        "🎟️🎭🎪🎫🥁🎸🎺🎻🎷🪗🪘🎹🎤🎧🎬",
        "front-row-velvet-curtain",
        "a" * 7 + "unmistakably mine" + "b" * 100,
        "ilovemygrandmothersapplepie",
    ],
)
def test_what_is_long_and_ones_own_is_accepted(password: str) -> None:
    assert passwords.accept(password, about=ABOUT) == passwords.normalised(password)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "123456789012345",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjkl",
        "1qaz2wsx3edc4rfv",
        "passwordpassword",
        "Password123456789",
        "P@ssw0rdP@ssw0rd",
        "passwordpassword2024",
        "letmeinletmein123",
        "Welcome2024!!!!!",
        "correct horse battery staple",
        "iloveyouiloveyou",
        "adalovelace1815!",
        "Ada-Lovelace-2026",
        "lovelaceanalytical",
        "seatwright-tickets",
        "zyxwvutsrqponmlk",
        "000000111111222222",
        "changemechangeme",
        "adminadminadmin1",
    ],
)
def test_what_would_be_tried_first_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.accept(password, about=ABOUT)
    (problem,) = refused.value.problems
    assert (problem.pointer, problem.code) == ("/password", "too_common")


@pytest.mark.parametrize(
    ("password", "code"),
    [("", "too_short"), ("fourteen chars", "too_short"), ("x9" * 129, "too_long")],
)
def test_bounds_are_in_characters(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.accept(password)
    assert refused.value.problems[0].code == code


def test_two_hundred_and_fifty_six_characters_are_kept_whole() -> None:
    text = "".join(f"{n:x}ü" for n in range(200))[:256]
    assert passwords.accept(text) == text
    assert len(text) == 256


@given(st.text(min_size=15, max_size=80))
def test_spellings_are_judged_as_one(password: str) -> None:
    def judged(text: str) -> str:
        try:
            return passwords.accept(text)
        except Invalid as refusal:
            return refusal.problems[0].code

    assert judged(password) == judged(unicodedata.normalize("NFC", password))


@given(
    st.text(alphabet=string.ascii_letters + string.digits, min_size=40, max_size=64).filter(
        lambda t: len(set(t.casefold())) > 14
    )
)
def test_machine_made_passwords_are_never_refused_for_their_look(password: str) -> None:
    runs = any(ord(b) - ord(a) in {-1, 0, 1} for a, b in itertools.pairwise(password))
    if not runs:
        assert passwords.accept(password) == password


@given(st.sampled_from(["password", "qwertyuiop", "welcome"]), st.integers(2, 30))
def test_saying_it_again_does_not_help(word: str, times: int) -> None:
    assert passwords.obvious(word * times)


def test_a_long_hostile_text_is_judged_quickly() -> None:
    for text in ("a1" * 128, "abc" * 85, "0123456789" * 25, "ab" * 127 + "c!"):
        passwords.obvious(text, about=("x" * 254,))
