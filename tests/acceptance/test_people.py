"""Somebody registers, proves the address, logs in, and buys as a person."""

import json
import re

from tests.acceptance.house import House
from tests.acceptance.insight import until
from tests.acceptance.shop import Gala, Shop, patiently, placed

PASSWORD = "seven lanterns above the harbour"


async def test_a_person_registers_and_finds_the_own_orders_again(
    house: House, shop: Shop, gala: Gala
) -> None:
    person = await logged_in(house, shop, f"{gala.id}@example.org")
    assert (await person.get("/v1/me")).ok()["email"] == f"{gala.id}@example.org"
    assert (await person.get("/v1/me/orders")).ok()["items"] == []

    hold = await person.held(gala, gala.row(0)[:2])
    # The hold belongs to the person: nobody else may order with its token, or look at it.
    (await shop.place(hold["hold_token"])).problem(404, "hold_not_found")
    assert (await shop.get(f"/v1/holds/{hold['id']}")).status == 404
    order = placed((await person.place(hold["hold_token"])).ok(201), "")
    assert order.view["status"] == "paid"

    mine = (await person.get("/v1/me/orders")).ok()["items"]
    assert [one["code"] for one in mine] == [order.code]
    # The owner needs no secret; a guest without it sees nothing.
    assert (await person.get(f"/v1/orders/{order.code}")).ok()["status"] == "paid"
    (await shop.get(f"/v1/orders/{order.code}")).problem(404, "order_not_found")
    (await shop.get("/v1/me/orders")).problem(401, "unauthenticated")

    another = await logged_in(house, shop, f"{gala.id}-b@example.org")
    (await another.get(f"/v1/orders/{order.code}")).problem(404, "order_not_found")
    assert (await another.get("/v1/me/orders")).ok()["items"] == []
    await house.sound()


async def test_a_person_holds_no_more_than_the_limit_in_all_holds_together(
    house: House, shop: Shop, gala: Gala
) -> None:
    person = await logged_in(house, shop, f"{gala.id}@example.org")
    await person.held(gala, gala.row(1)[:5])
    (await person.hold(gala, gala.row(2)[:4])).problem(409, "seat_limit")
    await person.held(gala, gala.row(2)[:3])
    (await shop.hold(gala, gala.row(3)[:9])).problem(422, "invalid")


async def test_another_site_cannot_act_with_the_persons_cookie(
    house: House, shop: Shop, gala: Gala
) -> None:
    person = await logged_in(house, shop, f"{gala.id}@example.org")
    body = {"event_id": gala.id, "seats": gala.row(4)[:1]}
    refused = await person.post("/v1/holds", body, Sec_Fetch_Site="cross-site")
    refused.problem(403, "cross_site")
    refused = await person.post("/v1/holds", body, Origin="https://evil.example")
    refused.problem(403, "cross_site")
    assert gala.row(4)[0] in await shop.free(gala)


async def logged_in(house: House, shop: Shop, email: str) -> Shop:
    """A client with the session of a person who has just registered by mail."""
    body = {"email": email, "password": PASSWORD, "name": "Grace Hopper"}
    # Patiently: whoever tried many things from this address before has used its attempts up.
    (await patiently(shop.post, "/v1/accounts", body)).ok(202)
    early = await patiently(shop.post, "/v1/sessions", {"email": email, "password": PASSWORD})
    assert early.status in {401, 403}

    async def link() -> str | None:
        for mail in await house.mails(email):
            if found := re.search(r"verify-email#token=([A-Za-z0-9_-]+)", json.dumps(mail)):
                return found[1]
        return None

    token = await until(link, "the link has come by mail")
    proven = (await patiently(shop.ask, "PUT", f"/v1/email-verifications/{token}")).ok()
    assert proven["email"] == email
    answer = await patiently(shop.post, "/v1/sessions", {"email": email, "password": PASSWORD})
    answer.ok(201)
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return shop.with_headers(Cookie=cookie)
