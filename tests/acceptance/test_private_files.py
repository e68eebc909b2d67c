"""What an installation writes down is nobody else's to read, also where others may pass through."""

import stat
from pathlib import Path

import pytest

from tests.acceptance.house import House
from tests.acceptance.insight import until
from tests.acceptance.shop import Gala, Shop

pytestmark = pytest.mark.mode("all")
# PostgreSQL keeps its cluster closed; around it lie only programs and where they are.
_OWN = ("postgres", "postgres.elsewhere")


def open_to_others(data: Path) -> list[str]:
    """Every file below `data` that another account could reach and read, by its path there."""
    found: list[str] = []
    for entry in sorted(data.iterdir()):
        mode = entry.lstat().st_mode
        if entry.name in _OWN or stat.S_ISLNK(mode):
            continue
        if stat.S_ISDIR(mode):
            # Who knows a name needs only to pass through the folder.
            found += open_to_others(entry) if mode & 0o011 else []
        elif mode & 0o066:
            found.append(str(entry))
    return found


async def test_nobody_else_reads_tokens_mails_or_payments(
    house: House, shop: Shop, gala: Gala
) -> None:
    email = f"{gala.id}@example.net"
    await shop.bought(gala, gala.row(0)[:1], email=email)
    await until(lambda: house.mails(email), "the tickets have come by mail")
    assert open_to_others(house.data) == []
    for name in ("demo.json", "settings.json", "installation.json", "secrets.json"):
        assert stat.S_IMODE((house.data / name).stat().st_mode) == 0o600
