"""Becoming somebody: registering and proving an address."""

from typing import Any, ClassVar

import msgspec
from litestar import Request, Response, post, put
from litestar.params import FromPath, JSONBody

from seatwright.accounts.domain import emails
from seatwright.accounts.http import client, fields
from seatwright.accounts.service import register
from seatwright.accounts.service.desk import Desk
from seatwright.kit.web.app import offered


class NewAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody types to register."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "email": "ada@example.com",
        "password": "four muddy boots by the door",
        "name": "Ada Lovelace",
        "language": "en",
    }

    email: fields.Email
    password: fields.Password
    name: fields.Name
    language: fields.Language = "en"
    marketing_consent: bool = False


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address to write to."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"email": "ada@example.com"}

    email: fields.Email


class Mailed(msgspec.Struct, frozen=True, kw_only=True):
    """The same answer whether the address has an account or not: the mail tells its owner."""

    status: str = "check_your_mail"


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """The address that is proven now."""

    email: str


@post("/v1/accounts", status_code=202)
async def create_account(
    request: Request[Any, Any, Any], data: JSONBody[NewAccount]
) -> Response[Mailed]:
    """Register: a link is mailed that makes the account when it is followed."""
    wish = register.Wish(
        email=emails.read(data.email),
        password=data.password,
        name=data.name.strip() or data.email,
        language=data.language,
        marketing_consent=data.marketing_consent,
    )
    await register.register(offered(request, Desk), client.visitor(request), wish)
    return Response(Mailed(), status_code=202)


@post("/v1/email-verifications", status_code=202)
async def request_verification(
    request: Request[Any, Any, Any], data: JSONBody[Address]
) -> Response[Mailed]:
    """Have the link of a registration mailed again."""
    email = emails.read(data.email)
    await register.send_again(offered(request, Desk), client.visitor(request), email)
    return Response(Mailed(), status_code=202)


# The path holds a secret: what writes addresses down must write the route instead.
@put("/v1/email-verifications/{token:str}", opt={"secret_path": True})
async def verify_email(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Verified]:
    """Prove an address with the secret from its link; a GET by a mail scanner proves nothing."""
    email = await register.verify(offered(request, Desk), client.visitor(request), token)
    return Response(Verified(email=email.text))


ROUTES = (create_account, request_verification, verify_email)
