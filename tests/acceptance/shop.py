"""Buyers and organisers as HTTP clients: what they send, and what they were answered."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from seatwright.kit import clock, ids
from tests.acceptance.house import HOUSE, House
from tests.acceptance.insight import patience_s, until

PROBLEM = "application/problem+json"
# Statuses after which a client sends the same again: in flight, busy, away.
_AGAIN = frozenset({429, 502, 503, 504})
LOST = 0
REQUEST_S = 60.0
# Larger bodies are handed over in pieces, so that other requests go on meanwhile.
LARGE_BYTES = 1_000_000


@dataclass(frozen=True)
class Answer:
    """One answer; status 0 when the connection was lost before it came."""

    status: int
    body: Any
    headers: dict[str, str]
    raw: bytes = b""

    @property
    def code(self) -> str | None:
        return self.body.get("code") if isinstance(self.body, dict) else None

    def ok(self, status: int = 200) -> Any:
        assert self.status == status, f"{self.status} {self.body or self.raw[:300]!r}"
        return self.body

    def problem(self, status: int, code: str) -> Any:
        assert (self.status, self.code) == (status, code), f"{self.status} {self.body}"
        assert self.headers["Content-Type"].startswith(PROBLEM)
        return self.body


@dataclass(frozen=True)
class Placed:
    """An order as its buyer knows it."""

    code: str
    secret: str
    key: str
    view: dict[str, Any]


@dataclass(frozen=True)
class Gala:
    """An event on sale: its seats by API id, in dense order."""

    id: str
    seats: Sequence[str]
    organisation: str = HOUSE

    def row(self, number: int) -> list[str]:
        """The seats of a row, counted from 0."""
        return [seat for seat in self.seats if seat.split(":")[1] == str(number + 1)]


@dataclass
class Shop:
    """One client; `headers` go with every request."""

    base: str
    session: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    def at(self, base: str) -> "Shop":
        return Shop(base, self.session, self.headers)

    def with_headers(self, **headers: str) -> "Shop":
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Shop(self.base, self.session, {**self.headers, **named})

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request; never raises for what a network does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**self.headers, **named}
        data = body
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        if isinstance(data, bytes) and len(data) > LARGE_BYTES:
            data = io.BytesIO(data)
        try:
            async with self.session.request(
                method, self.base + path, data=data, headers=sent, allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=REQUEST_S),
            ) as response:  # fmt: skip
                raw = await response.read()
                kind = response.headers.get("Content-Type", "")
                found = json.loads(raw) if "json" in kind and raw else None
                return Answer(response.status, found, dict(response.headers), raw)
        except (aiohttp.ClientError, OSError, TimeoutError) as fault:
            return Answer(LOST, None, {}, repr(fault).encode())

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, **headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return await self.ask("POST", path, body, **headers)

    async def delete(self, path: str, **headers: str) -> Answer:
        return await self.ask("DELETE", path, **headers)

    # -- a purchase -----------------------------------------------------------------------------

    async def hold(self, gala: Gala, seats: Sequence[str] | None = None, **wish: Any) -> Answer:
        """Seats by id, or `best_available=` / `areas=` / `hold_id=`."""
        body = {"event_id": gala.id, **wish}
        if seats is not None:
            body["seats"] = list(seats)
        return await self.post("/v1/holds", body)

    async def held(self, gala: Gala, seats: Sequence[str] | None = None, **wish: Any) -> Any:
        return (await self.hold(gala, seats, **wish)).ok(201)

    async def place(
        self,
        hold_token: str,
        *,
        pay: str | None = "tok_ok",
        key: str | None = None,
        email: str = "ada@example.com",
        name: str = "Ada Lovelace",
    ) -> Answer:
        """An order from a hold, paid with a gateway's token unless `pay` is None."""
        body: dict[str, Any] = {
            "hold_token": hold_token,
            "buyer": {"name": name, "email": email},
        }
        if pay is not None:
            body["payment"] = {"method": "simulated", "token": pay}
        return await self.post("/v1/orders", body, Idempotency_Key=key or new_key())

    async def bought(self, gala: Gala, seats: Sequence[str], **order: Any) -> Placed:
        """A hold and an order that was taken; its payment may still be open."""
        hold = await self.held(gala, seats)
        key = order.setdefault("key", new_key())
        return placed((await self.place(hold["hold_token"], **order)).ok(201), key)

    async def pay(self, order: Placed, token: str = "tok_ok", key: str | None = None) -> Answer:
        body = {"method": "simulated", "token": token}
        return await self.post(
            f"/v1/orders/{order.code}/payments", body,
            Idempotency_Key=key or new_key(), X_Order_Secret=order.secret,
        )  # fmt: skip

    async def read(self, order: Placed) -> Any:
        return (await self.get(f"/v1/orders/{order.code}", X_Order_Secret=order.secret)).ok()

    async def tickets(self, order: Placed) -> list[dict[str, Any]]:
        path = f"/v1/orders/{order.code}/tickets"
        return list((await self.get(path, X_Order_Secret=order.secret)).ok()["items"])

    async def until_status(self, order: Placed, *statuses: str) -> Any:
        """The order, once it has one of these public states."""

        async def there() -> Any:
            path = f"/v1/orders/{order.code}"
            answer = await self.get(path, X_Order_Secret=order.secret)
            return answer.body if answer.status == 200 and answer.body["status"] in statuses else 0

        return await until(there, f"order {order.code} is {' or '.join(statuses)}")

    async def until_tickets(self, order: Placed) -> list[dict[str, Any]]:
        """The tickets, once they have codes: the money has been captured."""

        async def there() -> list[dict[str, Any]]:
            path = f"/v1/orders/{order.code}/tickets"
            answer = await self.get(path, X_Order_Secret=order.secret)
            if answer.status != 200:
                return []
            found = list(answer.body["items"])
            return found if found and all(one["code"] for one in found) else []

        return await until(there, f"the tickets of {order.code} have codes")

    async def free(self, gala: Gala) -> set[str]:
        """The seats shown as free now."""
        states = await self.states(gala)
        return {seat for seat, state in zip(gala.seats, states, strict=True) if state == 0}

    async def states(self, gala: Gala) -> list[int]:
        """0 free, 1 held, 2 sold, 3 not for sale; in dense order."""
        path = f"/v1/events/{gala.id}/availability"
        answer = await self.get(path, Accept="application/octet-stream")
        answer.ok()
        bits = answer.raw[32:]
        return [bits[n // 4] >> (6 - n % 4 * 2) & 3 for n in range(len(gala.seats))]

    async def until_shown(self, gala: Gala, seats: Sequence[str], state: int) -> None:
        """Wait until the map shows the seats in this state."""

        async def shown() -> bool:
            states = dict(zip(gala.seats, await self.states(gala), strict=True))
            return all(states[seat] == state for seat in seats)

        await until(shown, f"{list(seats)} are shown as {state}")


def placed(view: dict[str, Any], key: str) -> Placed:
    return Placed(view["code"], view["secret"], key, view)


def new_key() -> str:
    return f"k-{ids.short_id()}"


async def run_out(house: House, order: Placed) -> None:
    """Let the order's deadline pass: the row is older now than it was."""
    name = await house.order_id(order.code)
    await house.sql(
        "UPDATE orders.orders SET expires_at = clock_timestamp() - interval '1 second'"
        " WHERE id = $1",
        name,
    )
    await house.sql(
        "UPDATE orders.claims SET claimed_until = clock_timestamp() - interval '1 second'"
        " WHERE order_id = $1 AND isfinite(claimed_until)",
        name,
    )


async def patiently(send: Callable[..., Awaitable[Answer]], *args: Any, **named: Any) -> Answer:
    """
    Send the same request again until it is really answered, as a client must.

    Lost connections, 429, 5xx of a busy or absent part, and 409 `in_progress` are no answers.
    """
    deadline = clock.monotonic() + patience_s()
    while True:
        answer = await send(*args, **named)
        again = answer.status in _AGAIN or answer.code == "in_progress" or answer.status == LOST
        if not again:
            return answer
        assert clock.monotonic() < deadline, f"no answer: {answer}"
        await asyncio.sleep(float(answer.headers.get("Retry-After", "0.1")) / 2)


@contextlib.asynccontextmanager
async def open_shop(base: str, **headers: str) -> AsyncIterator[Shop]:
    """A client with connections of its own, and no cookies but those it is given."""
    connector = aiohttp.TCPConnector(limit=256, force_close=False)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield Shop(base, session).with_headers(**headers)


# -- organisers ---------------------------------------------------------------------------------

ROWS, ROW_SEATS = 10, 20
CSV = "section,row,seat,x,y,category,attributes\n" + "\n".join(
    f"P,{row},{seat},{seat * 55},{row * 90},{'front' if row <= 3 else 'back'},"
    for row in range(1, ROWS + 1)
    for seat in range(1, ROW_SEATS + 1)
)
STANDING: dict[str, Any] = {
    "name": "Small hall with floor",
    "categories": [{"key": "front"}, {"key": "back"}],
    "sections": [
        {"key": "P", "category": "front", "rows": [{"name": "1", "count": 20}]},
    ],
    "areas": [
        {"key": "floor", "name": "Floor", "capacity": 50, "category": "back",
         "outline": [[0, 500], [1000, 500], [1000, 1500], [0, 1500]]},
    ],
}  # fmt: skip


class Organiser:
    """Makes events; charts are uploaded once and used for many."""

    def __init__(self, house: House, shop: Shop) -> None:
        assert house.logins is not None
        self.house = house
        self.token = house.logins.api_tokens[HOUSE]
        self.scanner = house.logins.scanner_tokens[HOUSE]
        self.shop = shop.with_headers(Authorization=f"Bearer {self.token}")
        self.root = f"/v1/organisations/{HOUSE}"
        self._venue = ""
        self._charts: dict[str, str] = {}

    async def gala(self, *, chart: str = "seats", **fields: Any) -> Gala:
        """A published event on sale that every process knows; 200 seats, or 20 and 50 standing."""
        made = (await self.shop.post(f"{self.root}/events", await self.facts(chart, **fields))).ok(
            201
        )
        published = await self.shop.post(f"{self.root}/events/{made['id']}/publications")
        assert published.status in {200, 201}, published.body
        seats = [
            f"P:{row}:{seat}" for row in range(1, ROWS + 1) for seat in range(1, ROW_SEATS + 1)
        ]
        if chart == "standing":
            seats = [f"P:1:{seat}" for seat in range(1, 21)]
            seats += [f"floor:{place}" for place in range(1, 51)]
        gala = Gala(made["id"], seats)
        await self._known_everywhere(gala)
        return gala

    async def cancel(self, gala: Gala) -> None:
        """The event will not take place, and every process knows."""
        (await self.shop.post(f"{self.root}/events/{gala.id}/cancellations")).ok(201)
        for name in self._catalogues():
            direct = self.shop.at(self.house.direct(name))

            async def known(direct: Shop = direct) -> bool:
                shown = await direct.get(f"/v1/events/{gala.id}")
                return bool(shown.ok()["status"] == "cancelled")

            await until(known, f"{name} knows of the cancellation")

    async def block(self, gala: Gala, seats: Sequence[str]) -> Answer:
        return await self.shop.post(f"{self.root}/events/{gala.id}/blocks", {"seats": list(seats)})

    async def unblock(self, gala: Gala, seats: Sequence[str]) -> Answer:
        path = f"{self.root}/events/{gala.id}/blocks/releases"
        return await self.shop.post(path, {"seats": list(seats)})

    async def scan(self, code: str, gala: Gala, **fields: Any) -> Answer:
        body = {"code": code, "event_id": gala.id, **fields}
        return await self.shop.post("/v1/check-ins", body, Authorization=f"Bearer {self.scanner}")

    async def facts(self, chart: str = "seats", **fields: Any) -> dict[str, Any]:
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=30)
        return {
            "title": f"Gala {ids.short_id()}",
            "venue_id": await self._venue_id(),
            "chart": await self._chart(chart),
            "category": "concert",
            "starts_at": start.isoformat(),
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
            "seats_per_order_max": 8,
            **fields,
        }

    async def _venue_id(self) -> str:
        if not self._venue:
            body = {"name": "Kleine Halle", "city": "Hamburg", "country": "DE",
                    "address": "Hafen 1", "timezone": "Europe/Berlin"}  # fmt: skip
            self._venue = (await self.shop.post(f"{self.root}/venues", body)).ok(201)["id"]
        return self._venue

    async def _chart(self, kind: str) -> str:
        if kind not in self._charts:
            file, media = CSV.encode(), "text/csv"
            if kind == "standing":
                file, media = json.dumps(STANDING).encode(), "application/json"
            made = await self.shop.post(f"{self.root}/charts", file, Content_Type=media)
            chart = made.ok(201)["id"]
            published = await self.shop.post(f"{self.root}/charts/{chart}/publications")
            self._charts[kind] = published.ok(201)["hash"]
        return self._charts[kind]

    def _catalogues(self) -> list[str]:
        return [self.house.named("catalog")] if self.house.split else self.house.apis()

    async def _known_everywhere(self, gala: Gala) -> None:
        for name in self._catalogues():
            direct = self.shop.at(self.house.direct(name))

            async def known(direct: Shop = direct) -> bool:
                return (await direct.get(f"/v1/events/{gala.id}")).status == 200

            await until(known, f"{name} knows the event")


def eur(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}
