"""The only constructor of the catalogue."""

from seatwright.catalog.adapters.bucket import Bucket
from seatwright.catalog.adapters.documents import Feed
from seatwright.catalog.http import charts, events, organisations, public, venues
from seatwright.catalog.http.access import Desk
from seatwright.catalog.http.listing import Listings
from seatwright.catalog.http.presenting import Presenter
from seatwright.catalog.service.answers import Answers
from seatwright.catalog.service.catalogue import Catalogue
from seatwright.catalog.service.finder import Finder
from seatwright.catalog.service.programme import Programme
from seatwright.catalog.service.reconciler import NOT_YET, Reconciler, forget_keys
from seatwright.catalog.service.shelf import Shelf
from seatwright.contracts.directory import Directory
from seatwright.kit.process import Part, Tools
from seatwright.kit.tasks import forever

_ROUTES = (
    *public.ROUTES,
    *organisations.ROUTES,
    *venues.ROUTES,
    *charts.ROUTES,
    *events.ROUTES,
)


async def wire(tools: Tools, directory: Directory) -> Part:
    """The catalogue's part of a process; ready when it has read every document."""
    programme = Programme()
    bucket = Bucket(tools.broker)
    feed = Feed(bucket, programme)
    catalogue = Catalogue(await tools.database("catalog"), tools.files, bucket, programme)
    finder = Finder(programme, tools.keys)
    presenter = Presenter(programme, tools.settings.public_url)
    reconciler = Reconciler(catalogue, feed)
    answers = Answers(programme, feed)

    async def follow() -> None:
        await forever("catalog-documents", feed.step, idle=NOT_YET)

    async def index() -> None:
        await forever("catalog-index", finder.step, idle=NOT_YET)

    async def reconcile() -> None:
        await forever("catalog-reconcile", reconciler.step, idle=NOT_YET)

    async def forget() -> None:
        await forever("catalog-forget-keys", lambda: forget_keys(catalogue), idle=NOT_YET)

    async def caught_up() -> bool:
        return feed.caught_up and finder.caught_up()

    return Part(
        routes=_ROUTES,
        offers=(
            catalogue,
            programme,
            finder,
            answers,
            Shelf(tools.files),
            presenter,
            Listings(finder, presenter),
            Desk(directory.accounts, tools.keys),
        ),
        contract=answers,
        background={
            "catalog-documents": follow,
            "catalog-index": index,
            "catalog-reconcile": reconcile,
            "catalog-forget-keys": forget,
        },
        ready={"catalog": caught_up},
    )
