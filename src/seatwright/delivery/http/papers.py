"""Papers over HTTP: plain links that carry their right in a signed grant."""

from typing import Annotated, Any

from litestar import Request, get
from litestar.params import Parameter
from litestar.response import Response

from seatwright.delivery.service.fetch_paper import File, PaperCounter
from seatwright.kit.web.app import offered

# Papers name people and open gates: no cache on the way may keep them.
_CACHE = "private, no-store"
_GRANT_CHARS_MAX = 600
Grant = Annotated[
    str | None,
    Parameter(
        max_length=_GRANT_CHARS_MAX,
        description="The signed right that the order page puts into its links; good for minutes.",
    ),
]
TicketId = Annotated[str, Parameter(max_length=64, description="The ticket's id.")]
OrderCode = Annotated[str, Parameter(max_length=16, description="The order's code.")]


def _answer(file: File, media_type: str, *, inline: bool) -> Response[bytes]:
    shown = "inline" if inline else "attachment"
    return Response(
        file.content,
        media_type=media_type,
        headers={
            "Cache-Control": _CACHE,
            # Names are made of an order's code only, so they need no quoting.
            "Content-Disposition": f'{shown}; filename="{file.name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@get("/v1/tickets/{ticket:str}/pdf", media_type="application/pdf", tags=["papers"])
async def ticket_pdf(
    request: Request[Any, Any, Any], ticket: TicketId, grant: Grant = None
) -> Response[bytes]:
    """Print one ticket."""
    file = await offered(request, PaperCounter).ticket_pdf(ticket, grant)
    return _answer(file, "application/pdf", inline=True)


@get("/v1/tickets/{ticket:str}/png", media_type="image/png", tags=["papers"])
async def ticket_png(
    request: Request[Any, Any, Any], ticket: TicketId, grant: Grant = None
) -> Response[bytes]:
    """Show one ticket's code as a picture."""
    file = await offered(request, PaperCounter).ticket_png(ticket, grant)
    return _answer(file, "image/png", inline=True)


@get("/v1/tickets/{ticket:str}/ics", media_type="text/calendar", tags=["papers"])
async def ticket_ics(
    request: Request[Any, Any, Any], ticket: TicketId, grant: Grant = None
) -> Response[bytes]:
    """Put one ticket's event into a calendar."""
    file = await offered(request, PaperCounter).ticket_ics(ticket, grant)
    return _answer(file, "text/calendar; charset=utf-8", inline=False)


@get(
    "/v1/tickets/{ticket:str}/pkpass",
    media_type="application/vnd.apple.pkpass",
    tags=["papers"],
)
async def ticket_pkpass(
    request: Request[Any, Any, Any], ticket: TicketId, grant: Grant = None
) -> Response[bytes]:
    """Put one ticket into Apple Wallet."""
    file = await offered(request, PaperCounter).ticket_pkpass(ticket, grant)
    return _answer(file, "application/vnd.apple.pkpass", inline=False)


@get("/v1/tickets/{ticket:str}/google-wallet", status_code=303, tags=["papers"])
async def google_wallet(
    request: Request[Any, Any, Any], ticket: TicketId, grant: Grant = None
) -> Response[None]:
    """Put one ticket into Google Wallet: leads to Google's page with the signed ticket."""
    link = await offered(request, PaperCounter).google_wallet(ticket, grant)
    headers = {"Location": link, "Cache-Control": _CACHE, "Referrer-Policy": "no-referrer"}
    return Response(None, status_code=303, headers=headers)


@get("/v1/orders/{code:str}/tickets/pdf", media_type="application/pdf", tags=["papers"])
async def order_pdf(
    request: Request[Any, Any, Any], code: OrderCode, grant: Grant = None
) -> Response[bytes]:
    """Print all tickets of an order."""
    file = await offered(request, PaperCounter).order_pdf(code, grant)
    return _answer(file, "application/pdf", inline=True)


ROUTES = (ticket_pdf, ticket_png, ticket_ics, ticket_pkpass, google_wallet, order_pdf)
