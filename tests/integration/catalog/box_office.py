"""The catalogue as it ships, as any number of processes, and an organiser to work in it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from seatwright.catalog import wiring
from seatwright.catalog.domain.organisations import Organisation
from seatwright.catalog.service.catalogue import Catalogue
from seatwright.catalog.service.finder import Finder
from seatwright.catalog.service.organisations import keep_organisation
from seatwright.catalog.service.programme import Programme
from seatwright.contracts.accounts import Principal
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import clock, ids
from seatwright.kit.process import Part, Tools
from seatwright.kit.web import app

PUBLIC_URL = "http://shop.example.com"
PATIENCE_S = 20.0


class Tokens:
    """Accounts as far as the catalogue knows them: whoever is written down here."""

    def __init__(self) -> None:
        self.principals: dict[str, Principal] = {}

    async def by_session(self, *, session: str) -> Principal | None:
        return self.principals.get(session)

    async def by_token(self, *, token: str) -> Principal | None:
        return self.principals.get(token)

    def issue(self, organisation: str, *scopes: str) -> str:
        token = f"sw_{ids.secret()}"
        self.principals[token] = Principal(
            id=f"token:{token[-8:]}",
            person=None,
            name="Test",
            email=None,
            organisations={OrganisationId(organisation): frozenset(scopes)},
        )
        return token


@dataclass
class Process:
    """One process of the catalogue, with its own connections and its own memory."""

    part: Part
    tools: Tools
    client: httpx.AsyncClient
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def offer(self, kind: type[Any]) -> Any:
        return next(one for one in self.part.offers if isinstance(one, kind))

    @property
    def catalogue(self) -> Catalogue:
        return self.offer(Catalogue)

    @property
    def programme(self) -> Programme:
        return self.offer(Programme)

    @property
    def finder(self) -> Finder:
        return self.offer(Finder)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def call(
        self, method: str, path: str, token: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
        kind = {} if body is None else {"content-type": "application/json"}
        sent = {"authorization": f"Bearer {token}", **kind}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, path, content=content, headers=sent)

    async def ready(self) -> bool:
        return all([await check() for check in self.part.ready.values()])

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()


Open = Callable[[str], Awaitable[Tools]]


@asynccontextmanager
async def process(open_tools: Open, accounts: Tokens) -> AsyncIterator[Process]:
    """A process that has caught up, ended with the block."""
    tools = await open_tools(f"catalog-{ids.short_id()}")

    @dataclass(frozen=True)
    class Directory:
        accounts: Tokens

    part = await wiring.wire(tools, Directory(accounts))  # type: ignore[arg-type]
    application = app.build(part.routes, part.offers, service="catalog", version="0")
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=application),  # type: ignore[arg-type]
        base_url=PUBLIC_URL,
    )
    running = Process(part, tools, client)
    loop = asyncio.get_running_loop()
    running.tasks = [
        loop.create_task(run(), name=name)  # type: ignore[arg-type]
        for name, run in part.background.items()
    ]
    try:
        await until(running.ready)
        yield running
    finally:
        await running.end()
        await client.aclose()
        for close in (*part.closing, tools.close_databases):
            await close()
        await tools.broker.close()


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition that other tasks bring about."""
    deadline = clock.monotonic() + PATIENCE_S
    while not await true():
        assert clock.monotonic() < deadline, "waited too long"
        await asyncio.sleep(0.01)


CSV = "section,row,seat,x,y,category,attributes\n" + "\n".join(
    f"A,{row},{seat},{seat * 60},{row * 90},{'front' if row == 1 else 'back'},"
    + ("wheelchair" if row == 2 and seat == 1 else "")
    for row in (1, 2)
    for seat in range(1, 6)
)


@dataclass
class Organiser:
    """An organisation with a venue and a published chart."""

    at: Process
    id: str
    token: str
    venue: str = ""
    chart: str = ""

    @property
    def root(self) -> str:
        return f"/v1/organisations/{self.id}"

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.at.call("POST", self.root + path, self.token, body, **headers)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.at.call("GET", self.root + path, self.token, **headers)

    async def patch(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return await self.at.call("PATCH", self.root + path, self.token, body, **headers)

    async def add_venue(self, **fields: Any) -> str:
        answer = await self.post("/venues", a_venue(**fields))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def add_chart(self, file: str = CSV) -> str:
        answer = await self.post("/charts", file.encode(), content_type="text/csv")
        assert answer.status_code == 201, answer.text
        chart = answer.json()["id"]
        published = await self.post(f"/charts/{chart}/publications")
        assert published.status_code == 201, published.text
        return str(published.json()["hash"])

    async def add_event(self, **fields: Any) -> dict[str, Any]:
        answer = await self.post("/events", self.an_event(**fields))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def publish(self, **fields: Any) -> dict[str, Any]:
        event = await self.add_event(**fields)
        answer = await self.post(f"/events/{event['id']}/publications")
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def an_event(self, **fields: Any) -> dict[str, Any]:
        return an_event(**{"venue_id": self.venue, "chart": self.chart} | fields)


async def organiser(at: Process, accounts: Tokens) -> Organiser:
    """A new organisation, so that no test sees another's events."""
    organisation = OrganisationId(ids.short_id())
    name = f"Org {organisation[-6:]}"
    await keep_organisation(
        at.catalogue,
        Organisation(id=organisation, name=name, slug=f"org-{organisation}"),
    )
    token = accounts.issue(organisation, "catalog:write", "catalog:read")
    made = Organiser(at, organisation, token)
    made.venue = await made.add_venue()
    made.chart = await made.add_chart()
    return made


def a_venue(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Nordhafen Arena",
        "city": "Hamburg",
        "country": "DE",
        "address": "Am Nordhafen 1",
        "timezone": "Europe/Berlin",
        "lat": 53.54,
        "lon": 9.99,
    } | fields


def eur(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def an_event(**fields: Any) -> dict[str, Any]:
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=30)
    return {
        "title": "The Northern Lights Tour",
        "category": "concert",
        "starts_at": start.isoformat(),
        "doors_at": (start - timedelta(hours=1)).isoformat(),
        "ends_at": (start + timedelta(hours=3)).isoformat(),
        "on_sale_at": (start - timedelta(days=60)).isoformat(),
        "currency": "EUR",
        "prices": [
            {"category": "front", "face": eur(5000)},
            {"category": "back", "face": eur(3000), "fee": eur(100)},
        ],
        "ticket_fee": eur(250),
        "order_fee": eur(200),
        "tax": {"name": "VAT", "rate_bp": 1900, "inclusive": True},
        "lineup": ["Aurora Fields", "Juno & the Gulls"],
        "summary": "A light show as wide as the pitch.",
        "description": "Doors open early.\n\nBring a coat.",
    } | fields
