"""A forgotten password."""

from typing import Any, ClassVar

import msgspec
from litestar import Request, Response, post, put
from litestar.params import FromPath, JSONBody

from seatwright.accounts.domain import emails
from seatwright.accounts.http import client, fields
from seatwright.accounts.http.registration import Address, Mailed
from seatwright.accounts.service import reset_password
from seatwright.accounts.service.desk import Desk
from seatwright.kit.web.app import offered


class NewPassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password from now on."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"password": "seven loud drums in the attic"}

    password: fields.Password


@post("/v1/password-resets", status_code=202)
async def request_reset(
    request: Request[Any, Any, Any], data: JSONBody[Address]
) -> Response[Mailed]:
    """Have a link mailed that sets a new password, good for half an hour."""
    email = emails.read(data.email)
    await reset_password.ask(offered(request, Desk), client.visitor(request), email)
    return Response(Mailed(), status_code=202)


# The path holds a secret: what writes addresses down must write the route instead.
@put("/v1/password-resets/{token:str}", status_code=204, opt={"secret_path": True})
async def reset(
    request: Request[Any, Any, Any], token: FromPath[str], data: JSONBody[NewPassword]
) -> Response[None]:
    """Set a new password with the secret from the link, once; every session ends."""
    await reset_password.reset(
        offered(request, Desk), client.visitor(request), token, data.password
    )
    return Response(None, status_code=204, cookies=[client.no_cookie(request)])


ROUTES = (request_reset, reset)
