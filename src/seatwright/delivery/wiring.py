"""The one place where delivery is put together."""

from functools import partial

from seatwright.contracts.directory import Directory
from seatwright.delivery import http
from seatwright.delivery.adapters import texting
from seatwright.delivery.adapters.courier import Courier
from seatwright.delivery.adapters.post_office import PostOffice
from seatwright.delivery.adapters.typesetting import Presses
from seatwright.delivery.service import webhooks
from seatwright.delivery.service.deliver_order import OrderDelivery
from seatwright.delivery.service.dispatch import Dispatch
from seatwright.delivery.service.endpoints import Endpoints
from seatwright.delivery.service.fetch_paper import PaperCounter
from seatwright.delivery.service.given_up import LetterBox
from seatwright.delivery.service.notices import (
    IDLE,
    LOOK_EVERY,
    Lookout,
    NoticeDelivery,
    RoundMaker,
)
from seatwright.delivery.service.papers import Papers
from seatwright.delivery.service.send_letter import LetterDelivery
from seatwright.delivery.service.senders import Sender
from seatwright.delivery.service.text_order import TextDelivery
from seatwright.delivery.service.wallets import Wallets
from seatwright.delivery.service.webhooks import Recorder
from seatwright.delivery.tasks import Consumers
from seatwright.kit import tasks
from seatwright.kit.postgres import Database
from seatwright.kit.process import Loop, Part, Tools

# Papers wait for a press for at most this many others; each is a few milliseconds.
_WAITING_A_PRESS = 16


async def wire(tools: Tools, directory: Directory) -> Part:
    """Delivery for this process: papers over HTTP, and the consumers where it is a worker."""
    settings = tools.settings
    database = await tools.database("delivery")
    presses = Presses()
    office = PostOffice(settings.smtp_url)
    sender = Sender(mail_from=settings.mail_from, public=settings.public_url)
    papers = Papers(tools.keys, presses, public=settings.public_url)
    dispatch = Dispatch(database, office)
    way_out = texting.texts(settings.third.sms_url)
    orders, catalog = directory.orders, directory.catalog
    consumers = Consumers(
        tools.broker,
        OrderDelivery(
            orders=orders,
            catalog=catalog,
            papers=papers,
            presses=presses,
            dispatch=dispatch,
            sender=sender,
        ),
        LetterDelivery(dispatch=dispatch, sender=sender),
        NoticeDelivery(
            orders=orders,
            catalog=catalog,
            presses=presses,
            dispatch=dispatch,
            sender=sender,
            texts=TextDelivery(dispatch=dispatch, texts=way_out),
        ),
        Recorder(database=database, catalog=catalog),
    )
    lookout = Lookout(database=database, catalog=catalog)
    rounds = RoundMaker(database=database, orders=orders, broker=tools.broker)
    courier = Courier(private=settings.third.private_webhooks)
    hooks = _hooks(tools, database, courier)
    return Part(
        routes=http.ROUTES,
        offers=(
            _counter(tools, directory, papers, presses),
            _endpoints(tools, database, directory),
            LetterBox(broker=tools.broker, catalog=catalog),
        ),
        workers=_workers(consumers, lookout, rounds, hooks),
        closing=(office.close, way_out.close, presses.close, courier.close),
    )


def _hooks(tools: Tools, database: Database, courier: Courier) -> webhooks.Sender:
    return webhooks.Sender(
        database=database,
        broker=tools.broker,
        keys=tools.keys,
        courier=courier,
        public=tools.settings.public_url,
    )


def _counter(tools: Tools, directory: Directory, papers: Papers, presses: Presses) -> PaperCounter:
    settings = tools.settings
    return PaperCounter(
        tools.keys,
        directory.orders,
        directory.catalog,
        papers,
        wallets=Wallets(tools.keys, presses, settings.third, public=settings.public_url),
        at_once_max=presses.count * _WAITING_A_PRESS,
    )


def _endpoints(tools: Tools, database: Database, directory: Directory) -> Endpoints:
    private = tools.settings.third.private_webhooks
    return Endpoints(
        database=database, accounts=directory.accounts, keys=tools.keys, private=private
    )


def _workers(
    consumers: Consumers, lookout: Lookout, rounds: RoundMaker, hooks: webhooks.Sender
) -> dict[str, Loop]:
    return {
        "delivery-orders": consumers.orders,
        "delivery-letters": consumers.letters,
        "delivery-notices": consumers.notices,
        "delivery-happenings": consumers.happenings,
        "delivery-webhooks": partial(
            tasks.forever, "delivery-webhooks", hooks.step, idle=webhooks.IDLE
        ),
        "delivery-forget-webhooks": partial(
            tasks.forever, "delivery-forget-webhooks", hooks.forget, idle=webhooks.FORGET_EVERY
        ),
        "delivery-lookout": partial(
            tasks.forever, "delivery-lookout", lookout.look, idle=LOOK_EVERY
        ),
        "delivery-rounds": partial(tasks.forever, "delivery-rounds", rounds.step, idle=IDLE),
    }
