"""A process that is told to end answers whoever has asked it, and is asked nothing more."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from seatwright.contracts.payments import (
    Authorisation,
    GatewayName,
    GatewayPayment,
    PaymentReference,
    Payments,
)
from seatwright.kit import ids, rpc
from seatwright.kit.broker import Broker
from seatwright.kit.errors import Expected
from seatwright.run.engines import Addresses
from seatwright.run.engines.ports import free_port
from seatwright.run.secrets import new_master
from seatwright.run.targets import BY_NAME
from tests.integration.kit.conftest import until
from tests.integration.simulators import processes

CALLERS = 30
# So that every process is in the middle of some calls at any moment.
ANSWER_MS = 300


@asynccontextmanager
async def serving(
    environment: dict[str, str],
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of the payments service alone, ready."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "seatwright", "serve", "payments",
        "--port", "0", "--private-port", str(port), env=environment,
    )  # fmt: skip

    async def ready() -> bool:
        assert process.returncode is None
        try:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    try:
        async with aiohttp.ClientSession() as session:
            await until(ready, seconds=60)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
async def environment(engines: Addresses, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """The settings of a payments process, with a gateway that takes its time."""
    options = ("--port", 0, "--secret", "w", "--api-key", "k", "--latency-ms", ANSWER_MS)
    gateway = "seatwright.simulators.gateway"
    async with processes.started(gateway, *options, "--ledger", tmp_path / "ledger") as running:
        yield {
            "PATH": "/usr/bin:/bin",
            "VALKEY_URL": engines.valkey_url,
            "VALKEY_CACHE_URL": engines.valkey_cache_url,
            "NATS_URL": engines.nats_url,
            "SMTP_URL": "smtp://127.0.0.1:25",
            "GATEWAY_URL": running.addresses["listening"],
            "GATEWAY_KEY": "k",
            "GATEWAY_WEBHOOK_SECRET": "w",
            "PUBLIC_URL": "http://tickets.example",
            "FILES_DIR": str(tmp_path),
            "SEATWRIGHT_SECRET": new_master(),
        }


class Callers:
    """Orders that pay, one payment after the other each, until they are told to stop."""

    def __init__(self, payments: Payments) -> None:
        self._payments = payments
        self._stop = False
        self.answers: list[GatewayPayment] = []
        self.refused: list[Expected] = []

    async def one(self) -> None:
        while not self._stop:
            request = Authorisation(
                gateway=GatewayName("simulated"), reference=PaymentReference(ids.sortable_id()),
                amount=100, currency="EUR", token="tok_ok", order="o", event="e", seats=(1,),
                return_url="http://tickets.example",
            )  # fmt: skip
            try:
                self.answers.append(await self._payments.authorise(request=request))
            except Expected as refusal:
                self.refused.append(refusal)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            for _ in range(CALLERS):
                group.create_task(self.one())
            yield
            self._stop = True

    async def more(self) -> None:
        """Wait until each has been answered about twice more."""
        wanted = len(self.answers) + len(self.refused) + 2 * CALLERS

        async def answered() -> bool:
            return len(self.answers) + len(self.refused) >= wanted

        await until(answered, seconds=30)


async def test_of_two_processes_one_ends_under_load_and_no_call_is_lost(
    engines: Addresses, environment: dict[str, str]
) -> None:
    contract = BY_NAME["payments"].contract
    assert contract is not None
    broker = await Broker.connect(engines.nats_url, name="callers")
    callers = Callers(rpc.remote(broker, contract))
    async with serving(environment) as ending, serving(environment) as staying:
        async with callers.at_work():
            await callers.more()
            ending.terminate()
            async with asyncio.timeout(30):
                code = await ending.wait()
            await callers.more()
        assert code == 0
        assert staying.returncode is None
    await broker.close()
    assert callers.refused == []
    assert {payment.standing for payment in callers.answers} == {"authorised"}
