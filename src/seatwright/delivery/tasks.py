"""The consumers: a message in, a mail out, or the reason why not."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import msgspec

from seatwright.contracts import messages
from seatwright.contracts.delivery import SUBJECT_HAPPENED, SUBJECT_MAIL, Happened, Letter
from seatwright.delivery.domain.notices import SUBJECT_NOTICE, Notice
from seatwright.delivery.service.deliver_order import OrderDelivery
from seatwright.delivery.service.notices import NoticeDelivery
from seatwright.delivery.service.send_letter import LetterDelivery
from seatwright.delivery.service.webhooks import Recorder
from seatwright.kit import telemetry
from seatwright.kit.broker import Broker, Delivered

# Enough to keep every press and connection busy, few enough to be done within the work time
# also when each mail takes as long as its server's deadline allows.
MESSAGES_AT_ONCE = 24
AT_ONCE_MAX = 8
WORK_TIME = timedelta(minutes=5)
_SECONDS = telemetry.histogram("delivery_seconds", "Time to deliver one message", "kind")


class Consumers:
    """Delivery's share of the queue."""

    def __init__(
        self,
        broker: Broker,
        order_delivery: OrderDelivery,
        letter_delivery: LetterDelivery,
        notice_delivery: NoticeDelivery,
        recorder: Recorder,
    ) -> None:
        self._recorder = recorder
        self._notices = notice_delivery
        self._broker = broker
        self._orders = order_delivery
        self._letters = letter_delivery
        self._places = asyncio.Semaphore(AT_ONCE_MAX)

    async def orders(self) -> None:
        """Deliver captured orders until cancelled."""
        await self._run("delivery-orders", messages.SUBJECT_DELIVER, self._order)

    async def letters(self) -> None:
        """Send other services' letters until cancelled."""
        await self._run("delivery-letters", SUBJECT_MAIL, self._letter)

    async def notices(self) -> None:
        """Write to orders about their event until cancelled."""
        await self._run("delivery-notices", SUBJECT_NOTICE, self._notice)

    async def happenings(self) -> None:
        """Keep what other services tell for outgoing webhooks until cancelled."""
        await self._run("delivery-happenings", SUBJECT_HAPPENED, self._happened)

    async def _run(
        self, name: str, subject: str, one: Callable[[Delivered], Awaitable[None]]
    ) -> None:
        async def handle(batch: Sequence[Delivered]) -> list[BaseException | None]:
            return await asyncio.gather(*(self._settled(name, one, message) for message in batch))

        await self._broker.consume(
            name, subject, handle, messages_at_once=MESSAGES_AT_ONCE, work_time=WORK_TIME
        )

    async def _settled(
        self, name: str, one: Callable[[Delivered], Awaitable[None]], message: Delivered
    ) -> BaseException | None:
        async with self._places:
            try:
                with _SECONDS.labels(name).time():
                    await one(message)
            except Exception as fault:  # noqa: BLE001  # one message must not fail its batch
                return fault
        return None

    async def _order(self, delivered: Delivered) -> None:
        message = messages.decode(delivered.payload)
        assert isinstance(message, messages.OrderCaptured), "only captures are told here"
        await self._orders.deliver(message)

    async def _letter(self, delivered: Delivered) -> None:
        letter = msgspec.json.decode(delivered.payload, type=Letter)
        await self._letters.deliver(letter, message=delivered.id)

    async def _notice(self, delivered: Delivered) -> None:
        await self._notices.deliver(msgspec.json.decode(delivered.payload, type=Notice))

    async def _happened(self, delivered: Delivered) -> None:
        await self._recorder.happened(msgspec.json.decode(delivered.payload, type=Happened))
