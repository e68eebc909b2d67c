"""
Take in what gates scanned while they had no network.

Those people are inside already; the question is only who of them came on the same ticket. The
earliest scan holds the admission, each later one is reported as a duplicate (I-G1).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from seatwright.contracts import moving_codes
from seatwright.contracts.accounts import Principal
from seatwright.entry.domain import Scan, Verdict
from seatwright.entry.service.check_in import Gate, ScanMismatch

SCANS_MAX = 500
# Different tickets side by side; the database's pool is the other bound.
_AT_ONCE_MAX = 8


@dataclass(frozen=True, slots=True)
class TakenIn:
    """One uploaded scan; `verdict` None when its scan id belongs to another code."""

    verdict: Verdict | None

    @property
    def duplicate(self) -> bool:
        """Somebody else is inside on the same ticket."""
        return self.verdict is not None and self.verdict.reason == "already_used"


async def take_in(gate: Gate, scans: Sequence[Scan], principal: Principal) -> list[TakenIn]:
    """Verdicts in the order of `scans`; one bad scan spoils no other."""
    assert len(scans) <= SCANS_MAX
    by_code: dict[str, list[int]] = {}
    for position in sorted(range(len(scans)), key=lambda at: scans[at].at):
        by_code.setdefault(moving_codes.without_moment(scans[position].code), []).append(position)
    places = asyncio.Semaphore(_AT_ONCE_MAX)
    taken: dict[int, TakenIn] = {}

    async def one_ticket(positions: list[int]) -> None:
        async with places:
            for position in positions:
                taken[position] = await _one(gate, scans[position], principal)

    await asyncio.gather(*(one_ticket(positions) for positions in by_code.values()))
    return [taken[position] for position in range(len(scans))]


async def _one(gate: Gate, scan: Scan, principal: Principal) -> TakenIn:
    try:
        return TakenIn(await gate.check_in(scan, principal))
    except ScanMismatch:
        return TakenIn(None)
