"""
The gateway of a production host, as `deploy/caddy/Caddyfile` shows it.

    .venv/bin/python tests/integration/engines/production.py > deploy/caddy/Caddyfile
"""

import sys

from seatwright.run.engines.caddyfile import render
from seatwright.run.engines.gateway import Gateway
from seatwright.run.installation import routes_of_services
from seatwright.run.pages import SHOP
from seatwright.run.targets import SERVICES

FIRST_PORT = 8101
HEAD = """\
# Seatwright's gateway on one host, every service in processes of its own.
#
# Change: the host name, the folders, and the upstreams (one address a process; the first service
# answers on 8101 and 8151, the next on 8102 and 8152, and so on). A change of upstreams needs a
# reload, and a reload closes live feeds: not during an on-sale.
#
# A load balancer in front: `trusted_proxies static 10.0.0.5` and `trusted_proxies_strict` in
# `servers`, and the same addresses in the services' TRUSTED_PROXIES. Services on other machines
# need this one's address there, too.
#
#   caddy validate --config Caddyfile && systemctl reload caddy
#
# Written by tests/integration/engines/production.py from the table of services; a test compares.

"""


def production() -> str:
    """The whole file."""
    served = [service.name for service in SERVICES if service.paths]

    def upstreams(service: str) -> list[str]:
        port = FIRST_PORT + served.index(service)
        return [f"127.0.0.1:{port}", f"127.0.0.1:{port + 50}"]

    gateway = Gateway(
        routes=routes_of_services(upstreams),
        feed="127.0.0.1:9222",
        web="/srv/seatwright/web",
        charts="/srv/seatwright/files/charts",
        names=["tickets.example.org"],
        port=443,
        pages=(SHOP,),
        metrics_port=9180,
    )
    return HEAD + render(gateway, storage="/var/lib/caddy", admin="unix//run/caddy/admin.sock|0600")


if __name__ == "__main__":
    sys.stdout.write(production())
