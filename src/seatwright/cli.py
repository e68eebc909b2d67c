"""The command line: one program, a few verbs, help that teaches."""

import argparse
import difflib
import importlib
import os
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import uvloop
from typing_extensions import override

from seatwright import __version__, manual
from seatwright.kit import log
from seatwright.kit.errors import Expected
from seatwright.kit.settings import BadSettings

# `run.targets` knows them with everything they are made of; a test compares.
TARGETS = (
    "accounts", "all", "catalog", "delivery", "entry", "orders", "papers", "payments",
    "reservations", "worker",
)  # fmt: skip
_RAW: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter}
_DATA = Path(os.environ.get("SEATWRIGHT_DATA", "data"))
_DATA_HELP = "the folder of all data (default: $SEATWRIGHT_DATA, else ./data)"
_RUNNING_HELP = (
    "of the installation that runs here, where the environment names no engines "
    "(default: $SEATWRIGHT_DATA, else ./data)"
)
_PORT_MAX = 65_535
# Each takes some hundred megabytes and connections of the database.
_PROCESSES_MAX = 64


class _Parser(argparse.ArgumentParser):
    """Names an option that it does not know; argparse may complain of the word behind it."""

    @override
    def parse_known_args(  # type: ignore[override]  # of its overloads only this one is used
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        given = sys.argv[1:] if args is None else args
        known = [name for action in self._actions for name in action.option_strings]
        inner = {
            word for action in self._actions if isinstance(action.choices, dict)
            for word in action.choices
        }  # fmt: skip
        for word in given:
            name = word.partition("=")[0]
            if word in inner or word == "--":
                break
            if word.startswith("--") and not any(one.startswith(name) for one in known):
                near = difflib.get_close_matches(name, known, n=1)
                self.error(f"there is no option {name}" + "".join(f"; {n}?" for n in near))
        return super().parse_known_args(given, namespace)


def _port(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if not 0 < number <= _PORT_MAX:
        raise argparse.ArgumentTypeError(f"{text} is no port: 1 to {_PORT_MAX}")
    return number


def _processes(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if not 0 < number <= _PROCESSES_MAX:
        raise argparse.ArgumentTypeError(f"{text} is no number of processes: 1 to {_PROCESSES_MAX}")
    return number


def _port_or_any(text: str) -> int:
    return 0 if text == "0" else _port(text)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text} is no number of a break: seatwright breaks list")
    return int(text)


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text)):
        hint = "seatwright dead-letters list"
        raise argparse.ArgumentTypeError(f"{text} is no number of a dead letter: {hint}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """All verbs and options."""
    top = _Parser(
        prog="seatwright",
        description=manual.DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"seatwright {__version__}")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, whole, about in (
        ("demo", "the demonstration", manual.DEMO), ("up", "a whole installation", manual.UP),
    ):  # fmt: skip
        text = f"start {whole} on this machine; Ctrl-C ends it"
        verb = verbs.add_parser(name, help=text, description=about, **_RAW)
        verb.add_argument("--port", type=_port, default=8000, help="the web address (default 8000)")
        verb.add_argument("--data", type=Path, default=_DATA, help=_DATA_HELP)
        verb.add_argument("--split", action="store_true", help="every service in its own process")
        verb.add_argument(
            "--processes", type=_processes, default=2, help="service processes (default 2)"
        )
        verb.add_argument(
            "--workers", type=_processes, default=1, help="worker processes (default 1)"
        )
        verb.add_argument("--lan", action="store_true", help="HTTPS for phones in this network")
        verb.add_argument("--web", type=Path, help="folder of the built web apps")
        if name == "demo":
            inner = verb.add_subparsers(dest="action", metavar="[load]")
            what = "load its events into an installation that runs"
            load = inner.add_parser("load", help=what, description=manual.DEMO_LOAD, **_RAW)
            # Said before the word or after it.
            load.add_argument("--data", type=Path, default=argparse.SUPPRESS, help=_RUNNING_HELP)
            load.set_defaults(verb="demo load")
    _add_process_verbs(verbs)
    _add_operator_verbs(verbs)
    return top


def _add_process_verbs(verbs: "argparse._SubParsersAction[_Parser]") -> None:
    text = "run one process of a target"
    serve = verbs.add_parser("serve", help=text, description=manual.SERVE, **_RAW)
    serve.add_argument("target", choices=TARGETS, metavar="TARGET", help="one of those above")
    text = "where the gateway asks it (default 8001; 0: any that is free)"
    serve.add_argument("--port", type=_port_or_any, default=8001, help=text)
    text = "the address to listen on (default 127.0.0.1: this machine only; 0.0.0.0: every one)"
    serve.add_argument("--host", default="127.0.0.1", help=text)
    text = "run one worker process"
    work = verbs.add_parser("work", help=text, description=manual.WORK, **_RAW)
    text = "health, readiness and metrics, on 127.0.0.1 only (default: none; 0: any that is free)"
    for verb in (serve, work):
        verb.add_argument("--private-port", type=_port_or_any, help=text)
    text = "bring the database at DATABASE_URL to this release"
    migrate = verbs.add_parser("migrate", help=text, description=manual.MIGRATE, **_RAW)
    migrate.add_argument("--phase", choices=("pre", "post"), help="only what adds, or removes")
    text = "print a new value for SEATWRIGHT_SECRET"
    verbs.add_parser("secret", help=text, description=manual.SECRET, **_RAW)


def _add_operator_verbs(verbs: "argparse._SubParsersAction[_Parser]") -> None:
    text = "seat availability in Valkey"
    reservations = verbs.add_parser(
        "reservations", help=text, description=manual.RESERVATIONS, **_RAW
    )
    inner = reservations.add_subparsers(dest="action", required=True)
    text = "fill an event's availability from its orders"
    rebuild = inner.add_parser("rebuild", help=text, description=manual.REBUILD, **_RAW)
    rebuild.add_argument("event", metavar="EVENT_ID", help="the event's id")
    rebuild.add_argument("--data", type=Path, default=_DATA, help=_RUNNING_HELP)
    _add_letter_verbs(verbs)
    text = "ask the database whether every promise holds"
    check = verbs.add_parser("check", help=text, description=manual.CHECK, **_RAW)
    check.add_argument("--data", type=Path, default=_DATA, help=_RUNNING_HELP)
    _add_break_verbs(verbs)
    text = "say what is wrong here and what to do about it"
    doctor = verbs.add_parser("doctor", help=text, description=manual.DOCTOR, **_RAW)
    doctor.add_argument("--data", type=Path, default=_DATA, help=_DATA_HELP)
    text = "the web address that `up` is to have (default 8000)"
    doctor.add_argument("--port", type=_port, default=8000, help=text)
    _add_organisation_verbs(verbs)
    _add_event_verbs(verbs)


def _add_letter_verbs(verbs: "argparse._SubParsersAction[_Parser]") -> None:
    text = "messages that were given up"
    letters = verbs.add_parser("dead-letters", help=text, description=manual.DEAD_LETTERS, **_RAW)
    letters.add_argument("--data", type=Path, default=_DATA, help=_RUNNING_HELP)
    inner = letters.add_subparsers(dest="action", metavar="[list|replay|drop]")
    letters.set_defaults(action="list")
    text = "what is there, the oldest first"
    listed = inner.add_parser("list", help=text, description=manual.DEAD_LETTERS_LIST, **_RAW)
    text = "send all on their way again, or one"
    replay = inner.add_parser("replay", help=text, description=manual.DEAD_LETTERS_REPLAY, **_RAW)
    text = "only the one of this number in the list (default: all)"
    replay.add_argument("--sequence", type=_sequence, metavar="N", help=text)
    text = "remove one for good"
    drop = inner.add_parser("drop", help=text, description=manual.DEAD_LETTERS_DROP, **_RAW)
    text = "its number in the list"
    drop.add_argument("--sequence", type=_sequence, metavar="N", required=True, help=text)
    for verb in (listed, replay, drop):
        # Said before the word or after it.
        verb.add_argument("--data", type=Path, default=argparse.SUPPRESS, help=_RUNNING_HELP)


def _add_break_verbs(verbs: "argparse._SubParsersAction[_Parser]") -> None:
    text = "differences that wait for a person"
    breaks = verbs.add_parser("breaks", help=text, description=manual.BREAKS, **_RAW)
    inner = breaks.add_subparsers(dest="action", required=True)
    text = "what is open, the oldest first"
    listed = inner.add_parser("list", help=text, description=manual.BREAKS_LIST, **_RAW)
    listed.add_argument("--all", action="store_true", help="what is mended as well")
    text = "it is settled, and how: it does not come back"
    end = inner.add_parser("end", help=text, description=manual.BREAKS_END, **_RAW)
    end.add_argument("number", type=_number, metavar="ID", help="its number in the list")
    end.add_argument("--why", required=True, metavar="TEXT", help="how it was settled, on one line")
    for verb in (listed, end):
        verb.add_argument("--data", type=Path, default=_DATA, help=_RUNNING_HELP)


def _add_organisation_verbs(verbs: "argparse._SubParsersAction[_Parser]") -> None:
    text = "who sells: organisations and their owners"
    about = manual.ORGANISATION
    organisation = verbs.add_parser("organisation", help=text, description=about, **_RAW)
    inner = organisation.add_subparsers(dest="action", required=True)
    text = "make an organisation and appoint its first owner"
    create = inner.add_parser("create", help=text, description=manual.ORGANISATION_CREATE, **_RAW)
    create.add_argument("name", metavar="NAME", help="as buyers read it")
    create.add_argument("--slug", help="its name in addresses (default: made from NAME)")
    text, about = "appoint one more owner", manual.ORGANISATION_APPOINT
    appoint = inner.add_parser("appoint", help=text, description=about, **_RAW)
    appoint.add_argument("organisation", metavar="ORGANISATION", help="its slug or id")
    for verb in (create, appoint):
        verb.add_argument("--owner", required=True, metavar="ADDRESS", help="the owner's e-mail")
    text = "slug, id, name and owners of each"
    listed = inner.add_parser("list", help=text, description=manual.ORGANISATION_LIST, **_RAW)
    for verb in (create, appoint, listed):
        verb.add_argument("--data", type=Path, default=_DATA, help=_RUNNING_HELP)


def _add_event_verbs(verbs: "argparse._SubParsersAction[_Parser]") -> None:
    text = "seat charts for events"
    event = verbs.add_parser("event", help=text, description=manual.EVENT, **_RAW)
    inner = event.add_subparsers(dest="action", required=True)
    text = "bring a seat chart from a file: JSON, CSV or a pretix seating plan"
    load = inner.add_parser("import", help=text, description=manual.IMPORT, **_RAW)
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument("--check", action="store_true", help="only say what is wrong; store nothing")
    load.add_argument("--organisation", metavar="ORGANISATION", help="whose: slug or id")
    load.add_argument("--name", help="the chart's name, where the file has none (default: FILE's)")
    load.add_argument("--venue", help="where it stands: name or id of a venue, for the example")
    for name, what in (("city", ""), ("country", ": DE"), ("timezone", ": Europe/Berlin")):
        load.add_argument(f"--{name}", help=f"of a venue that is to be made{what}")
    load.add_argument("--data", type=Path, default=_DATA, help=_RUNNING_HELP)


def main() -> None:
    """Run the verb; a refusal is a sentence and exit code 1, bad settings exit with 2."""
    top = parser()
    if len(sys.argv) == 1:
        top.print_help(sys.stderr)
        sys.exit(2)
    arguments = top.parse_args()
    if arguments.verb == "event" and not (arguments.check or arguments.organisation):
        top.error("event import: say whose chart it is with --organisation, or give --check")
    try:
        code = _run(arguments)
    except BadSettings as bad:
        print("These settings keep Seatwright from starting:", file=sys.stderr)
        for line in bad.found:
            print(f"  {line}", file=sys.stderr)
        sys.exit(2)
    except Expected as refusal:
        print(f"{refusal.title}: {refusal}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(code)


# verb → the module of `seatwright.run` and the function there that does it
_DOES = {
    "demo": ("commands", "demo"),
    "demo load": ("demo_load", "load_into"),
    "up": ("commands", "up"),
    "serve": ("commands", "serve"),
    "work": ("commands", "work"),
    "migrate": ("commands", "migrate"),
    "secret": ("commands", "secret"),
    "reservations": ("operating", "rebuild"),
    "dead-letters": ("operating", "letters"),
    "check": ("reconciling", "check"),
    "breaks": ("reconciling", "breaks"),
    "doctor": ("operating", "doctor"),
    "organisation": ("organising", "organisation"),
    "event": ("importing", "import_chart"),
}
# These log for machines, by settings of their own.
_LOGGING = frozenset({"serve", "work"})


def _run(given: argparse.Namespace) -> int:
    module, name = _DOES[given.verb]
    # Only now, and only what is needed: help and a small command should not load every service.
    does = getattr(importlib.import_module(f"seatwright.run.{module}"), name)
    if given.verb not in _LOGGING:
        # A terminal is for people; what a part has to tell a log is not meant for it.
        log.configure(level="error", json_lines=False, service="seatwright")
    outcome: int | Coroutine[Any, Any, int] = does(given)
    return outcome if isinstance(outcome, int) else uvloop.run(outcome)
