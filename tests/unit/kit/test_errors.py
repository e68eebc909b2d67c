"""Refusals carry a code, words and facts."""

import pytest

from seatwright.kit import errors


def test_a_refusal_carries_what_it_was_given():
    plain = errors.Conflict()
    assert (plain.code, plain.detail, dict(plain.facts)) == ("conflict", "", {})
    precise = errors.Conflict("Taken.", code="seats_taken", seats=["A:1:1"])
    assert (precise.code, precise.detail) == ("seats_taken", "Taken.")
    assert precise.facts["seats"] == ["A:1:1"]
    assert str(precise) == "Taken."
    assert errors.Conflict.code == "conflict", "one instance's code is nobody else's"


def test_an_invalid_input_tells_its_first_problems():
    problems = tuple(errors.Problem(f"/{n}", "x", f"no {n}") for n in range(5))
    refusal = errors.Invalid(problems)
    assert str(refusal) == "/0: no 0; /1: no 1; /2: no 2"
    assert refusal.problems == problems
    assert str(errors.Invalid()) == "The input is not valid."
    assert str(errors.Invalid(problems, detail="Look.")) == "Look."
    with pytest.raises(errors.Invalid) as caught:
        raise errors.invalid("/a", "b", "c")
    assert caught.value.problems == (errors.Problem("/a", "b", "c"),)


def test_a_subclass_may_have_a_code_of_its_own():
    class Mismatch(errors.Invalid):
        code = "mismatch"

    assert Mismatch(detail="x").code == "mismatch"
