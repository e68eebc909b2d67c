"""Messages that were given up, in an operator's hands."""

from seatwright.kit.broker import DEAD_STREAM, WORK_STREAM, Broker
from tests.integration.run.terminal import seatwright

SUBJECT = "work.test.operators"


async def give_up(broker: Broker, count: int) -> list[int]:
    """Dead letters that a consumer left; their sequences."""
    found = []
    for number in range(count):
        headers = {
            "Seatwright-Subject": SUBJECT,
            "Seatwright-Consumer": "test",
            "Seatwright-Fault": f"NotSent({number})",
            "Nats-Msg-Id": f"test-{number}",
        }
        told = await broker.stream.publish("dead.test", b"a mail", headers=headers)
        found.append(told.seq)
    return found


async def sent_again(broker: Broker) -> int:
    """How many messages wait on the subject that the dead letters came on."""
    stream = await broker.stream.stream_info(WORK_STREAM, subjects_filter=SUBJECT)
    return sum((stream.state.subjects or {}).values())


async def test_dead_letters_are_listed_replayed_and_dropped(installation):
    async def letters(*words: object) -> str:
        told = await seatwright("dead-letters", *words, "--data", installation.layout.data)
        assert (told.code, told.err) == (0, ""), told
        return told.out

    broker = await Broker.connect(installation.environment["NATS_URL"], name="test-dead-letters")
    try:
        first, second, third, fourth = await give_up(broker, 4)
        listed = await letters()
        assert listed.splitlines()[0] == f"{first}\ttest\t{SUBJECT}\tNotSent(0)"
        assert listed.splitlines()[-1] == "4 dead letters"
        assert await letters("list") == listed

        line = f"{second}\ttest\t{SUBJECT}\tNotSent(1)"
        assert await letters("drop", "--sequence", second) == f"{line}\tdropped\n"
        assert line not in await letters("list")
        assert await sent_again(broker) == 0
        again = await seatwright(
            "dead-letters", "drop", "--sequence", second, "--data", installation.layout.data
        )
        assert (again.code, again.out) == (1, "")
        assert f"There is no dead letter {second}." in again.err

        told = await letters("replay", "--sequence", third)
        assert told == f"{third} sent again on {SUBJECT}\n"
        assert await sent_again(broker) == 1
        assert {str(first), str(fourth)} == {
            line.partition("\t")[0] for line in (await letters()).splitlines()[:-1]
        }

        assert await letters("replay") == "2 sent again\n"
        assert await sent_again(broker) == 3
        assert await letters() == "0 dead letters\n"
        assert (await broker.stream.stream_info(DEAD_STREAM)).state.messages == 0
    finally:
        await broker.close()


async def test_what_is_no_number_of_a_dead_letter_is_refused():
    for words in (("drop",), ("drop", "--sequence", "0"), ("replay", "--sequence", "none")):
        told = await seatwright("dead-letters", *words)
        assert (told.code, told.out) == (2, "")
        assert "--sequence" in told.err
