"""What a refused value is told, as a person reads it."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest

from seatwright.kit.web.wording import humane

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Form = Annotated[str, msgspec.Meta(pattern=r"^\+[0-9]+$")]
Number = Annotated[int, msgspec.Meta(ge=1, le=8)]
Even = Annotated[int, msgspec.Meta(multiple_of=2)]
Some = Annotated[list[int], msgspec.Meta(min_length=1, max_length=2)]


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Text, "x" * 121, "At most 120 characters."),
        (Text, "", "This must not be empty."),
        (Annotated[str, msgspec.Meta(min_length=16)], "x", "At least 16 characters."),
        (Annotated[str, msgspec.Meta(max_length=1)], "xy", "At most 1 character."),
        (Text | None, "x" * 121, "At most 120 characters."),
        (Text, 1, "A text is expected, not a whole number."),
        (Text | None, [], "A text or null is expected, not a list."),
        (Form, "abc", "This does not have the form it must have."),
        (Number, 0, "At least 1."),
        (Number, 9, "At most 8."),
        (Even, 3, "A multiple of 2."),
        (Some, [], "This must not be empty."),
        (Some, [1, 2, 3], "At most 2 entries."),
        (bool, "yes", "True or false is expected, not a text."),
        (Literal["a", "b"], "c", "This is not one of the values that are possible here."),
        (datetime, "soon", "A time like 2026-05-01T19:30:00Z is expected."),
    ],
)
def test_a_refused_value_is_explained_without_the_words_of_a_program(
    kind: Any, value: Any, words: str
) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(msgspec.json.encode(value), type=kind)
    assert humane(str(refused.value)) == words


def test_what_nobody_has_words_for_is_not_shown_raw() -> None:
    assert humane("Expected `frobnitz` of whatever") == "This is not valid here."
