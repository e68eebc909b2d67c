"""README's purchase, taken out of it and run against the demo; and a second start of that."""

import json
import os
import re
import signal
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pypdf
import pytest

from seatwright.accounts.service.demo import EMAIL
from seatwright.run.engines.caddy import lan_address
from seatwright.run.engines.lifeline import owner_of
from seatwright.run.engines.ports import free_port
from tests.acceptance.demonstration import START_TIMEOUT_S, Demonstration, buy, demonstration
from tests.acceptance.insight import until
from tests.integration.delivery.post import MailServer
from tests.integration.run.conftest import OUTSIDE
from tests.integration.run.terminal import seatwright
from tests.integration.simulators.processes import Process, started

ROOT = Path(__file__).parents[2]
PLACE = "http://localhost:8000"
JOURNEY_TIMEOUT_S = 60
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def journey() -> str:
    """The commands between the marks, as one script that ends at the first failure."""
    text = (ROOT / "README.md").read_text()
    _, _, rest = text.partition("<!-- journey: begin -->")
    part, end, _ = rest.partition("<!-- journey: end -->")
    assert end, "README marks where the purchase begins and ends"
    return "set -eu\n" + "\n".join(_BLOCK.findall(part))


@pytest.fixture(scope="module")
def demo() -> Iterator[Demonstration]:
    """Started as README says."""
    with demonstration() as demo:
        demo.start()
        yield demo


@pytest.mark.timeout(START_TIMEOUT_S + JOURNEY_TIMEOUT_S + 30)
def test_three_neighbours_are_bought_with_curl_alone(demo: Demonstration) -> None:
    base, folder = demo.base, demo.folder
    script = journey()
    assert PLACE in script
    # A step that never ends is shown with what was said until then.
    with (folder / "trace").open("w+") as trace:
        done = subprocess.Popen(
            ["/bin/sh", "-xc", script.replace(PLACE, base)],
            cwd=folder, stdout=subprocess.PIPE, stderr=trace, text=True, start_new_session=True,
        )  # fmt: skip
        late = threading.Timer(JOURNEY_TIMEOUT_S, os.killpg, (done.pid, signal.SIGKILL))
        late.start()
        printed, _ = done.communicate()
        late.cancel()
        trace.seek(0)
        assert done.returncode == 0, f"{printed}\n{trace.read()[-3000:]}"
    said = [
        json.loads(part) for part in re.findall(r"^{$.*?^}$", printed, re.MULTILINE | re.DOTALL)
    ]
    hold, order, tickets, first, second, mails = said
    assert len(hold["seats"]) == 3
    numbers = [seat["seat"] for seat in hold["seats"]]
    assert numbers == list(range(numbers[0], numbers[0] + 3)), "neighbours"
    assert (order["status"], order["quote"]["total"]) == ("paid", hold["total"])
    assert [ticket["status"] for ticket in tickets["items"]] == ["valid"] * 3
    assert (first["result"], first["seat"]["label"]) == ("admitted", tickets["items"][0]["label"])
    assert (second["result"], second["reason"]) == ("refused", "already_used")
    assert mails["items"][0]["to"] == ["ada@example.com"]
    _shows(folder / "data" / "ticket.pdf", tickets["items"][0]["label"])


def _shows(paper: Path, label: str) -> None:
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(paper).pages)
    assert all(part.rpartition(" ")[2] in text for part in label.split(" · ")), text


def test_the_script_is_nothing_but_sh_curl_and_python() -> None:
    command = re.compile(r"(?:^|\||\$\(|&&|\bdo\b)\s*([a-z][a-z0-9_]*)(?=\s|$)", re.MULTILINE)
    used = set(command.findall(journey()))
    allowed = {
        "set", "pick", "python3", "sed", "curl", "cut", "echo", "until", "sleep", "done", "ls",
        "for", "grep", "do", "date",
    }  # fmt: skip
    assert used <= allowed


@pytest.fixture(scope="module")
async def bought(demo: Demonstration) -> dict[str, Any]:
    """An order of the first start, which has ended since; with the event it is for."""
    event = next(one for one in demo.kept["events"] if one["on_sale"])
    async with httpx.AsyncClient(base_url=demo.base, trust_env=False, timeout=20) as client:
        order = await buy(client, event["id"], email="first@example.com")
    demo.stop()
    return order | {"event": event}


@pytest.mark.timeout(START_TIMEOUT_S + 60)
async def test_an_installation_for_real_use_does_not_start_on_the_demos_folder(
    demo: Demonstration, bought: dict[str, Any]
) -> None:
    assert bought
    up = ("up", "--data", demo.data, "--port", free_port())
    told = await seatwright(*up, environment=OUTSIDE)
    assert (told.code, told.out) == (1, "")
    assert (
        f"{demo.data} is the demonstration's (demo.json): everybody knows its log-in." in told.err
    )
    assert "Choose another folder with --data, or delete this one." in told.err

    # Nor when the sign is taken away, for the log-in is still there.
    kept = demo.data / "demo.json"
    kept.rename(demo.folder / "away")
    try:
        told = await seatwright(*up, environment=OUTSIDE)
    finally:
        (demo.folder / "away").rename(kept)
    assert (told.code, "answers at port" in told.out) == (1, False)
    assert f"{EMAIL} may log in to this database with the password from" in told.err
    assert "Use another database or folder" in told.err
    assert owner_of(demo.data) is None


@pytest.fixture(scope="module")
async def post() -> AsyncIterator[tuple[MailServer, str]]:
    """A mail server of somebody's own, with its address."""
    server = MailServer()
    address = await server.start()
    yield server, address
    await server.stop()


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Process]:
    """A payment gateway of somebody's own."""
    ledger = tmp_path_factory.mktemp("gateway") / "journal"
    words = ("--port", 0, "--secret", "s", "--api-key", "k", "--ledger", ledger)
    async with started("seatwright.simulators.gateway", *words) as process:
        yield process


@pytest.fixture(scope="module")
async def again(
    demo: Demonstration, bought: dict[str, Any], post: tuple[MailServer, str], gateway: Process
) -> dict[str, Any]:
    """A second start on the same folder, for phones, with a mail server and a gateway given."""
    assert bought
    demo.start(
        "--lan", SMTP_URL=post[1], GATEWAY_URL=gateway.addresses["listening"], GATEWAY_KEY="k",
        GATEWAY_WEBHOOK_SECRET="s",
    )  # fmt: skip
    return demo.kept


@pytest.fixture
async def phone(again: dict[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    """Trusts what it was given at the address on the screen, and nobody else."""
    async with httpx.AsyncClient(trust_env=False) as plain:
        certificate = (await plain.get(again["certificate"])).raise_for_status().text
    trust = ssl.create_default_context(cadata=certificate)
    base = again["phone"] or again["shop"]
    async with httpx.AsyncClient(
        base_url=base, verify=trust, trust_env=False, timeout=20
    ) as client:
        yield client


async def test_what_was_bought_is_there_after_a_second_start(
    phone: httpx.AsyncClient, bought: dict[str, Any]
) -> None:
    secret = {"X-Order-Secret": bought["secret"]}
    order = await phone.get(f"/v1/orders/{bought['code']}", headers=secret)
    assert (order.status_code, order.json()["status"]) == (200, "paid"), order.text
    assert order.json()["quote"] == bought["quote"]


async def test_a_phone_buys_and_is_led_to_where_it_came_from(
    demo: Demonstration, again: dict[str, Any], phone: httpx.AsyncClient,
    bought: dict[str, Any], post: tuple[MailServer, str],
) -> None:  # fmt: skip
    if (address := lan_address()) is not None:
        assert again["phone"] == again["shop"] == f"https://{address}:{demo.port}"
        assert f"Phone              {again['phone']}\n" in demo.said
    assert f"Certificate        {again['certificate']}\n" in demo.said
    for path in ("/", f"/events/{bought['event']['slug']}", "/v1/events"):
        assert (await phone.get(path)).status_code == 200, path
    await buy(phone, bought["event"]["id"], email="phone@example.com")

    async def mailed() -> list[EmailMessage]:
        return post[0].to("phone@example.com")

    (mail,) = await until(mailed, "the tickets have come by mail")
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"{again['shop']}/orders/" in body.get_content()
    # The machine's own browser is served as before.
    assert (await phone.get(f"https://localhost:{demo.port}/v1/events")).status_code == 200


async def test_nothing_stands_in_for_what_was_given(
    demo: Demonstration, again: dict[str, Any], phone: httpx.AsyncClient,
    bought: dict[str, Any], gateway: Process,
) -> None:  # fmt: skip
    code = (await buy(phone, bought["event"]["id"], email="given@example.com"))["code"]
    async with httpx.AsyncClient(base_url=gateway.addresses["listening"], trust_env=False) as plain:
        paid = (await plain.get("/ledger")).text
    assert code in paid
    assert not {"inbox", "inbox_api", "gateway_ledger", "gateway_control"} & again.keys()
    running = json.loads((demo.data / "processes.json").read_text())
    assert not {"inbox", "payment-gateway"} & running.keys()
    assert "Inbox              none: mails are handed over to SMTP_URL\n" in demo.said
    assert "Payments           asked for at GATEWAY_URL: it may move money\n" in demo.said
    for path in ("/inbox/api/mails", "/challenge/none"):
        assert "application/json" not in (await phone.get(path)).headers["Content-Type"]
