"""The mutants of what carries things on after a power cut."""

from collections.abc import Sequence

from tests.acceptance import drills
from tests.acceptance.house import House
from tests.acceptance.shop import Gala, Organiser, Shop
from tests.mutants.controls import Check, Control
from tests.mutants.workshop import Mutant, Patch

NEVER_S = 6


def cut(point: str) -> Check:
    """The drill of a point, through the gateway, as in the acceptance tests."""

    async def check(house: House, shops: Sequence[Shop], gala: Gala) -> None:
        shop = shops[0].at(house.base)
        await drills.power_cut(house, shop, Organiser(house, shop), gala, point)

    return check


CRASH_CONTROLS: dict[str, Control] = {
    "after_authorise: nobody looks at what was left open": Control(
        Mutant(
            patches=[
                Patch(
                    "orders/paying/tasks.py",
                    "    async def _look(self, due: DueAttempt) -> None:\n",
                    "    async def _look(self, due: DueAttempt) -> None:\n"
                    "        if due.number:\n            return\n",
                )
            ]
        ),
        cut("after_authorise"),
        "is paid",
        NEVER_S,
    ),
    "after_commit: a sale asks nobody for its money": Control(
        Mutant(
            patches=[
                Patch(
                    "orders/paying/queries.sql",
                    "FROM open HAVING count(*) > 0",
                    "FROM open HAVING count(*) < 0",
                )
            ]
        ),
        cut("after_commit"),
        "everything settles",
        NEVER_S,
    ),
    "after_capture: a message is acknowledged before its work": Control(
        Mutant(
            patches=[
                Patch(
                    "kit/broker.py",
                    "        outcomes = await _outcomes([fact for _, fact in work], handle)"
                    " if work else []\n",
                    "        for message, _ in work:\n            await message.ack()\n"
                    "        outcomes = await _outcomes([fact for _, fact in work], handle)"
                    " if work else []\n",
                )
            ]
        ),
        cut("after_capture"),
        "everything settles",
        NEVER_S,
    ),
    "after_hold: a hold sent again is another hold": Control(
        Mutant(
            patches=[
                Patch(
                    "reservations/service/hold_seats.py",
                    "        hold = asked.hold or HoldId(ids.sortable_id())\n",
                    "        hold = HoldId(ids.sortable_id())\n",
                )
            ]
        ),
        cut("after_hold"),
        "seats_taken",
    ),
    "after_admission: a scan sent again is another scan": Control(
        Mutant(
            patches=[
                Patch(
                    "entry/queries.sql",
                    "FROM admissions WHERE scanner = $1 AND scan_id = $2\n",
                    "FROM admissions WHERE scanner = $1 AND scan_id = $2 AND false\n",
                )
            ]
        ),
        cut("after_admission"),
        "'refused' == 'admitted'",
    ),
    "delivery_after_sending: a mail sent again has another name": Control(
        Mutant(
            patches=[
                Patch(
                    "delivery/service/dispatch.py",
                    'return f"<{delivery}@{sender_domain}>"',
                    "return f\"<{delivery}.{__import__('os').getpid()}@{sender_domain}>\"",
                )
            ]
        ),
        cut("delivery_after_sending"),
        "2 == 1",
    ),
}
