"""`--help` teaches: every verb says what it does, and shows how it is given."""

import argparse
import re
import shlex
from collections.abc import Iterator

import pytest

from seatwright import cli
from seatwright.run.targets import TARGETS


def _below(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield inner
                yield from _below(inner)


PARSERS = {parser.prog: parser for parser in [cli.parser(), *_below(cli.parser())]}


def examples(text: str) -> list[list[str]]:
    """The lines of a text that show a command, as words without what is said beside it."""
    shown = re.findall(r"^ +seatwright (.+?)(?: {2,}.*)?$", text, re.MULTILINE)
    return [shlex.split(line.replace("TARGET", "all")) for line in shown]


def lacking(parser: argparse.ArgumentParser) -> str:
    """What the help of a verb leaves out; empty when it teaches."""
    text = parser.description or ""
    words = parser.prog.split()[1:]
    if not re.match(r"[A-Z].+?[.:]", text, re.DOTALL):
        return "a sentence that says what it does"
    if not any(example[: len(words)] == words for example in examples(text)):
        return "a line that shows how it is given"
    options = [action for action in parser._actions if action.option_strings]
    unsaid = [action.option_strings[0] for action in options if not action.help]
    return f"what {', '.join(unsaid)} mean" if unsaid else ""


def test_every_verb_there_is_is_looked_at():
    assert {f"seatwright {verb}" for verb in cli._DOES} <= set(PARSERS)
    assert {
        "seatwright dead-letters list", "seatwright dead-letters replay", "seatwright breaks end",
        "seatwright reservations rebuild", "seatwright organisation create",
    } <= set(PARSERS)  # fmt: skip


@pytest.mark.parametrize("prog", PARSERS)
def test_every_verb_and_inner_verb_teaches(prog):
    assert not lacking(PARSERS[prog])


@pytest.mark.parametrize("prog", PARSERS)
def test_every_example_is_a_command(prog):
    for words in examples(PARSERS[prog].description or ""):
        cli.parser().parse_args(words)


def test_no_verb_is_explained_by_the_words_of_another():
    texts = [parser.description for parser in PARSERS.values()]
    assert len(set(texts)) == len(texts)


def test_serve_explains_every_target():
    said = re.split(r"[\s,]+", PARSERS["seatwright serve"].description or "")
    assert not set(TARGETS) - set(said)


def test_replay_says_that_it_sends_all():
    shown = PARSERS["seatwright dead-letters replay"].format_help()
    assert "(default: all)" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (None, "a sentence"),
        ("  seatwright fly\n", "a sentence"),
        ("Flies.\n", "a line that shows"),
        ("Flies.\n\n  seatwright swim\n", "a line that shows"),
        ("Flies.\n\n  seatwright fly --high    above all\n", "what --high mean"),
    ],
)
def test_help_that_does_not_teach_is_found(text, wanted):
    parser = argparse.ArgumentParser(prog="seatwright fly", description=text)
    parser.add_argument("--high", action="store_true")
    assert wanted in lacking(parser)
