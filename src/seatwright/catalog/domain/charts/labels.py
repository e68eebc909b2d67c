"""What can be wrong with a label that is well formed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from seatwright.contracts.charts import label_problem
from seatwright.kit.errors import Problem

_MONTH = (
    "jan(?:v|uary)?|feb(?:ruary)?|févr?|mar(?:ch)?|mär|mrz|mars|apr(?:il)?|avr|may|mai|june?|juin|"
    "july?|juil|aug(?:ust)?|août|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?|déc"
)
# What spreadsheets make of seats such as 1/2, 2-1 or 3.4 when a file passes through them.
_DATE = re.compile(
    rf"\d{{1,4}}[-. ]{{1,2}}(?:{_MONTH})\.?(?:[-. ]\d{{2,4}})?"
    rf"|(?:{_MONTH})\.?[-. ]\d{{1,4}}"
    r"|\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?|\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+[.,]0+|\d(?:[.,]\d+)?[eE][+-]?\d+")

# Letters of other alphabets that look like Latin ones, as capitals and small letters.
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХЗаеорсухіјѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανρ",  # noqa: RUF001
    "ABESIJKMHOPCTYX3aeopcyxijsdqwABEZHIKMNOPTYXoavp",
)


def mangled(label: str) -> str | None:
    """The code of what a spreadsheet seems to have done to the label, if anything."""
    if label.isdigit() or len(label) < 3:  # noqa: PLR2004  # nearly all; too short to be a date
        return None
    if _DATE.fullmatch(label):
        return "label_date_mangled"
    return "label_number_mangled" if _NUMBER.fullmatch(label) else None


def skeleton(label: str) -> str:
    """What a person sees: equal for labels that look the same in other alphabets or widths."""
    if label.isascii():
        return label
    return unicodedata.normalize("NFKC", label).translate(_LOOKALIKES)


def label_problems(what: str, labels: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """
    Problems of the labels of one scope, given as (pointer, label): each alone and as a set.

    `what` is the word for them (`seat`, `row`, …), also in the code `duplicate_<what>`.
    """
    seen: dict[str, tuple[str, str]] = {}
    for pointer, label in labels:
        if found := _single(label):
            code, detail = found
            yield Problem(pointer, code, f"The {what} {label[:40]!r} {detail}.")
        shape = skeleton(label)
        if shape not in seen:
            seen[shape] = (pointer, label)
            continue
        at, other = seen[shape]
        if label == other:
            detail = f"The {what} {label[:40]!r} is also at {at}."
            yield Problem(pointer, f"duplicate_{what.replace(' ', '_')}", detail)
        else:
            detail = f"The {what} {label[:40]!a} looks like {other[:40]!a} at {at}."
            yield Problem(pointer, "label_lookalike", detail)


@lru_cache(maxsize=4096)  # a chart repeats the same hundred seat labels in every row
def _single(label: str) -> tuple[str, str] | None:
    if not label:
        return "missing_label", "is empty"
    if why := label_problem(label):
        return "bad_label", why
    if code := mangled(label):
        return code, "was probably changed by a spreadsheet; format the column as text"
    return None
