"""The shipped services of orders and payments, in processes of this world."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from seatwright.contracts import messages
from seatwright.contracts.charts.shelf import ChartShelf
from seatwright.contracts.delivery import SUBJECT_HAPPENED, SUBJECT_MAIL
from seatwright.contracts.payments import GatewayName
from seatwright.contracts.reservations import Seat
from seatwright.kit.errors import Expected, Unavailable
from seatwright.kit.outbox import Relay
from seatwright.kit.signing import Keyring
from seatwright.orders.blocking.service import BlockSeats
from seatwright.orders.capturing.store import CapturingStore
from seatwright.orders.capturing.tasks import CaptureWorker, Recapture
from seatwright.orders.comparing.store import ComparingStore
from seatwright.orders.comparing.tasks import Comparer, Strays
from seatwright.orders.paying.requests import PaymentRequests
from seatwright.orders.paying.service import PayOrder
from seatwright.orders.paying.store import PayingStore
from seatwright.orders.paying.tasks import Expiry, ReleaseWorker, Resolver, Watch
from seatwright.orders.paying.webhooks import Webhooks
from seatwright.orders.placing.service import PlaceOrder
from seatwright.orders.placing.store import PlacingStore
from seatwright.orders.reading.store import ReadingStore
from seatwright.payments.service import PaymentService
from tests.fakes.selling import event_for_sale
from tests.simulation.gateway import Broker, Gateway
from tests.simulation.truth import Truth, database
from tests.simulation.world import Process, World

SHOP = "https://shop.example"
KEYS = Keyring(b"k" * 32)


class Advice:
    """Reservations: what they are told, they may or may not hear."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def _hear(self, what: str) -> None:
        await self._world.pause(f"reservations: {what}")
        if self._world.happens(0.1):
            raise Unavailable("Nobody is there.")

    async def keep(self, *, event: str, hold: str, until_ms: int) -> bool:
        await self._hear("keep")
        return True

    async def sold(self, *, event: str, seats: Sequence[Seat]) -> None:
        await self._hear("sold")

    async def freed(self, *, event: str, seats: Sequence[Seat], hold: str | None) -> None:
        await self._hear("freed")

    async def blocked(self, *, event: str, seats: Sequence[Seat]) -> None:
        await self._hear("blocked")


class Calendar:
    """The catalogue, with one event; an organiser may cancel it."""

    def __init__(self, world: World, chart: Any) -> None:
        self._world = world
        self.document = event_for_sale("night", chart)

    async def event(self, *, event: str) -> Any:
        await self._world.pause("catalogue: the event")
        return self.document

    async def events_on_sale(self) -> list[Any]:
        return [self.document.id]


class House:
    """Processes that are started anew whenever they die."""

    def __init__(self, world: World, truth: Truth, chart: Any, shelf: ChartShelf) -> None:
        self.world = world
        self._truth = truth
        self._shelf = shelf
        self.gateway = Gateway(world)
        self.broker = Broker(world)
        self.calendar = Calendar(world, chart)
        self.advice = Advice(world)
        self.processes = [self._begin("p0"), self._begin("p1")]
        world.on_death = self._again

    def any(self) -> Process:
        return self.world.random.choice(self.processes)

    def _again(self, dead: Process) -> None:
        name = f"{dead.name.partition('.')[0]}.{len(self.world.died)}"
        self.processes[self.processes.index(dead)] = self._begin(name)

    def _begin(self, name: str) -> Process:
        process = Process(name)
        parts = process.parts = Parts(self, database(self.world, self._truth), self._shelf)
        for work, step in parts.work.items():
            self.world.start(f"{name}/{work}", partial(self._for_ever, work, step), process)
        return process

    async def _for_ever(self, work: str, step: Callable[[], Awaitable[Any]]) -> None:
        while True:
            often = work in {"resolver", "relay", "capture"}
            rest = 150 if self.world.healed else 10 if often else 40
            await self.world.pause("rests", self.world.random.random() * rest)
            try:
                await step()
            except asyncio.CancelledError:
                raise
            except Exception as fault:  # noqa: BLE001  # as `kit.tasks.forever`
                self.world.note(f"a step failed: {fault!r}")


class Parts:
    """What `orders.wiring` builds, over this world's ports."""

    def __init__(self, house: House, opened: Any, shelf: ChartShelf) -> None:
        calendar: Any = house.calendar
        advice: Any = house.advice
        reading, paying = ReadingStore(opened), PayingStore(opened)
        payments = self.payments = PaymentService({"simulated": house.gateway})
        pay = PayOrder(store=paying, payments=payments, reservations=advice, public_url=SHOP)
        self.place = PlaceOrder(
            keys=KEYS, store=PlacingStore(opened), finder=reading, payer=pay, catalog=calendar,
            reservations=advice, charts=shelf,
        )  # fmt: skip
        self.requests = PaymentRequests(store=paying, reader=reading, pay=pay, catalog=calendar)
        self.block = BlockSeats(database=opened, reservations=advice, charts=shelf)
        self.webhooks = Webhooks(paying)
        self.reading = reading
        self.resolver = Resolver(
            store=paying, reader=reading, pay=pay, payments=payments, catalog=calendar
        )
        capture = CaptureWorker(
            store=CapturingStore(opened), reader=reading, payments=payments,
            reservations=advice, public_url=SHOP,
        )  # fmt: skip
        comparing = ComparingStore(opened)
        broker: Any = house.broker
        release = ReleaseWorker(advice)
        self.work: dict[str, Callable[[], Awaitable[Any]]] = {
            "relay": Relay(opened, broker, "orders").step,
            "capture": lambda: broker.work(messages.SUBJECT_CAPTURE, capture.handle),
            "release": lambda: broker.work(messages.SUBJECT_RELEASE, release.handle),
            "deliver": lambda: broker.work(messages.SUBJECT_DELIVER, _deliver(broker.delivered)),
            "letters": lambda: broker.work(SUBJECT_MAIL, _deliver(broker.letters)),
            "happenings": lambda: broker.work(SUBJECT_HAPPENED, _deliver(broker.happened)),
            "resolver": self.resolver.step,
            "expiry": Expiry(paying).step,
            "recapture": Recapture(CapturingStore(opened)).step,
            "comparer": Comparer(store=comparing, payments=payments, shop=SHOP).step,
            "strays": Strays(store=comparing, payments=payments, shop=SHOP).step,
            "watch": Watch(paying).step,
            "post": lambda: _post(house, self),
        }


def _deliver(taken: list[bytes]) -> Callable[..., Awaitable[list[None]]]:
    async def handle(batch: Sequence[Any]) -> list[None]:
        taken.extend(one.payload for one in batch)
        return [None] * len(batch)

    return handle


async def _post(house: House, parts: Parts) -> None:
    """The gateway's webhooks that have arrived; those not taken come again."""
    gateway = house.gateway
    due = [one for one in gateway.post if one.at <= house.world.now_s]
    house.world.random.shuffle(due)
    for posted in due:
        await house.world.pause("a webhook arrives")
        if posted in gateway.post:
            gateway.post.remove(posted)
        try:
            notice = await parts.payments.read_webhook(
                gateway=GatewayName("simulated"), headers=gateway.headers(posted), body=posted.body
            )
            assert not posted.forged, "a forged webhook was believed"
            await parts.webhooks.take(notice)
        except Expected as refusal:
            house.world.note(f"webhook refused: {refusal.code}")
