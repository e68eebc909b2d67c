"""What is wrong with a value, in words for the person who typed it."""

import re

_ONE_OF = {"str": "characters", "bytes": "bytes", "array": "entries", "object": "entries"}
_SINGLE = {"characters": "character", "bytes": "byte", "entries": "entry"}
_KINDS = {
    "str": "a text", "int": "a whole number", "float": "a number", "decimal": "a number",
    "bool": "true or false", "array": "a list", "object": "an object", "null": "null",
    "datetime": "a time", "date": "a date", "bytes": "a text", "uuid": "an id",
}  # fmt: skip
_LENGTH = re.compile(r"^Expected `([^`]*)` of length (<=|>=|==) (\d+)$")
_BOUND = re.compile(r"^Expected `(?:int|float|decimal)[^`]*` (<=|>=|<|>) (-?[\d.e+]+)$")
_KIND = re.compile(r"^Expected `([^`]*)`, got `([^`]*)`$")
_MULTIPLE = re.compile(r"^Expected `[^`]*` that's a multiple of (.+)$")
_BOUNDS = {
    "<=": "At most", ">=": "At least", "<": "Less than", ">": "More than", "==": "Exactly",
}  # fmt: skip
_SAID = (
    (re.compile(r"^Expected `[^`]*` matching regex "), "This does not have the form it must have."),
    (re.compile(r"^Invalid enum value "), "This is not one of the values that are possible here."),
    (re.compile(r"^Invalid value "), "This is not one of the values that are possible here."),
    (re.compile(r"RFC3339|datetime"), "A time like 2026-05-01T19:30:00Z is expected."),
    (re.compile(r"[Oo]ut of range"), "This number is out of range."),
)


def humane(message: str) -> str:
    """What msgspec says about a value, as one sentence without its types and signs."""
    if length := _LENGTH.match(message):
        return _length(length[1].partition(" ")[0], length[2], int(length[3]))
    if bound := _BOUND.match(message):
        return f"{_BOUNDS[bound[1]]} {bound[2]}."
    if kind := _KIND.match(message):
        wanted = [_KINDS.get(each.strip(), "another value") for each in kind[1].split("|")]
        got = _KINDS.get(kind[2], "this")
        return f"{' or '.join(dict.fromkeys(wanted)).capitalize()} is expected, not {got}."
    if multiple := _MULTIPLE.match(message):
        return f"A multiple of {multiple[1]}."
    return next((said for form, said in _SAID if form.search(message)), "This is not valid here.")


def _length(kind: str, sign: str, number: int) -> str:
    unit = _ONE_OF.get(kind, "characters")
    if sign == ">=" and number == 1:
        return "This must not be empty."
    if number == 1:
        unit = _SINGLE[unit]
    return f"{_BOUNDS[sign]} {number} {unit}."
