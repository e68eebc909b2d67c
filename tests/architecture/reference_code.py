"""Pages made from what the packages declare: refusals, settings, metrics, states."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, get_args

import seatwright
from seatwright.catalog.domain import states as event_states
from seatwright.contracts.charts.states import SeatState
from seatwright.kit import settings as kit_settings, telemetry
from seatwright.kit.errors import Expected
from seatwright.kit.settings import database_variable
from seatwright.kit.web import problems
from seatwright.orders.domain import order as orders
from seatwright.orders.domain.presenting import public_state
from seatwright.run.logins import SERVICES, role
from tests.architecture.house_rules import ROOT

NOTE = "<!-- Written by `python -m tests.architecture.reference`; do not edit. -->\n"
# Stand-ins speak for themselves; the programs of the engines have no part in refusals.
_PASSED_BY = ("seatwright.simulators", "seatwright.__main__")


def _modules() -> list[str]:
    names = [
        found.name for found in pkgutil.walk_packages(seatwright.__path__, "seatwright.")
        if not found.name.startswith(_PASSED_BY)
    ]  # fmt: skip
    for name in names:
        if not name.endswith("__main__"):
            importlib.import_module(name)
    return names


def _refusals(kind: type[Expected] = Expected) -> Iterator[type[Expected]]:
    for one in kind.__subclasses__():
        if one.__module__.startswith("seatwright.") and not one.__module__.startswith(_PASSED_BY):
            yield one
            yield from _refusals(one)


def _sentence(text: str | None) -> str:
    return " ".join((text or "").strip().split("\n\n")[0].split())


def _place(module: str) -> str:
    parts = module.split(".")
    return parts[2] if parts[1] == "contracts" and len(parts) > 2 else parts[1]


def errors() -> str:
    """Every code that a refusal may carry."""
    _modules()
    kinds = {kind.__name__: kind for kind in _refusals()}
    rows: dict[tuple[str, str], tuple[str, str, str]] = {}
    for kind in kinds.values():
        where = _place(kind.__module__)
        status = "" if where == "run" else str(problems.status_of(kind("")))
        # A subclass that adds no words of its own says what its parent says.
        words = _sentence(kind.__dict__.get("__doc__"))
        rows.setdefault((kind.code, status), (kind.title, words, where))
    for name, code in _codes_of_one():
        kind = kinds.get(name, Expected)
        key = (code, str(problems.status_of(kind(""))))
        rows.setdefault(key, (kind.title, "", ""))
    lines = [
        "# Refusals\n",
        NOTE,
        "A refusal is an RFC 9457 problem: `type`, `title`, `status`, `detail`, `code`. Programs",
        "decide by `code`, which never changes its meaning; `detail` is for people. A code without",
        "a status is only met on the command line. Not a refusal but our fault: `internal`, 500.\n",
        "| Code | Status | Title | Meaning | Where |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{code}` | {status} | {title} | {words} | {where} |"
        for (code, status), (title, words, where) in sorted(rows.items())
    ]
    lines += [
        "\n## One field that is wrong\n",
        "`errors` of an `invalid` refusal names each problem by JSON pointer (or line of a file),",
        "with one of these codes:\n",
        ", ".join(f"`{code}`" for code in sorted(set(_codes_of_fields()))) + ".",
    ]
    return "\n".join(lines) + "\n"


def _calls() -> Iterator[ast.Call]:
    for path in sorted((ROOT / "src" / "seatwright").rglob("*.py")):
        if "simulators" not in path.parts:
            tree = ast.parse(path.read_text())
            yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _codes_of_one() -> Iterator[tuple[str, str]]:
    """Refusals that are given a more precise code where they are raised."""
    known = {kind.__name__ for kind in _refusals()} | {"Expected"}
    for call in _calls():
        for word in call.keywords:
            if (
                word.arg == "code"
                and _called(call) in known
                and isinstance(word.value, ast.Constant)
            ):
                yield _called(call), str(word.value.value)


def _codes_of_fields() -> Iterator[str]:
    for call in _calls():
        if _called(call) in {"invalid", "Problem"} and len(call.args) == 3:
            code = call.args[1]
            if isinstance(code, ast.Constant):
                yield str(code.value)


# What `kit.settings.read` asks for, in words; a test fails when it asks for something else.
_SETTINGS = {
    "DATABASE_URL": "PostgreSQL 18, the truth, by its owner's login: for `migrate`, `up`, `doctor`"
    " and commands that set up; no service is given it",
    **{
        database_variable(service): f"the same for `{service}` alone, by a login of its own:"
        f" `postgresql://{role(service)}:PASSWORD@host:port/name`"
        for service in SERVICES
    },
    "VALKEY_URL": "Valkey 9 with the holds: `noeviction`, never shared with caches",
    "VALKEY_CACHE_URL": "another Valkey, for rate limits and caches; it may forget anything",
    "NATS_URL": "NATS with JetStream: queue, event documents, calls between services, live feed",
    "NATS_FEED_URL": "the WebSocket of the NATS at `NATS_URL`, like `ws://host:port`: `up` leads"
    " browsers there for the live feed; without it they ask for seats every 2 s",
    "SMTP_URL": "where mails are handed over; `smtp+starttls://user:password@host:587`",
    "MAIL_FROM": "the sender of every mail",
    "GATEWAY_URL": "the payment gateway (today: one that speaks as the simulated gateway does)",
    "GATEWAY_KEY": "our key at the gateway",
    "GATEWAY_WEBHOOK_SECRET": "what the gateway signs its webhooks with",
    "PUBLIC_URL": "the address buyers see; links in mails and returns from banks begin with it",
    "FILES_DIR": "the folder of charts and pictures, shared by all processes",
    "SEATWRIGHT_SECRET": "32 random bytes in base64 (`seatwright secret`); all keys come from it",
    "HOLDS_PER_MINUTE": "how often one address, and one account, may ask for a hold, at once and "
    "then a minute, in each process (1 to 1,000,000); a demo has no limit to speak of",
    "ORDERS_PER_MINUTE": "the same for orders",
    "HELD_SEATS_PER_ADDRESS_MAX": "how many seats of an event may be held at once from one address"
    " by people who are not logged in (up to 100,000; 0: any number); more where a whole campus"
    " buys from one address; a demo has no limit",
    "SEATWRIGHT_DEMO": "`1` is what the demo tells its processes; never set it yourself: it admits"
    " a log-in that everybody knows, and lifts the limits of `HOLDS_PER_MINUTE` and"
    " `ORDERS_PER_MINUTE` where these are not given",
    "LOG_LEVEL": "`debug`, `info`, `warning` or `error`",
    "LOG_FORMAT": "`json` or `text`",
    "TRUSTED_PROXIES": (
        "addresses or networks, like `10.0.0.5, 10.1.0.0/24`, of gateways and load balancers on"
        " other machines: whose `X-Forwarded-For` is believed, beside this machine's own"
    ),
    "APPLE_PASS_TYPE": "whose passes Apple Wallet is given: `pass.org.example.tickets`; with the"
    " next two, or none of them; a demo makes a certificate that no phone trusts",
    "APPLE_TEAM": "the team identifier at Apple",
    "APPLE_PASS_CERTIFICATE": "a PEM file: the RSA key, the pass type's certificate, Apple's WWDR",
    "GOOGLE_WALLET_ISSUER": "the issuer's number at Google Wallet; with the next, or none of them",
    "GOOGLE_WALLET_ACCOUNT": "the JSON file of a service account that may issue for it",
    "SMS_URL": "where text messages are handed over: `twilio://ACCOUNT:TOKEN@host/+491701234567`;"
    " without it there are none",
    "WEBHOOKS_TO_PRIVATE_ADDRESSES": "`1` lets outgoing webhooks go to this machine and this"
    " network, and without TLS: for development only",
}
# What `seatwright up` finds out by itself on one machine.
_GIVEN = {
    "DATABASE_URL", *map(database_variable, SERVICES), "VALKEY_URL", "VALKEY_CACHE_URL",
    "NATS_URL", "NATS_FEED_URL", "GATEWAY_KEY", "GATEWAY_WEBHOOK_SECRET", "FILES_DIR",
    "SEATWRIGHT_SECRET",
}  # fmt: skip


class _Asked(dict[str, str]):
    """An environment with nothing in it that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        self.names[key] = default
        return default


def settings() -> str:
    """Every environment variable that a process reads."""
    asked = _Asked()
    try:
        kit_settings.read(asked, databases=SERVICES)
        refused = []
    except kit_settings.BadSettings as bad:
        refused = bad.found
    needed = {one.name: one.remedy for one in refused}
    asked.names["DATABASE_URL"] = ""
    assert set(asked.names) == set(_SETTINGS), set(asked.names) ^ set(_SETTINGS)
    lines = [
        "# Settings\n",
        NOTE,
        "Read once, from the environment, when a process starts. One that is missing, malformed or",
        "unsafe is refused with its name and what to do about it; secrets are never printed.",
        "`seatwright up` starts what it is given no address of, and makes secrets beside its data:",
        "what it gives by itself is marked. `seatwright serve` and `work` need everything but",
        "`DATABASE_URL` and the databases of services that they do not run.\n",
        "| Variable | | Default | By `up` |",
        "|---|---|---|---|",
    ]
    for name, words in _SETTINGS.items():
        default = asked.names[name]
        shown = f"`{default}`" if default and name not in needed else ""
        must = f"**needed**: {needed[name]}" if name in needed else shown
        lines.append(f"| `{name}` | {words} | {must} | {'yes' if name in _GIVEN else ''} |")
    lines.append(
        "\nThe demo needs none of them. It uses those that are given, and starts no inbox beside\n"
        "an `SMTP_URL` and no simulated gateway beside a `GATEWAY_URL`."
    )
    return "\n".join(lines) + "\n"


def metrics() -> str:
    """Everything that `/metrics` may show."""
    _modules()
    lines = [
        "# Metrics\n",
        NOTE,
        "At `/metrics` of each process's private port, in the Prometheus text format; beside it",
        "`/healthz` (it lives) and `/readyz` (what it needs is there).\n",
        "| Name | Kind | Labels | |",
        "|---|---|---|---|",
    ]
    collectors = {
        (name := collector.describe()[0].name): (collector, name) for collector in _collectors()
    }
    for name in sorted(collectors):
        collector, _ = collectors[name]
        described = collector.describe()[0]
        labels = ", ".join(f"`{label}`" for label in collector._labelnames)
        shown = f"{name}_total" if described.type == "counter" else name
        lines.append(f"| `{shown}` | {described.type} | {labels} | {described.documentation} |")
    return "\n".join(lines) + "\n"


def states() -> str:
    """State machines, inside and as the API tells them."""
    lines = [
        "# States\n",
        NOTE,
        "Inside, a state is a row with its time; outside, fewer words are used. Nothing moves",
        "along an edge that is not listed.\n",
        "## Orders\n",
        "| Inside | In the API | May become |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{state}` | `{public_state(state)}` | {_list(edges)} |"
        for state, edges in orders.ORDER_EDGES.items()
    ]
    lines += ["\n## Payment attempts (`payment.status`)\n", "| State | May become |", "|---|---|"]
    lines += [f"| `{state}` | {_list(edges)} |" for state, edges in orders.ATTEMPT_EDGES.items()]
    lines += ["\n## Events\n", "| State | Asked to | Becomes |", "|---|---|---|"]
    lines += [f"| `{s}` | {step} | `{after}` |" for (s, step), after in event_states._NEXT.items()]
    shown = ", ".join(f"`{one}`" for one in get_args(event_states.Status))
    lines += [
        f"\nBuyers are told one of {shown}: the state and the clock together.",
        "\n## Places of an event\n",
        "Two bits each, as `availability` gives them:\n",
        "| Bits | |",
        "|---|---|",
    ]
    lines += [f"| {state.value} | {state.name.lower()} |" for state in SeatState]
    return "\n".join(lines) + "\n"


def _list(edges: frozenset[str]) -> str:
    return ", ".join(f"`{one}`" for one in sorted(edges)) or "nothing: final"


def _collectors() -> list[Any]:
    # The client library has types for what is collected, none for what collects.
    return list(telemetry.REGISTRY._collector_to_names)
