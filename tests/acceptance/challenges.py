"""What a buyer does on the page of the bank."""

import re

from tests.acceptance.shop import Shop


async def answer_challenge(shop: Shop, url: str, answer: str) -> None:
    """Read the page, press a button (`approve` or `decline`), come back."""
    path = re.sub("^https?://[^/]+", "", url)
    page = await shop.get(path)
    assert page.status == 200
    token = re.search(r'name="token" value="([^"]+)"', page.raw.decode())
    assert token is not None
    form = f"token={token[1]}&answer={answer}".encode()
    kind = "application/x-www-form-urlencoded"
    back = await shop.post(path, form, Content_Type=kind)
    assert back.status == 303
    assert "/orders/" in back.headers["Location"]
