"""Purchases in universes that their seeds decide: faults everywhere, and every invariant holds."""

import os
from collections import Counter

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.universe import Stage, run

# `bin/test long` asks for more.
SEEDS = int(os.environ.get("SIMULATION_SEEDS", "60"))
FIRST = int(os.environ.get("SIMULATION_FIRST_SEED", "1"))
# So many in a test: two processes share the tests.
TOGETHER = 15


@pytest.mark.timeout(120 + TOGETHER * 8)
@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, TOGETHER))
async def test_every_invariant_holds_in_every_universe(stage: Stage, first: int):
    facts: Counter[str] = Counter()
    seeds = range(first, min(first + TOGETHER, FIRST + SEEDS))
    for seed in seeds:
        told = await run(stage, seed)
        assert told.fault is None, told.report()
        facts.update(told.facts)
    print(len(seeds), "seeds:", dict(facts))
    if len(seeds) < TOGETHER:
        return
    # A run that was too easy shows nothing.
    for what in ("paid", "refused", "deaths", "looks"):
        assert facts[what] >= len(seeds) / 2, facts


async def test_a_seed_is_one_history(stage: Stage):
    first, second = await run(stage, 7), await run(stage, 7)
    assert first.history == second.history
    assert len(first.history) > 500
    assert (await run(stage, 8)).history != first.history


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
async def test_a_protection_that_is_missing_is_found(stage: Stage, mutant):
    for seed in range(1, MUTANTS[mutant] + 1):
        told = await run(stage, seed, mutant)
        if told.fault is not None:
            print(mutant.__name__, "found by seed", seed, repr(told.fault)[:120])
            return
    pytest.fail(f"{mutant.__name__} was not found in {MUTANTS[mutant]} seeds")
