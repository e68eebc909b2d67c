"""One small hall in each of the formats that charts come in."""

import json

from seatwright.catalog.domain.charts import encode, publish, read_chart

OURS = b"""{
 "name": "Small Hall",
 "categories": [{"key": "gold", "name": "Gold", "color": "#CCBB44"}],
 "sections": [
  {"key": "A", "category": "gold", "rows": [
   {"name": "1", "count": 4},
   {"name": "2", "count": 4}
  ]}
 ],
 "areas": []
}
"""
CSV = b"""\
section,row,seat,x,y,category,attributes
A,1,1,0,0,Gold,
A,1,2,50,0,Gold,wheelchair
A,1,3,100,0,Silver,companion
"""
PRETIX = json.dumps(
    {
        "name": "Hall by pretix",
        "categories": [{"name": "Stalls", "color": "#aa11cc"}],
        "zones": [
            {
                "name": "Main",
                "zone_id": "Main",
                "position": {"x": 0, "y": 0},
                "rows": [
                    {
                        "row_number": "1",
                        "row_number_position": "both",
                        "position": {"x": 0, "y": 0},
                        "seats": [
                            {
                                "seat_guid": f"main-{n}",
                                "seat_number": str(n),
                                "position": {"x": 25 * n, "y": 0},
                                "category": "Stalls",
                            }
                            for n in (1, 2)
                        ],
                    }
                ],
                "areas": [],
            }
        ],
        "size": {"width": 600, "height": 400},
    }
).encode()
DOWNLOADED = encode(publish(read_chart(OURS)))
# file name → its content and how many places it has
ALL = {
    "hall.json": (OURS, 8),
    "hall.csv": (CSV, 3),
    "pretix.json": (PRETIX, 2),
    "downloaded.json": (DOWNLOADED, 8),
}
