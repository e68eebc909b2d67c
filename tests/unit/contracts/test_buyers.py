"""Who may hold, order and pay."""

import pytest

from seatwright.contracts.accounts import PersonId, Principal, ScopeMissing, identify_buyer
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit.errors import Unauthenticated
from tests.fakes.selling import FakeAccounts

HALL = OrganisationId("hall")


def token(*scopes: str) -> Principal:
    return Principal(
        id="t", person=None, name="Till", email=None, organisations={HALL: frozenset(scopes)}
    )


ANNA = Principal(id="p", person=PersonId("p"), name="Anna", email="anna@example.com")
ACCOUNTS = FakeAccounts(
    anna=ANNA, till=token("orders:write"), gate=token("entry:scan", "catalog:read"), bare=token()
)


async def test_guests_people_and_tills_may_buy():
    assert await identify_buyer(ACCOUNTS, session=None, bearer=None) is None
    assert await identify_buyer(ACCOUNTS, session="anna", bearer=None) is ANNA
    assert await identify_buyer(ACCOUNTS, session=None, bearer="till") is not None


@pytest.mark.parametrize("bearer", ["gate", "bare"])
async def test_a_token_buys_only_with_the_scope_for_it(bearer):
    with pytest.raises(ScopeMissing) as refused:
        # The token is what acts, whatever else came with it.
        await identify_buyer(ACCOUNTS, session="anna", bearer=bearer)
    assert refused.value.code == "scope_missing"


async def test_a_token_that_is_none_is_no_guest():
    with pytest.raises(Unauthenticated):
        await identify_buyer(ACCOUNTS, session=None, bearer="forged")
