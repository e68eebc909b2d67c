"""The orders service of a process."""

from datetime import timedelta

from seatwright.contracts import messages
from seatwright.contracts.charts.shelf import ChartShelf
from seatwright.contracts.directory import Directory
from seatwright.kit import tasks
from seatwright.kit.outbox import Relay
from seatwright.kit.process import Loop, Part, Tools
from seatwright.orders.blocking import http as blocking_http
from seatwright.orders.blocking.service import BlockSeats
from seatwright.orders.capturing.store import CapturingStore
from seatwright.orders.capturing.tasks import CAPTURE_WORK_TIME, CaptureWorker, Recapture
from seatwright.orders.checking.service import Checks
from seatwright.orders.comparing.store import ComparingStore
from seatwright.orders.comparing.tasks import Comparer, Strays
from seatwright.orders.importing.service import ImportSale
from seatwright.orders.paying import http as paying_http
from seatwright.orders.paying.requests import PaymentRequests
from seatwright.orders.paying.service import PayOrder
from seatwright.orders.paying.store import PayingStore
from seatwright.orders.paying.tasks import (
    Expiry,
    ReleaseWorker,
    Resolver,
    Watch,
)
from seatwright.orders.paying.webhooks import Webhooks
from seatwright.orders.placing import http as placing_http
from seatwright.orders.placing.service import PlaceOrder
from seatwright.orders.placing.store import PlacingStore
from seatwright.orders.reading import http as reading_http
from seatwright.orders.reading.service import ReadOrders
from seatwright.orders.reading.store import ReadingStore
from seatwright.orders.reading.views import Wallets

CAPTURES_AT_ONCE = 100
_SOON = timedelta(milliseconds=500)
_NOT_SO_SOON = timedelta(seconds=2)
_QUARTER_MINUTE = timedelta(seconds=15)
_EVERY_MINUTE = timedelta(minutes=1)
_HOURLY = timedelta(hours=1)


async def wire(tools: Tools, directory: Directory) -> Part:
    """Build the service over this process's engines."""
    database = await tools.database("orders")
    reading, paying = ReadingStore(database), PayingStore(database)
    placing = PlacingStore(database)
    charts = ChartShelf(tools.files)
    reader = _reader(tools, directory, reading)
    pay = PayOrder(
        store=paying,
        payments=directory.payments,
        reservations=directory.reservations,
        public_url=tools.settings.public_url,
    )
    place = PlaceOrder(
        keys=tools.keys,
        store=placing,
        finder=reading,
        payer=pay,
        catalog=directory.catalog,
        reservations=directory.reservations,
        charts=charts,
    )
    requests = PaymentRequests(store=paying, reader=reading, pay=pay, catalog=directory.catalog)
    importing = ImportSale(database=database, charts=charts)
    block = BlockSeats(database=database, reservations=directory.reservations, charts=charts)
    return Part(
        routes=(
            *placing_http.ROUTES,
            *paying_http.ROUTES,
            *reading_http.ROUTES,
            *blocking_http.ROUTES,
        ),
        offers=(
            directory,
            tools.keys,
            reader,
            place,
            Webhooks(paying),
            requests,
            block,
            importing,
            Checks(database),
            placing_http.OrderDoorkeeper("order", per_minute=tools.settings.orders_per_minute),
        ),
        contract=reader,
        workers=_workers(tools, directory, paying, reading, pay, placing),
        closing=(database.close,),
    )


def _reader(tools: Tools, directory: Directory, reading: ReadingStore) -> ReadOrders:
    third = tools.settings.third
    wallets = Wallets(apple=third.apple, google=third.google)
    return ReadOrders(keys=tools.keys, store=reading, catalog=directory.catalog, wallets=wallets)


def _workers(
    tools: Tools,
    directory: Directory,
    paying: PayingStore,
    reading: ReadingStore,
    pay: PayOrder,
    placing: PlacingStore,
) -> dict[str, Loop]:
    shop = tools.settings.public_url
    relay = Relay(paying.database, tools.broker, "orders")
    capture = CaptureWorker(
        store=CapturingStore(paying.database),
        reader=reading,
        payments=directory.payments,
        reservations=directory.reservations,
        public_url=shop,
    )
    release = ReleaseWorker(directory.reservations)
    resolver = Resolver(
        store=paying,
        reader=reading,
        pay=pay,
        payments=directory.payments,
        catalog=directory.catalog,
    )
    expiry = Expiry(paying)

    async def forget() -> None:
        await placing.forget_old_keys()

    return {
        "orders-relay": lambda: tasks.forever("orders-relay", relay.step, idle=_SOON),
        "orders-capture": lambda: tools.broker.consume(
            "capture",
            messages.SUBJECT_CAPTURE,
            capture.handle,
            messages_at_once=CAPTURES_AT_ONCE,
            work_time=CAPTURE_WORK_TIME,
        ),
        "orders-release": lambda: tools.broker.consume(
            "release", messages.SUBJECT_RELEASE, release.handle
        ),
        "orders-resolver": lambda: tasks.forever("orders-resolver", resolver.step, idle=_SOON),
        **_reconciling(directory, paying, shop),
        "orders-expiry": lambda: tasks.forever("orders-expiry", expiry.step, idle=_SOON),
        "orders-keys": lambda: tasks.forever("orders-keys", forget, idle=_HOURLY),
    }


def _reconciling(directory: Directory, paying: PayingStore, shop: str) -> dict[str, Loop]:
    recapture, watch = Recapture(CapturingStore(paying.database)), Watch(paying)
    comparing = ComparingStore(paying.database)
    comparer = Comparer(store=comparing, payments=directory.payments, shop=shop)
    strays = Strays(store=comparing, payments=directory.payments, shop=shop)
    return {
        "orders-recapture": lambda: tasks.forever(
            "orders-recapture", recapture.step, idle=_EVERY_MINUTE
        ),
        "orders-watch": lambda: tasks.forever("orders-watch", watch.step, idle=_QUARTER_MINUTE),
        "orders-comparer": lambda: tasks.forever(
            "orders-comparer", comparer.step, idle=_EVERY_MINUTE
        ),
        "orders-strays": lambda: tasks.forever("orders-strays", strays.step, idle=_NOT_SO_SOON),
    }
