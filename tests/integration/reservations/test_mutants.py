"""Each protection in the functions, taken out, turns a test red: the tests can fail."""

import asyncio

import pytest
from glide import RequestError

from seatwright.kit.valkey import Library
from seatwright.reservations.adapters import holds
from tests.contract.reservations import test_hold_store as cases, test_marking as marking
from tests.integration.reservations.shop import Shop

MUTANTS = {
    "no epoch is taken for free": (
        "if not meta[1] then return {'rebuild'} end\n  if meta[2] ~= chart",
        "if false then return {'rebuild'} end\n  if meta[2] and meta[2] ~= chart",
        cases.test_an_event_that_is_not_known_is_never_free,
    ),
    "others' seats are overwritten": (
        "blocked[#blocked + 1] = held[i]",
        "blocked[#blocked + 1] = nil",
        cases.test_all_seats_or_none,
    ),
    "sold seats are held": (
        "elseif state[i] ~= FREE then",
        "elseif false then",
        cases.test_sold_seats_leave_their_hold,
    ),
    "the same id is not looked up": (
        "if fresh ~= '1' then",
        "if false then",
        cases.test_the_same_id_answers_what_is_stored,
    ),
    "another chart is not noticed": (
        "if meta[2] ~= chart then",
        "if false then",
        cases.test_another_chart_and_unknown_seats,
    ),
    "the limit is forgotten": (
        "if count + #seats > tonumber(seats_max)",
        "if false",
        cases.test_a_group_is_limited_over_its_running_holds,
    ),
    "a forgotten hold goes on counting": (
        "if kept and next(lapsed) then kept =",
        "if false then kept =",
        cases.test_a_forgotten_hold_does_not_count_for_who_had_its_id_before,
    ),
    "expired holds stand": (
        "if expires and tonumber(expires) > now then\n        blocked",
        "if expires then\n        blocked",
        cases.test_the_next_takes_what_has_run_out,
    ),
    "extended again and again": (
        "if extended == '0' then",
        "if true then",
        cases.test_extending_once_within_the_cap,
    ),
    "beyond the cap": (
        "math.min(expires + tonumber(args[3]), cap)",
        "expires + tonumber(args[3])",
        cases.test_extending_once_within_the_cap,
    ),
    "keep shortens": (
        "'GT', args[2]",
        "'XX', args[2]",
        cases.test_keeping_revives_what_ran_out_untouched,
    ),
    "anybody releases": (
        "if holder ~= args[2] then return {'foreign', now} end\n  local freed",
        "local freed",
        cases.test_only_the_owner_releases_and_only_what_is_still_his,
    ),
    "freed takes others' seats": (
        "return not (expires and tonumber(expires) > now)",
        "return true",
        marking.test_freed_leaves_alone_what_a_running_hold_has,
    ),
    "late news frees sold seats": (
        "return truth or (found ~= SOLD and ended == '')",
        "return true",
        marking.test_freed_as_news_spares_what_is_sold_or_blocked_since,
    ),
    "what changed meanwhile is overwritten": (
        "if truth then seats = unchanged(",
        "if false then seats = unchanged(",
        marking.test_the_truth_of_a_version_spares_what_changed_after_it,
    ),
    "what changed beyond memory is overwritten": (
        "if #entries < version - since then return {} end",
        "",
        marking.test_the_truth_of_a_forgotten_version_changes_nothing,
    ),
    "a claim takes what somebody holds": (
        "if found[i] ~= HELD then mine",
        "if true then mine",
        marking.test_a_claim_spares_what_anybody_holds,
    ),
    "a claim undoes what came after it": (
        "seats = unchanged(keys, seats, tonumber(args[5]), version)",
        "",
        marking.test_a_claim_of_a_version_spares_what_changed_after_it,
    ),
    "a claim makes a running hold forget": (
        "local stored = server.call('HGET', keys[3], id) or",
        "local stored =",
        marking.test_a_claim_leaves_its_running_hold_what_it_has,
    ),
    "a claim's seats do not count": (
        "if group == '' then return end\n  local kept = listed(keys, group, id, now)\n  kept[",
        "if true then return end\n  local kept = listed(keys, group, id, now)\n  kept[",
        marking.test_a_claim_leaves_its_running_hold_what_it_has,
    ),
    "an erased hold frees sold seats": (
        "if owners[i] == hold then mine",
        "if true then mine",
        cases.test_only_the_owner_releases_and_only_what_is_still_his,
    ),
    "an old document renumbers": (
        "tonumber(meta[4]) >= tonumber(args[5])",
        "false",
        cases.test_only_a_newer_document_brings_another_chart,
    ),
    "a sold hold counts for ever": (
        "if not left then forget",
        "if false then forget",
        cases.test_sold_seats_leave_their_hold,
    ),
}


@pytest.fixture(params=MUTANTS)
def mutant(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> object:
    old, new, case = MUTANTS[request.param]
    library = Library("seatwright.reservations.adapters", "holds.lua", "mutant", "marks.lua")
    assert library.code.count(old) == 1, "the mutant has lost its place"
    library.code = library.code.replace(old, new)
    monkeypatch.setattr(holds, "HOLDS", library)
    return case


async def test_the_cases_see_every_mutant(shop: Shop, mutant: object) -> None:
    await shop.valkey.load(holds.HOLDS)
    desk = cases.Desk(shop.store, shop.town.event)
    # Red is red: a wrong answer, or an error of the function that lost its guard.
    with pytest.raises((AssertionError, pytest.fail.Exception, RequestError)):
        async with asyncio.timeout(8):
            if mutant is cases.test_an_event_that_is_not_known_is_never_free:
                await cases.test_an_event_that_is_not_known_is_never_free(
                    shop.store, shop.town.event
                )
            else:
                await shop.store.fill(event=shop.town.event, filling=cases.filling(), force=False)
                await mutant(desk)  # type: ignore[operator]
