"""Text messages: what goes over the wire, what is known afterwards, and once to each number."""

import asyncio
import base64
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
import pytest
from aiohttp import web

from seatwright.delivery.adapters import texting
from seatwright.delivery.adapters.outcomes import NotSent, SendingInDoubt
from seatwright.delivery.domain.notices import Notice
from seatwright.delivery.service.dispatch import Dispatch
from seatwright.delivery.service.text_order import TextDelivery
from seatwright.delivery.tasks import Consumers
from tests.fakes.sold import a_ticket, an_event
from tests.integration.delivery.house import House

TO = "+491701234567"


@dataclass
class Sink:
    """What speaks as Twilio does; `answers` are the next statuses, 0 never answers."""

    taken: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.taken.append((request.path, request.headers["authorization"], form))
        status = self.answers.popleft() if self.answers else 201
        if status == 0:
            await asyncio.Event().wait()
        return web.json_response({"sid": "SM1", "message": "told"}, status=status)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    made = Sink()
    application = web.Application()
    application.router.add_post("/{path:.*}", made.take)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    made.url = f"twilio+http://AC42:s3cret@{host}:{port}/+4930123456"
    yield made
    await runner.cleanup()


@pytest.fixture
async def way_out(sink: Sink) -> AsyncIterator[texting.TwilioTexts]:
    made = texting.TwilioTexts(sink.url)
    yield made
    await made.close()


async def test_the_request_is_what_the_resource_asks_for(
    sink: Sink, way_out: texting.TwilioTexts
) -> None:
    await way_out.send(to=TO, text="Doors at 18:30, früh kommen")
    ((path, authorization, form),) = sink.taken
    assert path == "/2010-04-01/Accounts/AC42/Messages.json"
    assert authorization == f"Basic {base64.b64encode(b'AC42:s3cret').decode()}"
    assert form == {"To": TO, "From": "+4930123456", "Body": "Doors at 18:30, früh kommen"}


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503, 302])
async def test_a_refusal_is_certainly_not_sent(
    sink: Sink, way_out: texting.TwilioTexts, status: int
) -> None:
    sink.answers.append(status)
    with pytest.raises(NotSent, match=str(status)):
        await way_out.send(to=TO, text="x")


async def test_no_answer_is_not_known_and_nobody_there_is(
    sink: Sink, way_out: texting.TwilioTexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texting, "DEADLINE", timedelta(milliseconds=200))
    sink.answers.append(0)
    with pytest.raises(SendingInDoubt):
        await way_out.send(to=TO, text="x")
    monkeypatch.setattr(texting, "DEADLINE", timedelta(seconds=30))
    nowhere = texting.TwilioTexts("twilio+http://AC42:s3cret@127.0.0.1:1/+4930123456")
    with pytest.raises(NotSent):
        await nowhere.send(to=TO, text="x")
    await nowhere.close()
    with pytest.raises(NotSent, match="SMS_URL"):
        await texting.texts("").send(to=TO, text="x")


@pytest.mark.parametrize(("number", "count"), [(TO, 1), ("", 0), ("0170 1234567", 0), ("+1", 0)])
async def test_an_order_with_a_number_hears_once(
    house: House, sink: Sink, way_out: texting.TwilioTexts, number: str, count: int
) -> None:
    event = an_event()
    papers = house.sold(a_ticket(event), event=event, buyer_phone=number, language="de")
    notice = Notice(event=event.id, order=papers.order, kind="reminder", number=1, values={})
    orders = next(
        loop.__self__  # type: ignore[attr-defined]
        for name, loop in house.part.workers.items()
        if name == "delivery-notices"
    )
    assert isinstance(orders, Consumers)
    office = orders._notices.dispatch.office
    delivery = TextDelivery(dispatch=Dispatch(house.database, office), texts=way_out)
    for _ in range(3):
        await delivery.deliver(msgspec.structs.replace(notice), papers, event)
    assert len(sink.taken) == count
    if count:
        body = sink.taken[0][2]["Body"]
        assert body.startswith("Bald: The Midnight Orchestra. Donnerstag, 14. August 2031, 20:00")
        assert "hush-secret" not in body
