"""
What tickets cost in the demonstration's countries.

Tax rates are those for cultural events or the general ones, as of 2026, simplified; European
and most other prices contain the tax, American and Canadian ones do not.
"""

from seatwright.catalog.domain.demo.events import DemoTax, Tariff

GERMANY = Tariff("EUR", 100, 50, 800, 200, DemoTax("MwSt.", 700, inclusive=True))
AUSTRIA = Tariff("EUR", 100, 50, 700, 150, DemoTax("USt.", 1_300, inclusive=True))
FRANCE = Tariff("EUR", 95, 50, 600, 150, DemoTax("TVA", 550, inclusive=True))
NETHERLANDS = Tariff("EUR", 90, 50, 900, 100, DemoTax("BTW", 900, inclusive=True))
IRELAND = Tariff("EUR", 100, 50, 900, 150, DemoTax("VAT", 900, inclusive=True))
BRITAIN = Tariff("GBP", 88, 50, 1_000, 175, DemoTax("VAT", 2_000, inclusive=True))
ICELAND = Tariff("ISK", 150, 100, 500, 250, DemoTax("VSK", 1_100, inclusive=True))
CHICAGO = Tariff("USD", 115, 100, 1_200, 350, DemoTax("Amusement tax", 900, inclusive=False))
NEW_YORK = Tariff("USD", 150, 100, 1_200, 395, DemoTax("Sales tax", 888, inclusive=False))
TENNESSEE = Tariff("USD", 100, 100, 1_000, 250, DemoTax("Sales tax", 975, inclusive=False))
BRAZIL = Tariff("BRL", 330, 500, 1_000, 500, DemoTax("ISS", 500, inclusive=True))
MEXICO = Tariff("MXN", 1_300, 1_000, 900, 2_500, DemoTax("IVA", 1_600, inclusive=True))
JAPAN = Tariff("JPY", 130, 500, 500, 330, DemoTax("消費税", 1_000, inclusive=True))
KOREA = Tariff("KRW", 1_400, 1_000, 400, 1_000, DemoTax("VAT", 1_000, inclusive=True))
INDIA = Tariff("INR", 5_200, 5_000, 600, 4_900, DemoTax("GST", 1_800, inclusive=True))
AUSTRALIA = Tariff("AUD", 150, 100, 700, 495, DemoTax("GST", 1_000, inclusive=True))
SOUTH_AFRICA = Tariff("ZAR", 900, 500, 500, 1_000, DemoTax("VAT", 1_500, inclusive=True))
KENYA = Tariff("USD", 60, 50, 500, 50, DemoTax("VAT", 1_600, inclusive=True))
