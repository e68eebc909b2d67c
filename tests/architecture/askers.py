"""An organisation with everything routes name, and somebody of every kind to ask for it."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import msgspec
from litestar.types import ASGIApp

from seatwright.accounts.service.demo import EMAIL, PASSWORD, load_demo
from seatwright.accounts.service.desk import Desk
from seatwright.catalog.domain.organisations import Organisation
from seatwright.catalog.service.catalogue import Catalogue
from seatwright.catalog.service.organisations import keep_organisation
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import clock, ids
from seatwright.run.assembly import Assembly
from tests.architecture.access import DENIALS, IN, KINDS, Kind
from tests.integration.catalog.box_office import CSV, a_venue, an_event, until
from tests.unit.kit.asgi import Answer, ask

HALL, RIVAL = OrganisationId("access-hall"), OrganisationId("access-rival")
CUSTOMER, CUSTOMERS_PASSWORD = "customer@example.com", "nine tall ships on the lake"
WEBHOOK_SECRET = "w"
JSON, CSV_FILE = ("Content-Type", "application/json"), ("Content-Type", "text/csv")


@dataclass
class World:
    """The application, the things its addresses name, and everybody's credentials."""

    application: ASGIApp
    names: dict[str, str] = field(default_factory=lambda: {"org": HALL, "organisation": HALL})
    credentials: dict[str, tuple[str, str]] = field(default_factory=dict)

    async def ask(
        self, who: Kind | str, method: str, path: str, content: Any = None, *, csv: str = ""
    ) -> Answer:
        """A request by somebody of this kind, with everything that is not about who asks."""
        name = who if isinstance(who, str) else who.name
        headers = [
            ("Idempotency-Key", ids.short_id()),
            ("If-Match", "*"),
            CSV_FILE if csv else JSON,
        ]
        if name in self.credentials:
            headers.append(self.credentials[name])
        body = csv.encode() if csv else b"" if content is None else json.dumps(content).encode()
        if name == "gateway":
            headers.append(("Seatwright-Gateway-Signature", _signature(body)))
        # Each from an address of its own: limits are not what is asked about.
        return await ask(
            self.application, method, path, headers=headers, body=body, peer=_address(name, path)
        )

    async def make(self, path: str, content: Any = None, *, csv: str = "") -> Any:
        """What the owner is answered."""
        answer = await self.ask("owner", "POST", path, content, csv=csv)
        assert answer.status in {200, 201}, (path, answer.status, answer.body)
        return answer.json()


def verdict(answer: Answer) -> str:
    """`IN`, or the code that kept somebody out."""
    if answer.headers.get("content-type") != "application/problem+json":
        return IN
    return answer.code if answer.code in DENIALS or answer.status >= 500 else IN


async def open_world(built: Assembly, application: ASGIApp, database_url: str) -> World:
    """Everybody and everything; `built` must be following its events."""
    world = World(application)
    for organisation in (HALL, RIVAL):
        named = Organisation(id=organisation, name=organisation, slug=organisation)
        await keep_organisation(built.offer(Catalogue), named)
    desk = built.offer(Desk)
    rival = (await load_demo(desk, [RIVAL])).api_token
    logins = await load_demo(desk, [HALL])
    await _log_in(world, "owner", EMAIL, PASSWORD)
    await _register(world, database_url)
    await _log_in(world, "customer", CUSTOMER, CUSTOMERS_PASSWORD)
    tokens = {"forged token": "sw_forged", "rival's token": rival}
    tokens["scanner"] = logins.scanner_token
    for kind in KINDS:
        if kind.token and kind.name not in tokens:
            wanted = {"name": kind.name, "scopes": sorted(kind.scopes)}
            tokens[kind.name] = (await world.make(f"/v1/organisations/{HALL}/tokens", wanted))[
                "token"
            ]
    for name, token in tokens.items():
        world.credentials[name] = ("Authorization", f"Bearer {token}")
    await _sell(world)
    return world


async def _sell(world: World) -> None:
    root, names = f"/v1/organisations/{HALL}", world.names
    names["venue_id"] = (await world.make(f"{root}/venues", a_venue()))["id"]
    names["chart_id"] = (await world.make(f"{root}/charts", csv=CSV))["id"]
    published = await world.make(f"{root}/charts/{names['chart_id']}/publications")
    names["chart"] = published["hash"]
    wanted = an_event(venue_id=names["venue_id"], chart=names["chart"])
    names["event_id"] = (await world.make(f"{root}/events", wanted))["id"]
    await world.make(f"{root}/events/{names['event_id']}/publications")

    async def on_sale() -> bool:
        shown = await world.ask("guest", "GET", f"/v1/events/{names['event_id']}")
        return shown.status == 200

    await until(on_sale)
    choice = {"event_id": names["event_id"], "seats": ["A:1:1"]}
    hold = (await world.ask("guest", "POST", "/v1/holds", choice)).json()
    buyer = {"name": "Grace Hopper", "email": "grace@example.com"}
    order = await world.ask(
        "guest", "POST", "/v1/orders", {"hold_token": hold["hold_token"], "buyer": buyer}
    )
    assert order.status == 201, order.body
    names["code"] = order.json()["code"]
    secret = ("X-Order-Secret", order.json()["secret"])
    world.credentials["guest with the order's secret"] = secret
    names |= {"hold_id": hold["id"], "gateway": "simulated", "key": "unknown", "name": "none.svg"}
    nobodys = ("token", "ticket", "member_id", "token_id", "session_id")
    names |= dict.fromkeys((*nobodys, "endpoint_id", "delivery_id", "letter_id"), "0" * 26)


async def _log_in(world: World, name: str, email: str, password: str) -> None:
    wanted = {"email": email, "password": password}
    answer = await world.ask("guest", "POST", "/v1/sessions", wanted)
    assert answer.status == 201, answer.body
    world.credentials[name] = ("Cookie", answer.headers["set-cookie"].partition(";")[0])


async def _register(world: World, database_url: str) -> None:
    wanted = {"email": CUSTOMER, "password": CUSTOMERS_PASSWORD, "name": "Carl Customer"}
    assert (await world.ask("guest", "POST", "/v1/accounts", wanted)).status == 202
    connection = await asyncpg.connect(database_url)
    payloads = await connection.fetch("SELECT payload FROM accounts.outbox ORDER BY id DESC")
    await connection.close()
    letters = [msgspec.json.decode(row["payload"]) for row in payloads]
    link = next(letter["values"]["link"] for letter in letters if letter.get("to") == CUSTOMER)
    proof = re.search(r"#token=(.+)", link)
    assert proof is not None
    answer = await world.ask("guest", "PUT", f"/v1/email-verifications/{proof[1]}")
    assert answer.status == 200, answer.body


def _signature(body: bytes) -> str:
    moment = int(clock.now().timestamp())
    code = hmac.new(WEBHOOK_SECRET.encode(), b"%d." % moment + body, hashlib.sha256)
    return f"t={moment},v1={code.hexdigest()}"


def _address(name: str, path: str) -> str:
    digits = sum((place + 1) * ord(char) for place, char in enumerate(f"{name} {path}"))
    return f"10.{digits >> 16 & 255}.{digits >> 8 & 255}.{digits & 255}"
