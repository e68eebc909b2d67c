"""How often one address may order: judged before anything else is looked at."""

import httpx

from seatwright.kit.web import app
from seatwright.orders.placing import http as placing

ORDER = {"hold_token": "x" * 16, "buyer": {"name": "Ada", "email": "ada@example.com"}}


async def test_an_address_may_order_so_often() -> None:
    keeper = placing.OrderDoorkeeper("order", per_minute=2)
    application = app.build(placing.ROUTES, (keeper,), service="test", version="0")
    transport = httpx.ASGITransport(application)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

        async def order(address: str) -> httpx.Response:
            # Without a key: refused, as soon as it is this request's turn.
            return await client.post("/v1/orders", json=ORDER, headers={"X-Forwarded-For": address})

        assert [(await order("198.51.100.7")).status_code for _ in range(2)] == [422, 422]
        refused = await order("198.51.100.7")
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) == refused.json()["retry_after_s"]
        assert (await order("198.51.100.8")).status_code == 422
