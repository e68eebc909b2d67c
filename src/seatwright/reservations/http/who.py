"""Who asks for a hold."""

from typing import Any

from litestar import Request

from seatwright.contracts.accounts import identify_buyer
from seatwright.contracts.directory import Directory
from seatwright.kit.web import caller
from seatwright.kit.web.app import offered
from seatwright.kit.web.doorkeeper import Doorkeeper

_CREDENTIALS = frozenset({b"cookie", b"authorization"})


class HoldDoorkeeper(Doorkeeper):
    """Who asks for seats again and again, to keep them from others or to find a way in."""


async def principal_of(request: Request[Any, Any, Any]) -> str | None:
    """
    The principal's id, None for a guest.

    Most buyers are guests until they pay: without a credential nobody is asked. With one and
    accounts not answering the request fails (503): a hold must not change its owner. Raises
    `ScopeMissing` for a token that may not buy.
    """
    if not any(name in _CREDENTIALS for name, _ in request.scope["headers"]):
        return None
    given = caller.credentials(request)
    if given.session is None and given.bearer is None:
        return None
    accounts = offered(request, Directory).accounts
    principal = await identify_buyer(accounts, session=given.session, bearer=given.bearer)
    return None if principal is None else principal.id
