"""Letters that other services ask for, and messages that were given up."""

import pytest
from nats.js.api import ConsumerConfig

from seatwright.contracts.delivery import Letter
from seatwright.kit import dead_letters, ids
from seatwright.kit.broker import WORK_STREAM
from tests.integration.delivery.house import House, until

pytestmark = pytest.mark.usefixtures("working")


def a_letter(to: str, template: str = "verify_email", language: str = "de") -> Letter:
    values = {"name": "Ada", "link": "https://tickets.example/account/verify-email#token=abc"}
    return Letter(template=template, to=to, language=language, values=values)


async def test_a_letter_arrives_in_its_language(house: House) -> None:
    to = f"{ids.short_id()}@example.com"
    await house.letter(a_letter(to))
    await until(lambda: _arrived(house, to, 1))
    (mail,) = house.server.to(to)
    assert mail["subject"] == "Bestätigen Sie Ihre E-Mail-Adresse"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "#token=abc" in body.get_content()
    assert list(mail.iter_attachments()) == []


async def test_one_message_is_one_letter_and_two_equal_ones_are_two(house: House) -> None:
    to = f"{ids.short_id()}@example.com"
    for message in (f"m1{to}", f"m1{to}", f"m2{to}"):
        await house.letter(a_letter(to, "address_in_use"), message=message)
    await until(lambda: _arrived(house, to, 2))
    last = f"{ids.short_id()}@example.com"
    await house.letter(a_letter(last))
    await until(lambda: _arrived(house, last, 1))
    assert len(house.server.to(to)) == 2


async def test_a_dead_letter_is_listed_replayed_and_gone(house: House) -> None:
    consumer, subject = f"test-{ids.short_id()}", f"work.test.{ids.short_id()}"
    for number in range(3):
        headers = {
            "Seatwright-Subject": subject,
            "Seatwright-Consumer": consumer,
            "Seatwright-Fault": "NotSent()",
            "Nats-Msg-Id": f"{consumer}-{number}",
        }
        await house.broker.stream.publish(
            f"dead.{consumer}", f"mail {number}".encode(), headers=headers
        )
    found = await dead_letters.listed(house.broker, consumer=consumer)
    assert [(one.payload, one.subject, one.fault) for one in found] == [
        (f"mail {number}", subject, "NotSent()") for number in range(3)
    ]
    assert len(await dead_letters.listed(house.broker, consumer=consumer, at_most=2)) == 2
    await dead_letters.drop(house.broker, found[0].sequence)
    with pytest.raises(dead_letters.NoDeadLetter):
        await dead_letters.replay(house.broker, found[0].sequence)
    assert await dead_letters.replay_all(house.broker, consumer=consumer) == 2
    assert await dead_letters.listed(house.broker, consumer=consumer) == []
    reader = await house.broker.stream.pull_subscribe(
        subject, durable=consumer, stream=WORK_STREAM, config=ConsumerConfig(filter_subject=subject)
    )
    messages = await reader.fetch(2, timeout=5)
    assert [message.data for message in messages] == [b"mail 1", b"mail 2"]
    for message in messages:
        await message.ack()


async def _arrived(house: House, to: str, count: int) -> bool:
    return len(house.server.to(to)) >= count
