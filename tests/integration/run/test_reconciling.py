"""Whether the promises hold, and differences that a person ends: on a real database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest

from seatwright.kit import ids
from seatwright.kit.postgres import Database
from seatwright.kit.settings import database_variable
from seatwright.orders.checking.service import INVARIANTS
from seatwright.orders.comparing.store import Break, ComparingStore
from seatwright.run import migrations, reconciling
from seatwright.run.engines import Addresses
from tests.databases import empty_database
from tests.integration.run.terminal import Told, seatwright
from tests.logins import own_logins

Say = Callable[..., Awaitable[Told]]


@pytest.fixture
async def address(engines: Addresses) -> str:
    url = await empty_database(engines.database_url, "reconciling")
    await migrations.install(url, urls=own_logins(url))
    return url


@pytest.fixture
async def truth(address: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(address)
    yield opened
    await opened.close()


@pytest.fixture
async def comparing(address: str) -> AsyncIterator[ComparingStore]:
    opened = await Database.connect(address, service="orders", connections_max=1)
    yield ComparingStore(opened)
    await opened.close()


@pytest.fixture
def say(address: str) -> Say:
    async def run(*words: object) -> Told:
        return await seatwright(*words, environment={"DATABASE_URL": address})

    return run


async def test_each_promise_is_told_with_ok(say):
    told = await say("check")
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert sum(line.startswith("ok   I-") for line in lines) == len(INVARIANTS)
    assert "ok   I-S1: no seat has two tickets that open a gate." in lines
    assert "0 paid orders with 0 tickets that open a gate." in lines
    assert lines[-1] == "All of it holds."


async def test_a_broken_promise_is_told_with_its_place(say, truth):
    event = ids.short_id()
    await truth.execute(
        "INSERT INTO orders.inventory (event_id, chart, seat_count) VALUES ($1, $2, 100)",
        event, "c" * 32,
    )  # fmt: skip
    # Somebody's hand: a seat that the chart does not have.
    await truth.execute(
        "INSERT INTO orders.claims (event_id, seat, state) VALUES ($1, 100, 'blocked')", event
    )
    told = await say("check")
    assert (told.code, told.err) == (1, "")
    lines = told.out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("BAD"))
    assert lines[at].startswith("BAD  I-S4: ")
    assert lines[at + 1] == f"       event {event}: 100"
    assert sum(line.startswith("ok   I-") for line in lines) == len(INVARIANTS) - 1
    assert lines[-1] == f"1 of {len(INVARIANTS)} promises are broken."


async def test_a_service_may_ask_by_its_own_login(address):
    own = {database_variable("orders"): own_logins(address)["orders"]}
    assert (await seatwright("check", environment=own)).out.endswith("All of it holds.\n")
    listed = await seatwright("breaks", "list", environment=own)
    assert (listed.code, listed.out, listed.err) == (0, "0 open breaks\n", "")


async def test_a_question_may_take_longer_than_a_buyer_would_wait(address, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", address)
    patience = reconciling.REPORT_PATIENCE
    async with (
        reconciling.orders_tables(tmp_path, patience=patience) as database,
        database.reading() as reader,
    ):
        assert await reader.value("SHOW statement_timeout") == "5min"
        # A report joins whole tables; the planner's hands are not tied as for buyers.
        assert await reader.value("SHOW enable_hashjoin") == "on"


async def test_a_question_that_is_not_answered_is_told_and_nothing_is_claimed(say, truth):
    # Our server ends whoever waits inside a transaction; this one has to.
    await truth.execute("SET idle_in_transaction_session_timeout = 0")
    async with truth.transaction():
        await truth.execute("LOCK TABLE orders.tickets")
        told = await say("check")
    assert (told.code, told.out) == (1, "")
    assert "A question was not answered; each may take 300 s." in told.err


async def test_a_database_without_our_tables_is_told_in_words(engines):
    url = await empty_database(engines.database_url, "bare")
    for words in (("check",), ("breaks", "list"), ("breaks", "end", "1", "--why", "x")):
        told = await seatwright(*words, environment={"DATABASE_URL": url})
        assert (told.code, told.out) == (1, "")
        assert "The database at DATABASE_URL cannot be used: relation" in told.err
        assert "Traceback" not in told.err
    away = {database_variable("orders"): "postgresql://seatwright_orders@127.0.0.1:1/none"}
    told = await seatwright("check", environment=away)
    assert "The database at DATABASE_URL_ORDERS cannot be used" in told.err


def difference(kind: str, reference: str, detail: str = "the gateway says otherwise") -> Break:
    return Break(kind=kind, event="ev", order="or", reference=reference, detail=detail)


async def test_differences_are_listed_and_ended_by_a_word_that_is_kept(say, comparing, truth):
    await comparing.report([difference("sale_without_money", "ord_1", "line\n2\x1b[2J")])
    await comparing.report([difference("unknown_payment", "ord_2")])
    told = await say("breaks", "list")
    first, second, last = told.out.splitlines()
    number, kind, since, *rest = first.split("\t")
    assert (kind, rest) == ("sale_without_money", ["ev", "or", "ord_1", "line?2?[2J"])
    assert since.endswith("Z")
    assert second.split("\t")[1] == "unknown_payment"
    assert last == "2 open breaks"

    ended = await say("breaks", "end", number, "--why", "  cancelled, the buyer agreed ")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"sale_without_money {number} is ended: cancelled, the buyer agreed\n"
    row = await truth.fetchrow("SELECT * FROM orders.breaks WHERE id = $1", int(number))
    assert row["mended_at"] > row["found_at"]
    assert row["mended_why"] == "cancelled, the buyer agreed"
    assert (await say("breaks", "list")).out.count("sale_without_money") == 0
    everything = (await say("breaks", "list", "--all")).out.splitlines()
    assert everything[0].split("\t")[7].startswith("mended 20")
    assert everything[0].endswith("Z\tcancelled, the buyer agreed")
    assert everything[-1] == "1 open breaks"

    again = await say("breaks", "end", number, "--why", "another word")
    assert again.code == 1
    assert "Mended already" in again.err
    assert "cancelled, the buyer agreed" in again.err


async def test_what_was_ended_by_a_word_is_known_and_does_not_come_back(say, comparing, truth):
    await comparing.report([difference("sale_without_money", "ord_1")])
    (number,) = await truth.fetchrow("SELECT id FROM orders.breaks")
    await say("breaks", "end", number, "--why", "known")
    await comparing.report([difference("sale_without_money", "ord_1")])
    assert (await say("breaks", "list")).out == "0 open breaks\n"
    # Another one of the same kind, and another kind of the same payment, are news.
    await comparing.report([difference("sale_without_money", "ord_2")])
    await comparing.report([difference("unknown_payment", "ord_1")])
    assert (await say("breaks", "list")).out.endswith("2 open breaks\n")


async def test_money_that_a_person_has_paid_back_is_not_given_back_again(say, comparing, truth):
    await truth.execute("INSERT INTO orders.strays VALUES ('simulated', 'ord_1')")
    await truth.execute("INSERT INTO orders.strays VALUES ('simulated', 'ord_2')")
    await comparing.report([difference("money_without_sale", "ord_1")])
    (number,) = await truth.fetchrow("SELECT id FROM orders.breaks")
    await say("breaks", "end", number, "--why", "bank transfer")
    strays = "SELECT array_agg(reference ORDER BY reference) FROM orders.strays"
    assert await truth.fetchval(strays) == ["ord_2"]
    # The gateway's list shows it again, an hour later and after a day.
    moment = timedelta(0)
    window = await comparing.window(
        "simulated", "later", ago=moment, least=moment, lease=timedelta(minutes=1)
    )
    assert window is not None
    found = {"ord_1": moment, "ord_3": moment}
    assert await comparing.compared(
        window, strays=found, breaks=[], mended=([], []), cursor=None, lease=moment
    )
    assert await truth.fetchval(strays) == ["ord_2", "ord_3"]


@pytest.mark.parametrize("number", ["0", "7", "99999999999999999999"])
async def test_what_is_no_break_is_refused(say, number):
    told = await say("breaks", "end", number, "--why", "x")
    assert (told.code, told.out) == (1, "")
    assert f"There is no break {int(number)}." in told.err


@pytest.mark.parametrize(
    ("why", "said"),
    [("", "say how"), (" ", "say how"), ("a\nb", "one line"), ("x" * 501, "at most 500")],
)
async def test_a_word_that_nobody_can_read_is_refused(say, comparing, why, said):
    await comparing.report([difference("sale_without_money", "ord_1")])
    told = await say("breaks", "end", "1", "--why", why)
    assert (told.code, told.out) == (1, "")
    assert f"--why: {said}" in told.err
    assert (await say("breaks", "list")).out.endswith("1 open breaks\n")


async def test_what_is_no_number_is_refused():
    told = await seatwright("breaks", "end", "first", "--why", "x")
    assert (told.code, "first is no number of a break" in told.err) == (2, True)
