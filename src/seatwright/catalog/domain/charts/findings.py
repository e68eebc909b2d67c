"""What is wrong with a file, told in one go: in the order of the file, bounded, each thing once."""

import heapq
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from seatwright.catalog.domain.charts.draft import ChartDraft
from seatwright.catalog.domain.charts.validation import PROBLEMS_MAX, every_problem_of
from seatwright.kit.errors import Problem

# The other place that a problem speaks of: a pointer at the end of the words.
OTHER_PLACE = re.compile(r"(?<= at )/\S+(?=\.$)")


@dataclass(slots=True)
class Findings:
    """The first hundred problems that a reader meets, and how many more it met."""

    kept: list[Problem] = field(default_factory=list)
    more: int = 0

    def add(self, problem: Problem) -> None:
        """Keep a problem, or only count it."""
        if len(self.kept) < PROBLEMS_MAX:
            self.kept.append(problem)
        else:
            self.more += 1

    def __bool__(self) -> bool:
        return bool(self.kept)


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What a reader made of a file.

    The draft holds what could be read, without what could not; None where it says nothing.
    `unknowable` are codes that would be guesses about what could not be read. `where` leads from
    a pointer into the draft to the place in the file.
    """

    draft: ChartDraft | None
    findings: Findings = field(default_factory=Findings)
    unknowable: frozenset[str] = frozenset()
    where: Callable[[str], str] = str

    def problems(self) -> Iterator[Problem]:
        """All that is known to be wrong, in places of the file; `findings.more` are not here."""
        yield from self.findings.kept
        if self.draft is None:
            return
        said = {(problem.pointer, problem.code) for problem in self.findings.kept}
        last: dict[str, Problem] = {}
        for problem in every_problem_of(self.draft):
            if problem.code in self.unknowable or (said and _is_said(problem, said)):
                continue
            told = self._told(problem)
            if last.get(told.code) != told:  # a counted row has the same problem with every seat
                last[told.code] = told
                yield told

    def _told(self, problem: Problem) -> Problem:
        detail = OTHER_PLACE.sub(lambda found: self.where(found[0]), problem.detail)
        return Problem(self.where(problem.pointer), problem.code, detail)


def _is_said(problem: Problem, said: set[tuple[str, str]]) -> bool:
    # By the reader already: there, or of what it is a part of.
    if problem.code == "empty_row" and (f"{problem.pointer}/count", "bad_count") in said:
        return True
    pointer = problem.pointer
    while pointer and (pointer, problem.code) not in said:
        pointer = pointer.rpartition("/")[0]
    return bool(pointer)


def first_of(
    problems: Iterable[Problem], order: Callable[[Problem], Any], *, more: int = 0
) -> tuple[Problem, ...]:
    """
    The first 100 problems by `order`; when there are others, the last says how many.

    `more` are others that were counted before.
    """
    counted = _Counted(problems)
    first = heapq.nsmallest(PROBLEMS_MAX, counted, key=order)
    if counted.count + more <= PROBLEMS_MAX:
        return tuple(first)
    shown = first[: PROBLEMS_MAX - 1]
    rest = counted.count + more - len(shown)
    detail = f"There are {rest} more problems, not shown."
    return (*shown, Problem(shown[-1].pointer, "more_problems", detail))


class _Counted:
    def __init__(self, problems: Iterable[Problem]) -> None:
        self._problems = problems
        self.count = 0

    def __iter__(self) -> Iterator[Problem]:
        for problem in self._problems:
            self.count += 1
            yield problem
