"""
`bin/bench papers`: how many ticket PDFs a core sets in a second, one ticket each and whole orders.

Warm, in one thread, codes signed and drawn each time: what a worker does for a mail, without the
mail.
"""

import argparse
import time
from collections.abc import Callable, Sequence

from seatwright.contracts import ticket_codes
from seatwright.contracts.orders import OrderPapers
from seatwright.delivery.adapters import code_pictures
from seatwright.delivery.adapters.typesetting import Press, fonts
from seatwright.delivery.domain import sheets
from seatwright.delivery.domain.words import in_language
from seatwright.kit.signing import Keyring
from tests.fakes.sold import a_ticket, an_event, some_papers

# P8: a stadium's tickets must not take longer to print than to sell.
FLOOR_A_SECOND = 300
_ORDERS = 200
_KEYS = Keyring(b"k" * 32)
_EVENT = an_event(accent="#0b7285")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench papers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each size of order")
    seconds = parser.parse_args(arguments).seconds
    press = Press(fonts())
    try:
        found = {tickets: _rate(press, tickets, seconds) for tickets in (1, 2, 4, 8)}
    finally:
        press.close()
    for tickets, rate in found.items():
        print(f"{tickets} a PDF: {rate:7.0f} PDFs/s, {rate * tickets:7.0f} tickets/s")
    # People buy about three: what counts is whether tickets keep up with sales.
    return 0 if max(rate * tickets for tickets, rate in found.items()) >= FLOOR_A_SECOND else 1


def _rate(press: Press, tickets: int, seconds: float) -> float:
    orders = [_papers(number, tickets) for number in range(_ORDERS)]
    for papers in orders[:5]:
        _set(press, papers)
    return _counted(lambda number: _set(press, orders[number % _ORDERS]), seconds)


def _counted(work: Callable[[int], None], seconds: float) -> float:
    began, done = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < seconds:
        work(done)
        done += 1
    return done / spent


def _papers(number: int, tickets: int) -> OrderPapers:
    name = f"Ada Lovelace {number}"
    held = [a_ticket(_EVENT, number * 10 + n, attendee=name) for n in range(tickets)]
    return some_papers(_EVENT, *held, buyer_name=name)


def _set(press: Press, papers: OrderPapers) -> None:
    drawn = []
    for ticket in papers.tickets:
        text = ticket_codes.sign(_KEYS, ticket_codes.of(ticket, ends_at=_EVENT.ends_at))
        drawn.append((ticket, code_pictures.svg(text)))
    press.pdf(sheets.sheet(papers, _EVENT, drawn, in_language(papers.language)))
