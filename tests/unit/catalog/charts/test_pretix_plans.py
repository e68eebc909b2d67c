"""Seating plans drawn for pretix."""

import json

import pytest

from seatwright.catalog.domain.charts import publish, read_chart
from seatwright.kit.errors import Invalid


def seat(guid, number, x, y=0, category="Stalls"):
    return {
        "seat_guid": guid,
        "seat_number": number,
        "position": {"x": x, "y": y},
        "category": category,
        "uuid": f"u-{guid}",
    }


def row(number, *seats, x=0, y=0):
    position = {"x": x, "y": y}
    return {
        "row_number": number,
        "row_number_position": "both",
        "position": position,
        "seats": list(seats),
    }


def zone(name, *rows, x=0, y=0, areas=()):
    return {
        "name": name,
        "zone_id": name,
        "position": {"x": x, "y": y},
        "rows": list(rows),
        "areas": list(areas),
    }


def plan(*zones, categories=({"name": "Stalls", "color": "#a1c"},)):
    return json.dumps(
        {
            "name": "Großer Saal",
            "categories": list(categories),
            "zones": list(zones),
            "size": {"width": 600, "height": 400},
        }
    ).encode()


def test_positions_add_up_and_pixels_become_centimetres() -> None:
    file = plan(
        zone(
            "Main", row("1", *(seat(f"a{i}", str(i), 25 * i) for i in range(4)), x=10, y=20), x=100
        ),
        zone("Balcony", row("1", seat("b1", "1", 0), seat("b2", "2", 25)), y=300),
    )
    chart = publish(read_chart(file))
    assert list(chart.x) == [220, 270, 320, 370, 0, 50]
    assert list(chart.y) == [40] * 4 + [600, 600]
    assert [chart.seat_id(i) for i in (0, 4)] == ["Main:1:0", "Balcony:1:1"]
    assert chart.name == "Großer Saal"
    assert chart.categories[0].color == "#AA11CC"


def test_a_row_in_two_parts_is_one_row() -> None:
    file = plan(
        zone(
            "Main",
            row("1", seat("a", "1", 0), seat("b", "2", 25)),
            row("1", seat("c", "3", 200), seat("d", "4", 225)),
        )
    )
    chart = publish(read_chart(file))
    assert [part.name for part in chart.sections[0].rows] == ["1"]
    assert chart.sections[0].rows[0].count == 4


def test_names_become_keys_that_fit() -> None:
    long = "The very long name of an upper gallery"
    file = plan(
        zone(long, row("1", seat("a", "1", 0))),
        zone(long, row("1", seat("b", "1", 50))),
        zone("A/B: left", row("1", seat("c", "1", 100))),
        zone("", row("1", seat("d", "1", 150))),
        zone("Drawings only"),
        categories=({"name": "Stalls", "color": "tomato"},),
    )
    chart = publish(read_chart(file))
    keys = [section.key for section in chart.sections]
    assert keys == ["The very long name of an", "The very long name of 2", "A-B- left", "Zone 4"]
    assert chart.sections[0].name == long
    assert chart.categories[0].color == "#4477AA"


@pytest.mark.parametrize(
    ("area", "kind", "points"),
    [
        (
            {
                "shape": "rectangle",
                "rectangle": {"width": 100, "height": 40},
                "text": {"text": "STAGE"},
            },
            "stage",
            4,
        ),
        ({"width": 100, "height": 40, "text": "Theke"}, "bar", 4),
        ({"shape": "circle", "circle": {"radius": 30}, "text": {"text": ""}}, "wall", 32),
        (
            {"shape": "ellipse", "ellipse": {"radius": {"x": 30, "y": 9}}, "rotation": 45},
            "wall",
            32,
        ),
        (
            {
                "shape": "polygon",
                "polygon": {"points": [{"x": 0, "y": 0}, {"x": 9, "y": 0}, {"x": 9, "y": 9}]},
            },
            "wall",
            3,
        ),
        ({"shape": "text", "text": {"text": "This  way"}}, "text", 1),
    ],
)
def test_areas_are_drawn(area, kind: str, points: int) -> None:
    area = {"position": {"x": 10, "y": -200}, "color": "#fff", "border_color": "#000"} | area
    file = plan(zone("Main", row("1", seat("a", "1", 0), seat("b", "2", 25)), areas=[area]))
    thing = publish(read_chart(file)).objects[0]
    assert thing.kind == kind
    assert len(thing.outline) == points


def test_an_area_of_nothing_is_left_out() -> None:
    nothing = {"shape": "circle", "circle": {"radius": 0}, "position": {"x": 0, "y": 0}}
    file = plan(
        zone("Main", row("1", seat("a", "1", 0)), areas=[nothing, nothing | {"circle": None}])
    )
    assert publish(read_chart(file)).objects == ()


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (plan(zone("M", row("1", seat("a", "1", 0), seat("a", "2", 25)))), "duplicate_seat_guid"),
        (plan(zone("M", row("1", seat("a", "1", 0), seat("b", "1", 25)))), "duplicate_seat"),
        (plan(zone("M", row("1", seat("a", "1", 0), seat("b", "2", 0)))), "overlapping_seats"),
        (plan(zone("M", row("1", seat("a", "1", 0, category="Pit")))), "unknown_category"),
        (plan(zone("M", row("", seat("a", "1", 0)))), "missing_label"),
        (plan(zone("M", row("1", seat("a", "", 0)))), "missing_label"),
        (
            plan(zone("M", row("1", seat("a", "1", 0)))).replace(b'"x": 0', b'"x": 1e300'),
            "coordinate_out_of_range",
        ),
        (plan(), "no_seats"),
        (plan(zone("M", {"row_number": "1"})), "malformed"),
        (
            plan(zone("M", row("1", seat("a", "1", 0)))).replace(
                b'"seat_number": "1"', b'"seat_number": 1'
            ),
            "malformed",
        ),
        (
            plan(
                *[
                    zone(f"Z{i}", row("1", *(seat(f"{i}.{k}", str(k), k) for k in range(1001))))
                    for i in range(100)
                ]
            ),
            "too_many_seats",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_plan_is_refused(file: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_chart(file)
    assert code in {problem.code for problem in refusal.value.problems}
