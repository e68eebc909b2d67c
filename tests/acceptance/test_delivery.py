"""Tickets on phones, from the organiser's wish to the gate; and what others are told of it."""

import io
import json
import zipfile

import pytest

from seatwright.contracts import moving_codes
from seatwright.contracts.moving_codes import Moving
from seatwright.kit import clock
from tests.acceptance.insight import until
from tests.acceptance.shop import Gala, Organiser, Shop, new_key
from tests.integration.delivery.receiver import Receiver, verified

pytestmark = pytest.mark.mode("all")


async def test_the_phone_shows_what_the_gate_takes_and_a_picture_of_it_is_refused(
    shop: Shop, organiser: Organiser
) -> None:
    gala = await organiser.gala(moving_codes=True)
    order = await shop.bought(gala, gala.row(0)[:2])
    one, two = await shop.until_tickets(order)
    assert one["png_url"] is None
    phone = Moving(**one["moving"])
    assert phone.stem == one["code"].rpartition(".")[0]
    old = moving_codes.shown(phone, clock.now() - 4 * moving_codes.STEP)
    refused = (await organiser.scan(old, gala)).ok()
    assert (refused["result"], refused["reason"]) == ("refused", "code_outdated")
    now = moving_codes.shown(phone, clock.now())
    assert (await organiser.scan(now, gala)).ok()["result"] == "admitted"
    fresh = moving_codes.shown(Moving(**two["moving"]), clock.now())
    assert (await organiser.scan(fresh, gala)).ok()["result"] == "admitted"
    path = f"{organiser.root}/events/{gala.id}"
    fixed = await organiser.shop.ask("PATCH", path, {"moving_codes": False}, If_Match="*")
    fixed.problem(409, "fixed_by_publication")


async def test_a_ticket_is_in_the_phones_wallet_with_the_code_of_the_paper(
    shop: Shop, organiser: Organiser, gala: Gala
) -> None:
    order = await shop.bought(gala, gala.row(1)[:1])
    (ticket,) = await shop.until_tickets(order)
    answer = await shop.get(ticket["pkpass_url"])
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "application/vnd.apple.pkpass"
    with zipfile.ZipFile(io.BytesIO(answer.raw)) as archive:
        said = json.loads(archive.read("pass.json"))
        assert "signature" in archive.namelist()
    assert said["barcodes"][0]["message"] == ticket["code"]
    saved = await shop.get(ticket["google_wallet_url"])
    assert saved.status == 303


async def test_an_organisers_own_system_hears_of_a_sale_and_of_who_is_inside(
    shop: Shop, organiser: Organiser, gala: Gala
) -> None:
    receiver = await Receiver().start()
    path = f"{organiser.root}/webhook-endpoints"
    wanted = {
        "url": receiver.url,
        "kinds": ["order.paid", "ticket.admitted"],
        "contact": "it@example.com",
    }
    made = (await organiser.shop.post(path, wanted, Idempotency_Key=new_key())).ok(201)
    try:
        order = await shop.bought(gala, gala.row(2)[:1])
        (ticket,) = await shop.until_tickets(order)
        assert (await organiser.scan(ticket["code"], gala)).ok()["result"] == "admitted"

        async def heard() -> bool:
            sold = [said["order"].replace("-", "") for said in receiver.bodies("order.paid")]
            inside = [said["ticket_id"] for said in receiver.bodies("ticket.admitted")]
            return order.code.replace("-", "") in sold and ticket["id"] in inside

        await until(heard, "the receiver has heard of both")
        assert all(verified(made["secret"], *one) for one in receiver.taken)
    finally:
        await organiser.shop.delete(f"{path}/{made['id']}")
        await receiver.stop()
