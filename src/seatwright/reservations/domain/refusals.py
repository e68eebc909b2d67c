"""Why seats are not held."""

from seatwright.kit import errors


class NotOnSale(errors.Conflict):
    """The sale has not begun; `on_sale_at` says when it does."""

    code = "not_on_sale"
    title = "Not on sale yet"


class SaleEnded(errors.Conflict):
    """The sale is over."""

    code = "sale_ended"
    title = "The sale has ended"


class SalePaused(errors.Conflict):
    """The organiser has paused the sale."""

    code = "sale_paused"
    title = "The sale is paused"


class EventCancelled(errors.Conflict):
    """The event will not take place."""

    code = "event_cancelled"
    title = "The event is cancelled"


class TooManySeats(errors.Conflict):
    """The buyer's live holds have so many seats that these would be over the event's limit."""

    code = "seat_limit"
    title = "Too many seats"


class TooManySeatsFromHere(errors.Conflict):
    """
    Guests at this address hold so many seats of the event that these would be over the limit.

    Many people may share it: whoever logs in has a limit of their own.
    """

    code = "address_seat_limit"
    title = "Too many seats from one address"


class NoSuitableSeats(errors.Conflict):
    """Not so many seats of that kind are free."""

    code = "no_suitable_seats"
    title = "No such seats left"


class HoldMismatch(errors.Invalid):
    """The hold id was used for other seats."""

    code = "hold_mismatch"
    title = "Another request had this hold id"
