"""The payments service of a process."""

from seatwright.contracts.directory import Directory
from seatwright.kit.process import Part, Tools
from seatwright.payments.adapters.free import FreeOfCharge
from seatwright.payments.adapters.simulated import NAME, SimulatedGateway
from seatwright.payments.service import PaymentService


async def wire(tools: Tools, _directory: Directory) -> Part:
    """Connect to the configured gateways."""
    settings = tools.settings
    simulated = SimulatedGateway.open(
        url=settings.gateway_url,
        key=settings.gateway_key,
        secret=settings.gateway_webhook_secret,
    )
    service = PaymentService({NAME: simulated, "free": FreeOfCharge()})
    return Part(contract=service, closing=(simulated.close,))
