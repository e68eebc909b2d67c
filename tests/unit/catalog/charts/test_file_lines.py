"""Lines of chart files, for people who look for what is wrong in them."""

import json

import pytest
from hypothesis import given, strategies as st

from seatwright.catalog.domain.charts import read_chart
from seatwright.catalog.domain.charts.file_lines import lines_of
from seatwright.kit.errors import Invalid

TEXT = """{
 "a/b": "x\\"{[,", "n": [1, -2.5e3, null,
  {"k": [], "o": {}},
  [true,
   false]
 ],
 "": {
  "last": 0}
}"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", 1), ("/n", 2), ("/n/2", 2), ("/n/3/o", 3), ("/n/4/1", 5), ("//last", 8),
        # What is not there is looked for in what should have it.
        ("/n/9", 2), ("/n/3/z", 3), ("/n/.../z", 2), ("/n/0/deeper", 2), ("/none", 1),
    ],
)  # fmt: skip
def test_a_pointer_leads_to_its_line(pointer: str, line: int) -> None:
    assert lines_of(TEXT, [pointer]) == {pointer: line}


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3).filter(lambda key: "/" not in key), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(VALUES, st.booleans())
def test_every_value_is_found_where_it_is(value: object, ascii_only: bool) -> None:
    text = json.dumps({"x": [value, "the one"]}, indent=1, ensure_ascii=ascii_only)
    line = lines_of(text, ["/x/1"])["/x/1"]
    assert text.split("\n")[line - 1].strip() == '"the one"'


def test_a_spreadsheet_is_refused_by_lines_only() -> None:
    header = b"section,row,seat,category\n"
    lines = [
        b"A,1,1,Gold",
        b"B:C,1,1,Gold",
        b"A,%s,1,Gold" % (b"r" * 30),
        b"A,2,1,%s" % (b"g" * 30),
    ]
    with pytest.raises(Invalid) as refused:
        read_chart(header + b"\n".join(lines))
    assert {one.pointer for one in refused.value.problems} == {"line 3", "line 4", "line 5"}


def test_a_name_has_no_line_in_a_spreadsheet() -> None:
    with pytest.raises(Invalid) as refused:
        read_chart(b"section,row,seat,category\nA,1,1,Gold", "\a")
    assert [one.pointer for one in refused.value.problems] == ["/name"]
