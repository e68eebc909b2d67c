"""Who may see what of an order."""

import pytest

from seatwright.contracts.accounts import Principal
from seatwright.contracts.orders import OrderNotFound
from seatwright.kit.signing import Keyring
from seatwright.orders.domain import codes
from seatwright.orders.reading.service import ReadOrders
from tests.fakes.sold import SoldCatalog, an_event
from tests.integration.orders.till import open_till

KEYS = Keyring(b"k" * 32)


@pytest.fixture(scope="module")
async def till(tmp_path_factory, database, truth):
    async with open_till(tmp_path_factory.mktemp("till"), database, truth) as opened:
        yield opened


@pytest.fixture
async def sold(till, event):
    """A captured order, and who reads orders of its event."""
    order = await till.placed(event, [1, 2])
    await till.pay.pay(order, key=None)
    await till.capturing.commit_captured(await till.capturing.to_capture([(event, order.id)]))
    catalog = SoldCatalog()
    catalog.add(an_event(id=event))
    return order, ReadOrders(keys=KEYS, store=till.reading, catalog=catalog)


def an_organiser(*scopes):
    organisation = an_event().organisation
    return Principal(
        id="token:t", person=None, name="Box office", email=None,
        organisations={organisation: frozenset(scopes)},
    )  # fmt: skip


async def test_an_organiser_sees_an_order_and_nothing_that_opens_a_gate(sold):
    order, reader = sold
    seen = await reader.shown(order.code, secret=None, principal=an_organiser("orders:read"))
    assert [ticket.status for ticket in seen.tickets] == ["valid", "valid"]
    for ticket in seen.tickets:
        assert ticket.code is None
        assert (ticket.pdf_url, ticket.png_url, ticket.ics_url) == (None, None, None)
    assert seen.tickets_pdf_url is None
    assert seen.secret is None


@pytest.mark.parametrize("by", ["secret", "principal"])
async def test_the_buyer_sees_everything(sold, by):
    order, reader = sold
    secret = codes.secret(KEYS, order.id) if by == "secret" else None
    owner = Principal(id=order.principal, person=None, name="Ada", email=None)
    principal = owner if by == "principal" else an_organiser("orders:read")
    seen = await reader.shown(order.code, secret=secret, principal=principal)
    assert all(ticket.code and ticket.pdf_url for ticket in seen.tickets)
    assert seen.tickets_pdf_url


async def test_what_is_not_yours_does_not_exist(sold):
    order, reader = sold
    for principal in (None, an_organiser("events:read")):
        with pytest.raises(OrderNotFound):
            await reader.shown(order.code, secret="wrong", principal=principal)
    with pytest.raises(OrderNotFound):
        await reader.owned(order.code, secret=None, principal=an_organiser("orders:read"))
