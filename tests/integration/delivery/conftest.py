"""Delivery as it ships, over real engines and a real mail server, in a database of its own."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest

from seatwright.contracts.delivery import SUBJECT_HAPPENED, SUBJECT_MAIL
from seatwright.contracts.messages import SUBJECT_DELIVER
from seatwright.delivery import wiring
from seatwright.delivery.domain.notices import SUBJECT_NOTICE
from seatwright.kit.broker import WORK_STREAM, Broker
from seatwright.kit.postgres import Database
from seatwright.kit.process import Tools
from seatwright.kit.signing import Keyring
from seatwright.kit.tasks import Background
from seatwright.kit.third_parties import ThirdParties
from seatwright.kit.web import app
from seatwright.run.engines import Addresses
from tests.fakes.sold import SoldCatalog, SoldOrders, TokenAccounts
from tests.integration.delivery.house import House, fresh_database
from tests.integration.delivery.post import MailServer


@pytest.fixture(scope="session")
async def delivery_database_url(engines: Addresses) -> str:
    return await fresh_database(engines.database_url, "delivery_tests", "delivery.sql")


@pytest.fixture
async def broker(engines: Addresses) -> AsyncIterator[Broker]:
    connected = await Broker.connect(engines.nats_url, name="delivery-tests")
    await connected.ensure_streams()
    yield connected
    await connected.close()


@pytest.fixture
async def working(house: House) -> AsyncIterator[None]:
    """The house's consumers run."""
    # What an earlier test left undone is not this one's.
    for subject in (SUBJECT_DELIVER, SUBJECT_MAIL, SUBJECT_NOTICE, SUBJECT_HAPPENED):
        await house.broker.stream.purge_stream(WORK_STREAM, subject=subject)
    async with Background() as workers:
        for name, loop in house.part.workers.items():
            workers.start(loop, name)
        yield


@pytest.fixture
async def house(broker: Broker, delivery_database_url: str) -> AsyncIterator[House]:
    async def database(service: str) -> Database:
        return await Database.connect(delivery_database_url, service=service)

    server = MailServer()
    settings = SimpleNamespace(
        public_url="https://tickets.example",
        smtp_url=await server.start(),
        mail_from="Seatwright <tickets@seatwright.example>",
        third=ThirdParties(made_on_the_spot=True, private_webhooks=True),
    )
    opened = await database("delivery")
    tools = Tools(
        settings=settings,  # type: ignore[arg-type]  # delivery reads these
        keys=Keyring(b"k" * 32),
        broker=broker,
        valkey=None,  # type: ignore[arg-type]  # delivery keeps nothing there
        cache=None,  # type: ignore[arg-type]
        files=None,  # type: ignore[arg-type]
        database=lambda _service: _ready(opened),
    )
    orders, catalog = SoldOrders(), SoldCatalog()
    accounts = TokenAccounts()
    directory = SimpleNamespace(orders=orders, catalog=catalog, accounts=accounts)
    part = await wiring.wire(tools, directory)  # type: ignore[arg-type]  # it calls these
    application: Any = app.build(part.routes, part.offers, service="delivery", version="0")
    transport = httpx.ASGITransport(application)
    truth = await asyncpg.connect(delivery_database_url)
    client = httpx.AsyncClient(transport=transport, base_url="http://test")
    async with client:
        yield House(
            orders, catalog, server, broker, client, truth, part, tools.keys, opened, accounts
        )
    await truth.close()
    for closing in part.closing:
        await closing()
    await opened.close()
    await server.stop()


async def _ready(opened: Database) -> Database:
    return opened
