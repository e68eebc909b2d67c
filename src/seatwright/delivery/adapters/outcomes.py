"""Whether something left the house is a fact with three values; two of them are raised."""


class NotSent(Exception):  # noqa: N818  # an outcome, not a fault
    """Certainly not delivered; nothing speaks against another attempt."""


class SendingInDoubt(Exception):  # noqa: N818  # an outcome, not a fault
    """The server had all of it and did not answer: it may be on its way."""
