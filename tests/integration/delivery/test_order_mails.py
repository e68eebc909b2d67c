"""A captured order becomes one mail with everything in it, whatever goes wrong on the way."""

import asyncio
import io
from datetime import timedelta

import pypdf
import pytest
from icalendar import Calendar

from seatwright.contracts.orders import OrderPapers
from seatwright.delivery.adapters.outcomes import NotSent
from seatwright.delivery.adapters.post_office import PostOffice
from seatwright.delivery.service import dispatch
from seatwright.delivery.service.deliver_order import KIND, OrderDelivery
from seatwright.delivery.store import mails as store
from seatwright.delivery.tasks import Consumers
from tests.fakes.sold import a_ticket, an_event
from tests.integration.delivery.house import House, until
from tests.integration.delivery.post import DROP

pytestmark = pytest.mark.usefixtures("working")


async def test_the_mail_brings_tickets_calendar_and_the_link(house: House) -> None:
    event = an_event()
    papers = house.sold(a_ticket(event, 7), a_ticket(event, 8), event=event)
    await house.captured(papers)
    await house.settled(papers.order)
    (mail,) = house.server.to(papers.buyer_email)
    pdf, ics = mail.iter_attachments()
    pages = pypdf.PdfReader(io.BytesIO(pdf.get_content())).pages
    assert len(pages) == 2
    assert papers.tickets[1].id in pages[1].extract_text()
    assert len(Calendar.from_ical(ics.get_content()).walk("VEVENT")) == 1
    body = mail.get_body(("plain",))
    assert body is not None
    assert "#hush-secret" in body.get_content()
    assert "hush-secret" not in "".join(str(value) for value in mail.values())
    assert b"hush-secret" not in pdf.get_content()
    assert mail["message-id"].endswith("@seatwright.example>")


async def test_each_attendee_with_an_address_gets_their_own_ticket_only(house: House) -> None:
    event = an_event(reply_to="hello@nordlicht.example")
    mine = a_ticket(event, 7, attendee_email="grace@example.com", attendee="Grace")
    papers = house.sold(mine, a_ticket(event, 8), event=event, buyer_email="ada@example.com")
    await house.captured(papers)

    async def arrived() -> bool:
        return bool(house.server.to("grace@example.com") and house.server.to("ada@example.com"))

    await until(arrived)
    (theirs,), (whole,) = house.server.to("grace@example.com"), house.server.to("ada@example.com")
    pdf = next(theirs.iter_attachments())
    (page,) = pypdf.PdfReader(io.BytesIO(pdf.get_content())).pages
    assert papers.tickets[0].id in page.extract_text()
    assert "hush-secret" not in theirs.as_string()
    assert len(pypdf.PdfReader(io.BytesIO(next(whole.iter_attachments()).get_content())).pages) == 2
    for mail in (theirs, whole):
        assert mail["reply-to"] == "Nordlicht Konzerte <hello@nordlicht.example>"
        assert mail["from"] == "Nordlicht Konzerte <tickets@seatwright.example>"


async def test_an_attendee_whom_no_mail_reaches_keeps_nobody_elses(house: House) -> None:
    event = an_event()
    lost = a_ticket(event, 7, attendee_email="no address")
    papers = house.sold(lost, a_ticket(event, 8, attendee_email="eve@example.com"), event=event)
    await house.captured(papers)

    async def arrived() -> bool:
        return bool(house.server.to("eve@example.com") and house.server.to(papers.buyer_email))

    await until(arrived)
    assert len(house.server.to(papers.buyer_email)) == 1


async def test_the_same_message_many_times_is_one_mail(house: House) -> None:
    papers = house.sold()
    await asyncio.gather(*(house.captured(papers) for _ in range(12)))
    await house.settled(papers.order)
    other = house.sold()
    await house.captured(other)
    await house.settled(other.order)
    assert len(house.server.to(papers.buyer_email)) == 1
    assert await house.outcomes(papers.order) == ["sent"]


async def test_a_refusal_is_tried_again_and_connections_are_kept(house: House) -> None:
    house.server.answers.append("451 4.3.0 later")
    papers = house.sold()
    await house.captured(papers)
    await house.settled(papers.order)
    assert await house.outcomes(papers.order) == ["failed", "sent"]
    assert len(house.server.to(papers.buyer_email)) == 1
    assert house.server.connections == 1


async def test_a_server_that_hangs_up_after_the_mail_gets_it_once_more(house: House) -> None:
    house.server.answers.append(DROP)
    papers = house.sold()
    await house.captured(papers)
    await house.settled(papers.order)
    copies = house.server.to(papers.buyer_email)
    assert len(copies) == 2
    assert len({mail["message-id"] for mail in copies}) == 1
    assert await house.outcomes(papers.order) == ["doubt", "sent"]


async def test_after_two_doubts_nobody_sends_it_again(house: House) -> None:
    house.server.answers.extend([DROP, DROP])
    papers = house.sold()
    await house.captured(papers)
    await house.settled(papers.order, "in_doubt")
    with pytest.raises(dispatch.LeftInDoubt):
        await _delivery(house).deliver(_message(papers))
    assert len(house.server.to(papers.buyer_email)) == 2


async def test_a_process_that_died_while_sending_repeats_once_and_never_twice(house: House) -> None:
    papers = house.sold()
    known = dispatch.delivery_id(KIND, papers.event, papers.order, 0)
    row = store.Delivery(
        id=known,
        kind=KIND,
        event=papers.event,
        order=papers.order,
        seq=0,
        recipient=papers.buyer_email,
        message_id="<x@y>",
    )
    gone = timedelta(seconds=-1)
    assert await store.begin(house.database, row, lease=timedelta(minutes=1)) == 1
    with pytest.raises(dispatch.BusyElsewhere):
        await _delivery(house).deliver(_message(papers))
    await house.truth.execute(
        "UPDATE delivery.deliveries SET until = now() + $2 WHERE id = $1", known, gone
    )
    assert await store.begin(house.database, row, lease=gone) == 2
    assert await store.begin(house.database, row, lease=gone) is None
    # The one that was believed dead finishes after all: its word about its own attempt counts.
    await store.settle(house.database, known, 1, "sent", None)
    assert await house.outcomes(papers.order) == ["sent", None]
    assert await house.state(papers.order) == "sending"


async def test_what_orders_do_not_release_yet_waits_and_what_is_returned_is_not_sent(
    house: House,
) -> None:
    event = an_event()
    early = house.sold(a_ticket(event, released=False), event=event)
    returned = house.sold(a_ticket(event, 2, status="refunded"), event=event)
    await house.captured(early)
    await house.captured(returned)
    last = house.sold()
    await house.captured(last)
    await house.settled(last.order)
    assert house.server.to(early.buyer_email) == []
    house.orders.change(early.tickets[0].id, released=True)
    await house.settled(early.order)
    assert house.server.to(returned.buyer_email) == []


async def test_a_message_that_nobody_understands_keeps_no_other_from_its_buyer(
    house: House,
) -> None:
    await house.post("work.deliver", b"\x00 not a message")
    house.orders.away = True
    papers = house.sold()
    await house.captured(papers)

    async def tried() -> bool:
        return house.orders.refused > 0

    await until(tried)
    house.orders.away = False
    await house.settled(papers.order)


async def test_no_name_or_title_reaches_the_headers(house: House) -> None:
    event = an_event(title="Show\r\nBcc: thief@example.com")
    papers = house.sold(event=event, buyer_name="Ada\r\nBcc: thief@example.com")
    await house.captured(papers)
    await house.settled(papers.order)
    (mail,) = house.server.to(papers.buyer_email)
    assert mail["bcc"] is None
    assert house.server.to("thief@example.com") == []


async def test_a_server_that_is_away_is_no_attempt_in_doubt(house: House) -> None:
    delivery = _delivery(house)
    port = await _closed_port()
    away = dispatch.Dispatch(house.database, PostOffice(f"smtp://127.0.0.1:{port}"))
    papers = house.sold()
    with pytest.raises(NotSent):
        await _with(delivery, away).deliver(_message(papers))
    assert await house.outcomes(papers.order) == ["failed"]
    await delivery.deliver(_message(papers))
    assert await house.outcomes(papers.order) == ["failed", "sent"]


async def _closed_port() -> int:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


def _delivery(house: House) -> OrderDelivery:
    consumers = house.part.workers["delivery-orders"].__self__  # type: ignore[attr-defined]
    assert isinstance(consumers, Consumers)
    return consumers._orders


def _with(delivery: OrderDelivery, other: dispatch.Dispatch) -> OrderDelivery:
    import dataclasses

    return dataclasses.replace(delivery, dispatch=other)


def _message(papers: OrderPapers):  # type: ignore[no-untyped-def]
    from seatwright.contracts.messages import OrderCaptured

    return OrderCaptured(event=papers.event, order=papers.order)
