"""What an operator asks of an installation that runs."""

import argparse

from seatwright.contracts.catalog import EventId
from seatwright.kit import dead_letters
from seatwright.kit.broker import Broker
from seatwright.kit.settings import read
from seatwright.reservations.service.rebuilding import Rebuilding
from seatwright.run import assembly, rights, standing


async def rebuild(given: argparse.Namespace) -> int:
    """Fill an event's availability from its orders."""
    settings = read(standing.of_installation(given.data.resolve()))
    tools = await assembly.connect(settings, name="seatwright-rebuild", connections_max=2)
    built = await assembly.assemble(tools, "all")
    try:
        async with assembly.following(built):
            filled = await built.offer(Rebuilding).again(EventId(given.event), force=True)
        print(f"{given.event}: filled, version {filled.version}")
    finally:
        await built.close()
    return 0


async def letters(given: argparse.Namespace) -> int:
    """List what was given up, send it on its way again, or drop one."""
    settings = read(standing.of_installation(given.data.resolve()))
    broker = await Broker.connect(settings.nats_url, name="seatwright-dead-letters")
    try:
        if given.action == "drop":
            letter = await dead_letters.drop(broker, given.sequence)
            print(f"{_line(letter)}\tdropped")
            return 0
        if given.action == "replay" and given.sequence is not None:
            letter = await dead_letters.replay(broker, given.sequence)
            print(f"{letter.sequence} sent again on {letter.subject}")
            return 0
        if given.action == "replay":
            print(f"{await dead_letters.replay_all(broker)} sent again")
            return 0
        found = await dead_letters.listed(broker, at_most=1000)
        for letter in found:
            print(_line(letter))
        print(f"{len(found)} dead letters")
    finally:
        await broker.close()
    return 0


def _line(letter: dead_letters.DeadLetter) -> str:
    return f"{letter.sequence}\t{letter.consumer}\t{letter.subject}\t{letter.fault}"


async def doctor(given: argparse.Namespace) -> int:
    """Say what is wrong."""
    from seatwright.run.engines.doctor import examine  # noqa: PLC0415

    data = given.data.resolve()
    findings = await examine(data, port=given.port)
    findings += await rights.findings(standing.settings_of(data))
    for finding in findings:
        mark = "BAD " if finding.remedy else "?   " if finding.doubt else "ok  "
        then = finding.remedy or finding.doubt
        print(f"{mark}{finding.what}" + (f"\n      {then}" if then else ""))
    return 0 if all(finding.fine for finding in findings) else 1
