"""From the list of events to the seat: one ticket all the way, in both ways of deployment."""

import io
from typing import Any

import pypdf

from tests.acceptance.house import House
from tests.acceptance.insight import until
from tests.acceptance.shop import Gala, Organiser, Shop, new_key, placed
from tests.unit.delivery.pictures import codes


async def test_three_neighbours_are_bought_printed_mailed_and_admitted_once(
    house: House, shop: Shop, organiser: Organiser, gala: Gala
) -> None:
    listed = await until_listed(shop, gala)
    assert listed["status"] == "on_sale"
    event = (await shop.get(f"/v1/events/{gala.id}")).ok()
    assert event["seat_count"] == 200
    assert len(await shop.free(gala)) == 200

    wanted = gala.row(4)[5:8]
    hold = await shop.held(gala, wanted)
    assert [seat["id"] for seat in hold["seats"]] == wanted
    assert hold["total"] == {"amount": 3 * 3100 + 200, "currency": "EUR"}
    email = f"{gala.id}@example.com"
    answer = await shop.place(hold["hold_token"], email=email)
    order = placed(answer.ok(201), "")
    assert order.view["status"] == "paid"
    assert order.view["quote"]["total"] == hold["total"]

    tickets = await shop.until_tickets(order)
    assert sorted(ticket["seat"] for ticket in tickets) == sorted(wanted)
    await shop.until_shown(gala, wanted, 2)
    paper = await shop.get(tickets[0]["pdf_url"])
    assert paper.headers["Content-Type"] == "application/pdf"
    text = pypdf.PdfReader(io.BytesIO(paper.ok() or paper.raw)).pages[0].extract_text()
    assert "Ada Lovelace" in text
    picture = await shop.get(tickets[0]["png_url"])
    assert codes(picture.raw) == [tickets[0]["code"]]

    mail = await until(lambda: a_mail(house, email), "the mail has come")
    kinds = [part["content_type"].partition(";")[0] for part in mail["attachments"]]
    assert sorted(kinds) == ["application/pdf", "text/calendar"]

    first = (await organiser.scan(tickets[0]["code"], gala)).ok()
    second = (await organiser.scan(tickets[0]["code"], gala)).ok()
    assert (first["result"], second["result"]) == ("admitted", "refused")
    assert second["reason"] == "already_used"
    await house.sound()


async def test_hold_order_and_payment_as_three_requests(
    house: House, shop: Shop, gala: Gala
) -> None:
    hold = await shop.held(gala, gala.row(0)[:2])
    order = placed((await shop.place(hold["hold_token"], pay=None)).ok(201), "")
    assert order.view["status"] == "awaiting_payment"
    assert order.view["payment"] is None
    assert order.view["tickets"] == []
    paid = (await shop.pay(order)).ok(201)
    assert paid["status"] == "paid"
    assert len(await shop.until_tickets(order)) == 2
    await house.sound()


async def test_seats_that_somebody_has_are_refused_by_name(shop: Shop, gala: Gala) -> None:
    await shop.held(gala, gala.row(2)[:2])
    refused = (await shop.hold(gala, gala.row(2)[1:3])).problem(409, "seats_taken")
    assert refused["seats"] == [gala.row(2)[1]]
    # All or nothing: the free one of the two is still free.
    assert gala.row(2)[2] in await shop.free(gala)


async def test_a_released_hold_is_free_again_and_another_cannot_release_it(
    shop: Shop, gala: Gala
) -> None:
    seats = gala.row(3)[:4]
    hold = await shop.held(gala, seats)
    await shop.until_shown(gala, seats, 1)
    guess = hold["id"][:-3] + "zzz"
    assert (await shop.delete(f"/v1/holds/{guess}")).status in {204, 404}
    assert (await shop.get(f"/v1/holds/{hold['id']}")).status == 200
    (await shop.delete(f"/v1/holds/{hold['id']}")).ok(204)
    await shop.until_shown(gala, seats, 0)
    assert (await shop.get(f"/v1/holds/{hold['id']}")).status in {404, 410}


async def test_a_hold_is_lengthened_once(shop: Shop, gala: Gala) -> None:
    hold = await shop.held(gala, gala.row(1)[:1])
    first = (await shop.post(f"/v1/holds/{hold['id']}/extensions")).ok(201)
    second = (await shop.post(f"/v1/holds/{hold['id']}/extensions")).ok(201)
    assert first["extended"] is True
    assert first["expires_at"] > hold["expires_at"]
    assert second["expires_at"] == first["expires_at"]


async def test_the_same_hold_id_gets_the_same_seats(shop: Shop, gala: Gala) -> None:
    mine = f"hold-{new_key()}-of-this-test"
    wish = {"quantity": 3}
    first = await shop.held(gala, hold_id=mine, best_available=wish)
    again = await shop.held(gala, hold_id=mine, best_available=wish)
    assert [s["id"] for s in first["seats"]] == [s["id"] for s in again["seats"]]
    (await shop.hold(gala, gala.row(9)[:1], hold_id=mine)).problem(422, "hold_mismatch")


async def test_best_available_gives_neighbours_and_standing_places_are_counted(
    house: House, shop: Shop, organiser: Organiser
) -> None:
    gala = await organiser.gala(chart="standing", seats_per_order_max=20)
    best = await shop.held(gala, best_available={"quantity": 4})
    numbers = sorted(int(seat["id"].split(":")[2]) for seat in best["seats"])
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    standing = await shop.held(gala, areas=[{"area": "floor", "quantity": 20}])
    assert all(seat["id"].startswith("floor:") for seat in standing["seats"])
    await shop.held(gala, areas=[{"area": "floor", "quantity": 20}])
    none_left = await shop.hold(gala, areas=[{"area": "floor", "quantity": 20}])
    assert none_left.status == 409
    answer = await shop.place(standing["hold_token"], email="crowd@example.com")
    order = placed(answer.ok(201), "")
    assert len(await shop.until_tickets(order)) == 20
    await house.sound()


async def test_what_is_not_yours_does_not_exist(shop: Shop, gala: Gala) -> None:
    order = await shop.bought(gala, gala.row(5)[:1])
    path = f"/v1/orders/{order.code}"
    (await shop.get(path)).problem(404, "order_not_found")
    (await shop.get(path, X_Order_Secret="guess")).problem(404, "order_not_found")
    (await shop.get(f"{path}/tickets")).problem(404, "order_not_found")
    other = await shop.bought(gala, gala.row(5)[1:2])
    (await shop.get(path, X_Order_Secret=other.secret)).problem(404, "order_not_found")
    body = {"method": "simulated", "token": "tok_ok"}
    refused = await shop.post(f"{path}/payments", body, Idempotency_Key=new_key())
    refused.problem(404, "order_not_found")
    assert (await shop.read(order))["code"] == order.code


async def test_seats_an_organiser_blocks_are_not_for_sale_until_given_back(
    house: House, shop: Shop, organiser: Organiser, gala: Gala
) -> None:
    assert house.logins is not None
    kept = gala.row(7)[:5]
    assert (await organiser.block(gala, kept)).ok(201)["seats"] == 5
    await shop.until_shown(gala, kept, 3)
    (await shop.hold(gala, kept[:1])).problem(409, "seats_taken")
    order = await shop.bought(gala, gala.row(7)[6:7])
    refused = (await organiser.block(gala, gala.row(7)[5:7])).problem(409, "seats_taken")
    assert refused["seats"] == [gala.row(7)[6]]
    path = f"/v1/organisations/{gala.organisation}/events/{gala.id}/blocks"
    rival = house.logins.api_tokens[next(o for o in house.logins.api_tokens if "rival" in o)]
    foreign = await shop.post(path, {"seats": kept}, Authorization=f"Bearer {rival}")
    assert foreign.status == 404
    assert (await organiser.unblock(gala, kept)).ok()["seats"] == 5
    await shop.until_shown(gala, kept, 0)
    await shop.until_tickets(order)


async def until_listed(shop: Shop, gala: Gala) -> dict[str, Any]:
    """The event among those listed: search follows publication by a moment."""

    async def there() -> Any:
        found = (await shop.get("/v1/events?limit=100")).ok()["items"]
        return next((one for one in found if one["id"] == gala.id), None)

    return await until(there, "the event is listed")


async def a_mail(house: House, email: str) -> dict[str, Any] | None:
    """The first mail an address has got."""
    return next(iter(await house.mails(email)), None)
