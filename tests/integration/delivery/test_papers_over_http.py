"""Papers open with their own grant, for its minutes, for tickets that stand; with no other."""

import asyncio
import io
import zipfile

import httpx
import msgspec
import pypdf
import pytest
from icalendar import Calendar

from seatwright.contracts import ticket_codes
from seatwright.contracts.orders import TicketId
from seatwright.delivery.service.fetch_paper import PaperCounter
from tests.fakes.sold import a_ticket, an_event
from tests.integration.delivery.house import House
from tests.unit.delivery import pictures


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, str(answer.json()["code"])


async def test_the_four_papers(house: House) -> None:
    event = an_event()
    papers = house.sold(a_ticket(event, 7), a_ticket(event, 8), event=event)
    ticket = papers.tickets[0]
    grant = {"grant": house.grant(papers, ticket)}
    pdf = await house.client.get(f"/v1/tickets/{ticket.id}.pdf", params=grant)
    assert pdf.status_code == 200, pdf.text
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["cache-control"] == "private, no-store"
    assert len(pypdf.PdfReader(io.BytesIO(pdf.content)).pages) == 1
    png = await house.client.get(f"/v1/tickets/{ticket.id}.png", params=grant)
    (text,) = pictures.codes(png.content)
    public = house.keys.ed25519(ticket_codes.purpose(event.id, 1)).public_key()
    assert ticket_codes.verify(public, text).ticket == ticket.id
    ics = await house.client.get(f"/v1/tickets/{ticket.id}.ics", params=grant)
    assert ics.headers["content-type"].startswith("text/calendar")
    assert "Seat 7" in str(Calendar.from_ical(ics.content).walk("VEVENT")[0]["description"])
    both = await house.client.get(
        f"/v1/orders/{papers.code}/tickets.pdf", params={"grant": house.grant(papers)}
    )
    assert len(pypdf.PdfReader(io.BytesIO(both.content)).pages) == 2
    assert f'filename="tickets-{papers.code[:3]}-' in both.headers["content-disposition"]


async def test_a_grant_opens_its_own_paper_only(house: House) -> None:
    event = an_event()
    papers = house.sold(a_ticket(event, 1), a_ticket(event, 2), event=event)
    one, two = papers.tickets
    right, whole = house.grant(papers, one), house.grant(papers)
    other = house.sold()
    refused = [
        (f"/v1/tickets/{two.id}.pdf", right),
        (f"/v1/tickets/{one.id}.pdf", whole),
        (f"/v1/tickets/{one.id}.pdf", right[:-1]),
        (f"/v1/tickets/{one.id}.pdf", ""),
        ("/v1/tickets/..%2f..%2fetc%2fpasswd.pdf", right),
        (f"/v1/orders/{papers.code}/tickets.pdf", right),
        (f"/v1/orders/{other.code}/tickets.pdf", whole),
    ]
    for path, grant in refused:
        answer = await house.client.get(path, params={"grant": grant})
        assert code_of(answer)[0] == 404, path
    answer = await house.client.get(f"/v1/tickets/{one.id}.pdf")
    assert code_of(answer) == (404, "paper_not_found")


async def test_an_old_link_is_gone_and_says_so(house: House) -> None:
    papers = house.sold()
    ticket = papers.tickets[0]
    old = house.grant(papers, ticket, age_s=31 * 60)
    for kind in ("pdf", "png", "ics", "pkpass"):
        answer = await house.client.get(f"/v1/tickets/{ticket.id}.{kind}", params={"grant": old})
        assert code_of(answer) == (410, "grant_expired")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "refunded"},
        {"status": "void"},
        {"status": "used"},
        {"released": False},
        {"seq": 1},
    ],
)
async def test_tickets_that_do_not_stand_have_no_papers(
    house: House, changes: dict[str, object]
) -> None:
    papers = house.sold()
    ticket = papers.tickets[0]
    grant = house.grant(papers, ticket)
    whole = house.grant(papers)
    house.orders.change(ticket.id, **changes)
    answer = await house.client.get(f"/v1/tickets/{ticket.id}.pdf", params={"grant": grant})
    assert code_of(answer) == (404, "paper_not_found")
    if "seq" not in changes:
        path = f"/v1/orders/{papers.code}/tickets.pdf"
        answer = await house.client.get(path, params={"grant": whole})
        assert code_of(answer) == (404, "paper_not_found")


async def test_a_flood_is_turned_away_at_the_door(house: House) -> None:
    papers = house.sold()
    ticket = papers.tickets[0]
    grant = {"grant": house.grant(papers, ticket)}
    counter = next(one for one in house.part.offers if isinstance(one, PaperCounter))
    counter._at_once_max = 3
    path = f"/v1/tickets/{ticket.id}.pdf"
    answers = await asyncio.gather(*(house.client.get(path, params=grant) for _ in range(40)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 429}
    assert statuses.count(200) >= 3
    busy = next(answer for answer in answers if answer.status_code == 429)
    assert code_of(busy) == (429, "papers_busy")
    assert int(busy.headers["retry-after"]) > 0
    assert (await house.client.get(path, params=grant)).status_code == 200


async def test_orders_away_is_said_and_is_no_fault(house: House) -> None:
    papers = house.sold()
    ticket = papers.tickets[0]
    house.orders.away = True
    answer = await house.client.get(
        f"/v1/tickets/{ticket.id}.pdf", params={"grant": house.grant(papers, ticket)}
    )
    assert code_of(answer) == (503, "unavailable")


async def test_the_description_names_the_papers_with_their_dots(house: House) -> None:
    document = (await house.client.get("/v1/openapi.json")).json()
    assert {
        "/v1/tickets/{ticket}.pdf",
        "/v1/tickets/{ticket}.png",
        "/v1/tickets/{ticket}.ics",
        "/v1/orders/{code}/tickets.pdf",
    } <= set(document["paths"])
    assert msgspec.json.encode(document)
    assert TicketId("x")


async def test_a_ticket_goes_into_both_wallets(house: House) -> None:
    papers = house.sold()
    ticket = papers.tickets[0]
    grant = {"grant": house.grant(papers, ticket)}
    passed = await house.client.get(f"/v1/tickets/{ticket.id}.pkpass", params=grant)
    assert passed.status_code == 200, passed.text
    assert passed.headers["content-type"] == "application/vnd.apple.pkpass"
    assert passed.headers["content-disposition"].endswith('.pkpass"')
    with zipfile.ZipFile(io.BytesIO(passed.content)) as archive:
        said = msgspec.json.decode(archive.read("pass.json"))
    public = house.keys.ed25519(ticket_codes.purpose(papers.event, 1)).public_key()
    assert ticket_codes.verify(public, said["barcodes"][0]["message"]).ticket == ticket.id
    saved = await house.client.get(f"/v1/tickets/{ticket.id}/google-wallet", params=grant)
    assert saved.status_code == 303
    assert saved.headers["location"].startswith("https://pay.google.com/gp/v/save/ey")
    refused = await house.client.get(f"/v1/tickets/{ticket.id}.pkpass")
    assert code_of(refused) == (404, "paper_not_found")


async def test_paper_shows_no_code_where_codes_move(house: House) -> None:
    event = an_event(moving_codes=True)
    papers = house.sold(a_ticket(event, 7), event=event)
    ticket = papers.tickets[0]
    grant = {"grant": house.grant(papers, ticket)}
    pdf = await house.client.get(f"/v1/tickets/{ticket.id}.pdf", params=grant)
    text = pypdf.PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert "The code is on your phone" in " ".join(text.split())
    png = await house.client.get(f"/v1/tickets/{ticket.id}.png", params=grant)
    assert code_of(png) == (404, "paper_not_found")
