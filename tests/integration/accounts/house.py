"""The accounts service as it ships, and hands to look behind it."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import msgspec

from seatwright.accounts.domain import emails
from seatwright.accounts.domain.roles import SCOPES_OF, Role
from seatwright.accounts.service import members
from seatwright.accounts.service.desk import Desk, Visitor
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import ids
from seatwright.kit.process import Part, Tools

PUBLIC_URL = "http://shop.example.com"
PASSWORD = "four muddy boots by the door"
_hosts = itertools.count(1)


@dataclass
class Browser:
    """One client from an address of its own, behind our proxy, with a cookie jar."""

    client: httpx.AsyncClient
    ip: str

    async def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        kind = {"content-type": "application/json"} if body is not None else {}
        return await self.client.request(
            method,
            path,
            content=None if body is None else msgspec.json.encode(body),
            headers={"x-forwarded-for": self.ip, **kind, **headers},
        )

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.call("POST", path, body, **headers)

    async def put(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.call("PUT", path, body, **headers)

    async def patch(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.call("PATCH", path, body, **headers)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.call("GET", path, **headers)

    async def delete(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.call("DELETE", path, body, **headers)

    async def log_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        return await self.post("/v1/sessions", {"email": email, "password": password})


@dataclass
class House:
    """The running service, and hands to look behind it."""

    desk: Desk
    part: Part
    application: Any
    admin: "asyncpg.Connection[Any]"
    tools: Tools
    browsers: list[Browser] = field(default_factory=list)

    def browser(self, *, ip: str | None = None, base: str = "http://localhost") -> Browser:
        number = next(_hosts)
        transport = httpx.ASGITransport(self.application, client=("127.0.0.1", 40000))
        client = httpx.AsyncClient(transport=transport, base_url=base)
        address = ip or f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        made = Browser(client, address)
        self.browsers.append(made)
        return made

    async def letters(self, to: str) -> list[dict[str, Any]]:
        rows = await self.admin.fetch("SELECT payload FROM accounts.outbox ORDER BY id")
        found = [msgspec.json.decode(row["payload"]) for row in rows]
        return [letter for letter in found if letter["to"] == to]

    async def link(self, to: str) -> str:
        letter = (await self.letters(to))[-1]
        return str(letter["values"]["link"]).partition("#token=")[2]

    async def person(self, *, name: str = "Ada Lovelace", email: str | None = None) -> str:
        """Somebody with an account; the address."""
        email = email or f"{ids.short_id()}@example.com"
        browser = self.browser()
        body = {"email": email, "password": PASSWORD, "name": name}
        assert (await browser.post("/v1/accounts", body)).status_code == 202
        done = await browser.put(f"/v1/email-verifications/{await self.link(email)}")
        assert done.status_code == 200, done.text
        return email

    async def logged_in(self, email: str | None = None) -> Browser:
        email = email or await self.person()
        browser = self.browser()
        assert (await browser.log_in(email)).status_code == 201
        return browser

    async def appointed(self, role: Role, organisation: str) -> tuple[str, Browser]:
        """Somebody with that role, logged in."""
        email = await self.person()
        await members.appoint(
            self.desk,
            Visitor(actor="test", ip="10.0.0.1"),
            OrganisationId(organisation),
            emails.read(email),
            role,
            held=SCOPES_OF[Role.OWNER],
        )
        return email, await self.logged_in(email)
