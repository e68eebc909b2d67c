"""What the screen of a demonstration says, and where it says that more is."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from seatwright.run.demo import Demo
from seatwright.run.installation import Installation, Layout
from seatwright.run.summary import summary

DESCRIPTION: dict[str, Any] = {
    "events": [{"on_sale": True, "slug": "aurora"}],
    "shop": "http://localhost:8000",
    "inbox": "http://localhost:8000/inbox/",
    "api": "http://localhost:8000/v1",
    "organiser_email": "o@example.com",
    "organiser_password": "secret",
    "api_token": "a",
    "scanner_token": "s",
    "gateway_ledger": "http://127.0.0.1:1/ledger",
}


def test_the_file_with_everything_is_named_by_its_path() -> None:
    said = summary(DESCRIPTION, 80, kept=Path("/srv/tickets/data/demo.json"))
    assert "All of this        /srv/tickets/data/demo.json" in said


def test_phones_are_told_where_and_what_to_trust() -> None:
    lan = {"phone": "https://192.0.2.7:8000", "certificate": "http://192.0.2.7:8001"}
    said = summary(DESCRIPTION | lan, 80, kept=Path("x"))
    assert "  Phone              https://192.0.2.7:8000\n" in said
    assert "  Certificate        http://192.0.2.7:8001\n" in said
    assert "once: open it on the phone, and trust it as a CA certificate\n" in said
    assert "Phone" not in summary(DESCRIPTION, 80, kept=Path("x"))


@pytest.mark.parametrize(
    ("lan", "address", "url", "phone"),
    [
        (True, "192.0.2.7", "https://192.0.2.7:8000", "https://192.0.2.7:8000"),
        (True, None, "https://localhost:8000", None),
        (False, None, "http://localhost:8000", None),
    ],
)
def test_a_machine_in_no_network_says_so_and_serves_itself(
    tmp_path: Path, lan: bool, address: str | None, url: str, phone: str | None
) -> None:
    engines: Any = None
    secrets: Any = None
    installed = Installation(Layout(data=tmp_path, lan=lan), engines, secrets, print)
    installed.lan_address = address
    assert installed.url == url
    told = installed.for_phones()
    assert ("phone" in told, told.get("phone")) == (lan, phone)
    said = summary(DESCRIPTION | told, 80, kept=Path("x"))
    assert ("this machine has no address in a network" in said) == (lan and address is None)
    assert (f"http://localhost:{installed.ca_port}" in said) == (lan and address is None)


@pytest.mark.parametrize(("again", "word"), [(False, "Loading"), (True, "Checking")])
def test_a_later_start_does_not_say_that_it_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: bool, word: str
) -> None:
    if again:
        (tmp_path / "demo.json").write_text("{}")
    installation: Any = SimpleNamespace(layout=SimpleNamespace(data=tmp_path), environment={})
    said: list[str] = []

    async def nothing(_demo: Demo) -> None:
        return None

    async def enough(_demo: Demo) -> None:
        raise InterruptedError

    monkeypatch.setattr(Demo, "_start_inbox", nothing)
    monkeypatch.setattr(Demo, "_load", enough)
    with pytest.raises(InterruptedError):
        asyncio.run(Demo(installation)._serve(said.append))
    assert said == [f"{word} the demonstration's events"]
