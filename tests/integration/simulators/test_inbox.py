"""Mails in by SMTP, out by page and API, and nothing of them ever runs."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import aiosmtplib
import pytest

from tests.integration.simulators import processes

PDF = b"%PDF-1.7\n" + b"x" * 5000 + b"\n%%EOF"
HTML = (
    "<html><head><title>t</title></head><body><script>alert(1)</script>"
    '<a href="https://shop.example/o/1">Open</a><img src="cid:qr"></body></html>'
)


@dataclass
class Inbox:
    process: processes.Process
    session: aiohttp.ClientSession

    async def send(self, mail: EmailMessage | bytes, *to: str) -> None:
        where = urlsplit(self.process.addresses["smtp"])
        async with aiosmtplib.SMTP(hostname=where.hostname, port=where.port) as smtp:
            if isinstance(mail, EmailMessage):
                await smtp.send_message(mail, recipients=list(to))
            else:
                await smtp.sendmail("shop@shop.example", list(to), mail)

    async def get(self, path: str, status: int = 200) -> tuple[bytes, Any]:
        async with self.session.get(self.process.addresses["http"] + path) as answer:
            assert answer.status == status, await answer.text()
            return await answer.read(), answer.headers

    async def json(self, path: str) -> Any:
        async with self.session.get(self.process.addresses["http"] + path) as answer:
            assert answer.status == 200
            return await answer.json()


@pytest.fixture(scope="module")
async def inbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Inbox]:
    folder = tmp_path_factory.mktemp("inbox")
    options = ("--smtp-port", 0, "--http-port", 0, "--store", folder, "--base-path", "/inbox")
    async with (
        processes.started("seatwright.simulators.inbox", *options) as process,
        aiohttp.ClientSession() as session,
    ):
        yield Inbox(process, session)


def mail(subject: str = "Your tickets", to: str = "ada@example.org") -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = subject
    made["From"] = "Shop <shop@shop.example>"
    made["To"] = to
    made.set_content("Hällo\n.a line with a dot\n..two dots\n")
    made.add_alternative(HTML, subtype="html")
    made.add_attachment(PDF, maintype="application", subtype="pdf", filename="tïcket.pdf")
    made.add_attachment(
        b"<script>alert(1)</script>", maintype="text", subtype="html", filename="evil.html"
    )
    made.add_attachment(b"\x89PNG1", maintype="image", subtype="png", filename="qr.png", cid="<qr>")
    return made


async def the_mail(inbox: Inbox, to: str) -> Any:
    [line] = (await inbox.json(f"/api/mails?to={to}"))["items"]
    return await inbox.json(f"/api/mails/{line['id']}")


async def test_a_mail_comes_out_as_it_went_in(inbox: Inbox) -> None:
    await inbox.send(mail("Tïckets ✓"), "whole@example.org", "hidden@example.org")
    [line] = (await inbox.json("/api/mails?to=WHOLE@"))["items"]
    assert line["subject"] == "Tïckets ✓"
    assert line["from"] == "Shop <shop@shop.example>"
    assert line["has_attachments"] is True
    found = await inbox.json(f"/api/mails/{line['id']}")
    assert found["to"] == ["whole@example.org", "hidden@example.org"]
    assert found["text"].splitlines() == ["Hällo", ".a line with a dot", "..two dots"]
    assert "<script>" in found["html"]
    names = [(a["name"], a["content_type"]) for a in found["attachments"]]
    assert names == [
        ("tïcket.pdf", "application/pdf"),
        ("evil.html", "text/html"),
        ("qr.png", "image/png"),
    ]
    content, headers = await inbox.get(f"/api/mails/{line['id']}/attachments/0")
    assert content == PDF
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"].startswith("inline; filename*=UTF-8''t%C3%AFcket.pdf")


async def test_nothing_of_a_mail_runs(inbox: Inbox) -> None:
    await inbox.send(mail(), "careful@example.org")
    found = await the_mail(inbox, "careful@")
    body, headers = await inbox.get(f"/inbox/mails/{found['id']}/body")
    policy = headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert f'src="../../api/mails/{found["id"]}/attachments/2"'.encode() in body
    _, headers = await inbox.get(f"/api/mails/{found['id']}/attachments/1")
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    _, headers = await inbox.get("/inbox/")
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


async def test_a_lie_about_its_type_is_only_saved(inbox: Inbox) -> None:
    liar = EmailMessage()
    liar["From"] = "shop@shop.example"
    liar.set_content("x")
    liar.add_attachment(b"<html>", maintype="application", subtype="pdf", filename="a.pdf")
    await inbox.send(liar, "liar@example.org")
    found = await the_mail(inbox, "liar@")
    _, headers = await inbox.get(f"/api/mails/{found['id']}/attachments/0")
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment;")


async def test_the_page_lies_under_its_base_path(inbox: Inbox) -> None:
    address = inbox.process.addresses["http"]
    async with inbox.session.get(f"{address}/inbox", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (308, "/inbox/")
    page, _ = await inbox.get("/inbox/")
    assert b"inbox.js" in page
    for path in ("/inbox/inbox.js", "/inbox/inbox.css", "/inbox/api/mails", "/api/mails"):
        await inbox.get(path)
    await inbox.get("/inbox/../etc/passwd", 404)
    await inbox.get("/api/mails/none", 404)


async def test_an_unchanged_list_costs_nothing(inbox: Inbox) -> None:
    await inbox.send(mail(), "first@example.org")
    _, headers = await inbox.get("/api/mails")
    url = inbox.process.addresses["http"] + "/api/mails"
    known = {"If-None-Match": headers["ETag"]}
    async with inbox.session.get(url, headers=known) as answer:
        assert answer.status == 304
    await inbox.send(mail(), "second@example.org")
    async with inbox.session.get(url, headers=known) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"Subject: =?utf-8?q?broken\r\nFrom: \xff\xfe <<<>>>\r\n\r\nbody \xff\r\n",
        b"Content-Type: text/plain; charset=no-such\r\n\r\n\xe4\xf6\r\n",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary\r\n",
        b"Subject: long\r\n\r\n" + b"x" * 900_000 + b"\r\n",
    ],
)
async def test_broken_mails_are_kept_and_shown(inbox: Inbox, raw: bytes) -> None:
    to = f"broken{len(raw)}@example.org"
    await inbox.send(raw, to)
    found = await the_mail(inbox, to)
    content, _ = await inbox.get(f"/api/mails/{found['id']}/raw")
    assert content.rstrip() == raw.rstrip()


async def test_what_follows_a_mail_at_once_is_heard_too(inbox: Inbox) -> None:
    where = urlsplit(inbox.process.addresses["smtp"])
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    envelope = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<piped%d@example.org>\r\nDATA\r\n"
    await reader.readuntil(b"\r\n")
    writer.write(b"HELO x\r\n" + envelope % 1)
    await reader.readuntil(b"354 End data with <CR><LF>.<CR><LF>\r\n")
    for piece in (b"Subject: one\r\n\r\n", b"..dots\r\n", b".", b"\r", b"\n" + envelope % 2):
        writer.write(piece)
        await writer.drain()
    await reader.readuntil(b"354 End data with <CR><LF>.<CR><LF>\r\n")
    writer.write(b".\r\nQUIT\r\n")
    assert b"221" in await reader.read()
    writer.close()
    await writer.wait_closed()
    assert (await the_mail(inbox, "piped1@"))["text"] == ".dots\r\n"
    assert (await the_mail(inbox, "piped2@"))["size_bytes"] == 0


async def test_only_the_newest_are_kept_also_after_a_crash(tmp_path: Path) -> None:
    options = ("--smtp-port", 0, "--http-port", 0, "--store", tmp_path, "--mails-max", 5)
    async with aiohttp.ClientSession() as session:
        async with processes.started("seatwright.simulators.inbox", *options) as process:
            inbox = Inbox(process, session)
            for number in range(8):
                await inbox.send(mail(f"number {number}"), f"user{number}@example.org")
            before = await inbox.json("/api/mails")
            assert [line["subject"] for line in before["items"]] == [
                f"number {number}" for number in (7, 6, 5, 4, 3)
            ]
            await process.kill()
        assert len(list(tmp_path.glob("*.eml"))) == 5
        async with processes.started("seatwright.simulators.inbox", *options) as process:
            inbox = Inbox(process, session)
            assert await inbox.json("/api/mails") == before
            page = await inbox.json("/api/mails?limit=2")
            rest = await inbox.json(f"/api/mails?limit=10&cursor={page['next']}")
            assert page["items"] + rest["items"] == before["items"]
            async with session.delete(process.addresses["http"] + "/api/mails") as answer:
                assert answer.status == 200
            assert (await inbox.json("/api/mails"))["total"] == 0
        assert list(tmp_path.iterdir()) == []


async def test_text_messages_are_taken_as_twilio_takes_them_and_shown(inbox: Inbox) -> None:
    where = f"{inbox.process.addresses['http']}/2010-04-01/Accounts/demo/Messages.json"
    form = {"To": "+491701234567", "From": "Seatwright", "Body": "Bald: Die Nacht. Einlass 18:30"}
    known = {"authorization": "Basic ZGVtbzpkZW1v"}
    async with inbox.session.post(where, data=form, headers=known) as answer:
        assert answer.status == 201
        assert (await answer.json())["sid"].startswith("SM")
    (shown,) = (await inbox.json("/inbox/api/mails?to=491701234567"))["items"]
    assert shown["subject"].startswith("SMS: Bald: Die Nacht")
    async with inbox.session.post(where, data=form) as answer:
        assert answer.status == 401
    async with inbox.session.post(where, data={**form, "To": "0170"}, headers=known) as answer:
        assert answer.status == 400
