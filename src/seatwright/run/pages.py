"""The addresses of the buyers' pages, as the gateway must know them to answer others with 404."""

from typing import Final

from seatwright.run.engines.gateway import Spa

# A test compares them with the folders of web/shop/src/routes.
SHOP: Final = Spa(
    prefix="/",
    file="/200.html",
    pages=(
        "/",
        "/account",
        "/account/log-in",
        "/account/register",
        "/account/reset-password",
        "/account/verify-email",
        "/checkout/{hold}",
        "/events/{slug}",
        "/events/{slug}/seats",
        "/orders/{code}",
    ),
)
