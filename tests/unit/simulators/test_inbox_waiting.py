"""Waiting for a mail costs the inbox little, however large the mail and however many there are."""

import asyncio
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest

from seatwright.simulators.inbox.application import Inbox
from seatwright.simulators.inbox.store import MailStore
from seatwright.simulators.web import Reply, Request

LARGE = b"%PDF-1.7\n" + bytes(range(256)) * 20_000


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


class Asking:
    """An inbox in this process, so that its processor time can be told from anybody's."""

    def __init__(self, folder: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.store = MailStore(folder, mails_max=5000, bytes_max=1 << 30)
        self.inbox = Inbox(self.store, "")
        self.loop = loop

    def ask(self, path: str, method: str = "GET") -> Reply:
        request = Request("", self.loop.create_future())
        request.method, request.url = method, path.encode()
        return self.loop.run_until_complete(self.inbox.answer(request))

    def seconds(self, path: str, times: int) -> float:
        started = time.process_time()
        for _ in range(times):
            assert self.ask(path).status == 200
        return time.process_time() - started


def large() -> bytes:
    made = EmailMessage()
    made["Subject"] = "Your tickets"
    made.set_content("Attached.")
    made.add_attachment(LARGE, maintype="application", subtype="pdf", filename="tickets.pdf")
    return made.as_bytes()


def test_a_mail_is_taken_apart_once(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> None:
    asking = Asking(tmp_path, loop)
    mail = asking.store.keep("shop@example.com", ["ada@example.com"], large())
    path = f"/api/mails/{mail.id}"
    first = asking.seconds(path, 1)
    assert asking.seconds(path, 50) < 5 * first
    shown = msgspec.json.decode(asking.ask(path).body)
    assert shown["attachments"][0]["size_bytes"] == len(LARGE)


def test_a_list_does_not_read_attachments(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> None:
    asking = Asking(tmp_path, loop)
    mails = [asking.store.keep("a@example.com", ["b@example.com"], large()) for _ in range(20)]
    whole = asking.seconds(f"/api/mails/{mails[0].id}", 1)
    assert asking.seconds("/api/mails", 1) < whole
    items = msgspec.json.decode(asking.ask("/api/mails").body)["items"]
    assert [one["subject"] for one in items] == ["Your tickets"] * 20


def test_a_mail_that_was_forgotten_is_gone_from_memory_too(
    tmp_path: Path, loop: asyncio.AbstractEventLoop
) -> None:
    asking = Asking(tmp_path, loop)
    mail = asking.store.keep("a@example.com", ["B@example.com"], b"Subject: x\r\n\r\nhello")
    path = f"/api/mails/{mail.id}"
    assert asking.ask(path).status == 200
    assert b'"total":1' in asking.ask("/api/mails?to=b@EXAMPLE").body
    assert asking.ask("/api/mails", "DELETE").status == 200
    assert asking.ask(path).status == 404
    assert b'"total":0' in asking.ask("/api/mails?to=b@EXAMPLE").body


def test_only_so_many_are_remembered(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> None:
    asking = Asking(tmp_path, loop)
    for n in range(200):
        mail = asking.store.keep("a@example.com", ["b@example.com"], b"Subject: %d\r\n\r\nhi" % n)
        assert f'"subject":"{n}"'.encode() in asking.ask(f"/api/mails/{mail.id}").body
    assert len(asking.inbox._mails) == 64
