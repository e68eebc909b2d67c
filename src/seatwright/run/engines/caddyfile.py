"""
Writing the Caddyfile of a `Gateway`.

Text, not JSON: an operator must be able to read what runs. Blocks are Caddy snippets with the
reason above them.
"""

import json
import re
import textwrap
from pathlib import Path

from seatwright.kit import errors
from seatwright.kit.web import problems
from seatwright.run.engines.gateway import Gateway, Route, Spa

_GLOBAL = """\
{{
	admin {admin}
	storage file_system {storage}
	persist_config off
	{https}
	# A gateway that restarts finishes what it has begun.
	grace_period 8s
	log {{
		output stderr
		format console
		level WARN
	}}
	{metrics}
{servers}
}}
"""

_SERVERS = """\
	servers{address} {{
		protocols {protocols}
		{listeners}
		{trusted}
		timeouts {{
			# A client that sends a byte a minute does not keep a connection.
			read_header 5s
			read_body 20s
			write 120s
			idle 2m
		}}
		max_header_size 16KB
	}}
"""

_SNIPPETS = """\

# On every answer. The web build adds its own script policy by hashes in its pages.
(security) {{
	header {{
		-Server
		-Via
		X-Content-Type-Options nosniff
		Referrer-Policy strict-origin-when-cross-origin
		Cross-Origin-Opener-Policy same-origin
		Cross-Origin-Resource-Policy same-origin
		Permissions-Policy "camera=(self), geolocation=(self), microphone=(), usb=()"
		?Content-Security-Policy "{policy}"
		{hsts}
		defer
	}}
}}

# A refused connection was never a request, so any method goes to the next process. A request
# that was lost on the way is sent again only when it is a GET or HEAD: the others are repeated by
# their sender, with the same idempotency key.
(upstream) {{
	header_up -Forwarded
	header_up -X-Real-Ip
	header_up -X-Forwarded-Port
	header_down -Server
	header_down -Via
	lb_policy least_conn
	lb_try_duration 2s
	lb_try_interval 50ms
	lb_retry_match {{
		method GET HEAD
	}}
	fail_duration 1s
	max_fails 3
	transport http {{
		dial_timeout 1s
		response_header_timeout 30s
		keepalive 60s
		keepalive_idle_conns_per_host 256
		compression off
	}}
}}

# Never a blank page: what the services would have said, had they been reached.
(refusals) {{
	handle_errors {{
		import security
		@large `{{err.status_code}} == 413`
		@lost `{lost_when}`
		@away `{{err.status_code}} in [502, 503, 504]`
		@absent `{{err.status_code}} == 404`
		header Content-Type application/problem+json
		header Cache-Control no-store
		# What is unread of a refused body must never be taken for the next request.
		@sender not method GET HEAD
		header @sender Connection close
		handle @large {{
			respond `{large}` 413
		}}
		handle @lost {{
			header Retry-After 1
			respond `{lost}` 503
		}}
		handle @away {{
			header Retry-After 1
			respond `{away}` 503
		}}
		handle @absent {{
			respond `{absent}` 404
		}}
		handle {{
			respond `{refused}` {{err.status_code}}
		}}
	}}
}}
"""

_FEED = """
	# Live seats. Only pages of this very host may open it from a browser; it is read-only anyway.
	handle /feed {{
		@foreign `{foreign_when}`
		respond @foreign 403
		reverse_proxy {feed} {{
			header_up -Authorization
			header_up -Cookie
			stream_close_delay 5m
		}}
	}}
"""

_CHARTS = """
	# A chart is named by its hash and never changes; when its file is not here (another store),
	# the catalogue answers below.
	@chart {{
		path_regexp ^/v1/charts/([0-9a-f]{{16,64}})$
		file {{
			root {charts}
			try_files /{{path.2}} /{{path.2}}.json
		}}
		method GET HEAD
	}}
	handle @chart {{
		root * {charts}
		rewrite * {{file_match.relative}}
		header Content-Type application/json
		header Cache-Control "public, max-age=31536000, immutable"
		encode zstd gzip
		file_server {{
			precompressed zstd br gzip
		}}
	}}
"""

_ROUTE = """
	# {name}
	@{name} path {paths}
	handle @{name} {{
		request_body {{
			max_size {body}
		}}
		@read_{name} method GET
		encode @read_{name} zstd gzip {{
			minimum_length 2048
		}}
		reverse_proxy {upstreams} {{
			import upstream
		}}
	}}
"""

_WEB = """
	# The web apps: their hashed files for ever, everything else asked for again each time.
	handle {{
		root * {web}
		@immutable path /_app/immutable/*
		@fresh not path /_app/immutable/*
		header @immutable Cache-Control "public, max-age=31536000, immutable"
		header @fresh Cache-Control no-cache
		@writes not method GET HEAD
		respond @writes 405
		route {{
{pages}
		}}
		file_server {{
			precompressed zstd br gzip
			hide .*
		}}
	}}
"""

_PAGES = """\
			@page_{n} {{
				{which}
				not path /_app/*
				file {{
					try_files {{path}} {{path}}.html {{path}}/index.html {file}
				}}
			}}
			rewrite @page_{n} {{file_match.relative}}
"""

_NO_PAGE = """\
			# No page of the app and no file: its own words, and a status that says the same.
			@no_page_{n} {{
				path {pattern}
				not path /_app/*
				not file
			}}
			handle @no_page_{n} {{
				rewrite * {file}
				file_server {{
					status 404
					precompressed zstd br gzip
				}}
			}}
"""


def render(gateway: Gateway, *, storage: str | Path, admin: str) -> str:
    """The Caddyfile. `storage` keeps certificates; `admin` is an address or `off`."""
    head = _GLOBAL.format(
        admin=admin if admin == "off" else _quoted(admin),
        storage=_quoted(storage),
        https=_https(gateway),
        metrics="metrics" if gateway.metrics_port is not None else "",
        servers=_servers(gateway).rstrip("\n"),
    )
    snippets = _SNIPPETS.format(
        policy=_CONTENT_POLICY,
        lost_when=_LOST_WHEN,
        hsts=_HSTS if gateway.names and not gateway.lan else "",
        large=_problem(errors.TooLarge("The request is larger than is read here.")),
        lost=_problem(errors.Unknown("The answer was lost; ask again with the same key.")),
        away=_problem(errors.Unavailable("This part is away for a moment; try again.")),
        absent=_problem(errors.NotFound("There is nothing at this address.")),
        refused=_refused(),
    )
    text = head + snippets + _site(gateway) + _extras(gateway, Path(storage))
    # A line of tabs alone is where something optional was not wanted.
    kept = [line.rstrip() for line in text.splitlines() if line.strip() or not line]
    return "\n".join(kept) + "\n"


_NOTHING = "\n\thandle {\n\t\terror 404\n\t}\n"
_CONTENT_POLICY = "frame-ancestors 'none'; base-uri 'self'; object-src 'none'; form-action 'self'"
# A write that was sent and not answered; "dial" means that it never was sent.
_LOST_WHEN = (
    '{err.status_code} in [502, 504] && !({method} in ["GET", "HEAD"])'
    ' && !{err.message}.contains("dial")'
)
_FOREIGN_WHEN = (
    '{header.Origin} != "" && !{header.Origin}.endsWith("://" + {http.request.hostport})'
)
_HSTS = "Strict-Transport-Security max-age=31536000"
_LAN_LISTENERS = """\
listener_wrappers {
			# http:// on the same port is sent on to https://
			http_redirect
			tls
		}"""


def _https(gateway: Gateway) -> str:
    if not gateway.names:
        return "auto_https off"
    if gateway.lan:
        return "skip_install_trust\n\tauto_https disable_redirects\n\tdefault_sni localhost"
    return ""


def _servers(gateway: Gateway) -> str:
    facts = {
        "protocols": "h1 h2 h3" if gateway.names and not gateway.lan else "h1 h2",
        "trusted": _trusted(gateway),
    }
    blocks = _SERVERS.format(address="", listeners="", **facts)
    if gateway.lan:
        # For this port alone: the certificate to trust is fetched without TLS from another.
        blocks += _SERVERS.format(address=f" :{gateway.port}", listeners=_LAN_LISTENERS, **facts)
    return blocks


def _trusted(gateway: Gateway) -> str:
    if not gateway.trusted_proxies:
        # Without this line Caddy throws away every X-Forwarded-* that a client sends.
        return ""
    return f"trusted_proxies static {' '.join(gateway.trusted_proxies)}\n\t\ttrusted_proxies_strict"


def _site(gateway: Gateway) -> str:
    scheme = "https" if gateway.names else "http"
    names = gateway.names or ("",)
    addresses = [f"{scheme}://{n}:{gateway.port}" for n in names]
    parts = [f"\n{', '.join(addresses)} {{\n\timport security\n\timport refusals\n"]
    if gateway.lan:
        parts.append("\ttls internal\n")
    inner = []
    if gateway.feed:
        inner.append(_FEED.format(feed=gateway.feed, foreign_when=_FOREIGN_WHEN))
    if gateway.charts is not None:
        inner.append(_CHARTS.format(charts=_quoted(gateway.charts)))
    inner += [_route(route) for route in gateway.routes]
    inner.append("\n\thandle /v1/* {\n\t\terror 404\n\t}\n")
    inner.append(_NOTHING if gateway.web is None else _web(gateway))
    # `route` keeps the order written here.
    block = textwrap.indent("".join(inner).strip("\n"), "\t")
    return "".join(parts) + f"\n\troute {{\n{block}\n\t}}\n}}\n"


def _route(route: Route) -> str:
    return _ROUTE.format(
        name=route.name,
        paths=" ".join(route.paths),
        upstreams=" ".join(route.upstreams),
        body=route.body_bytes_max,
    )


def _web(gateway: Gateway) -> str:
    # The longest prefix first: a general one would answer for all.
    pages = sorted(gateway.pages, key=lambda page: len(page.prefix), reverse=True)
    blocks = [_pages(n, page) for n, page in enumerate(pages)]
    return _WEB.format(web=_quoted(gateway.web or ""), pages="".join(blocks).rstrip("\n"))


def _pages(n: int, page: Spa) -> str:
    prefix = page.prefix.rstrip("/")
    pattern = f"{prefix} {prefix}/*".lstrip()
    if not page.pages:
        return _PAGES.format(n=n, which=f"path {pattern}", file=page.file)
    known = "|".join(sorted(_address(one) for one in page.pages))
    return _PAGES.format(n=n, which=f"path_regexp ^({known})/?$", file=page.file) + _NO_PAGE.format(
        n=n, pattern=pattern, file=page.file
    )


def _address(page: str) -> str:
    """`/orders/{code}` as a regular expression; a changing part is anything but a slash."""
    assert re.fullmatch(r"[a-z0-9/{}-]+", page), page
    parts = page.rstrip("/").split("/")
    return "/".join("[^/]+" if part.startswith("{") else part for part in parts)


def _extras(gateway: Gateway, storage: Path) -> str:
    parts = []
    if gateway.lan and gateway.ca_port is not None:
        folder = storage / "pki" / "authorities" / "local"
        parts.append(
            f"\n# A phone fetches the certificate to trust from here.\n"
            f"http://:{gateway.ca_port} {{\n\troot * {_quoted(folder)}\n\trewrite * /root.crt\n"
            "\theader Content-Type application/x-x509-ca-cert\n"
            '\theader Content-Disposition "attachment; filename=seatwright-ca.crt"\n'
            "\tfile_server\n}\n"
        )
    if gateway.metrics_port is not None:
        parts.append(
            f"\nhttp://127.0.0.1:{gateway.metrics_port} {{\n\tbind 127.0.0.1\n\tmetrics\n}}\n"
        )
    return "".join(parts)


def _quoted(value: str | Path) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _problem(refusal: errors.Expected) -> str:
    if isinstance(refusal, errors.Unavailable | errors.Unknown):
        refusal.facts = {**refusal.facts, "retry_after_s": problems.RETRY_DEFAULT_S}
    return json.dumps(problems.document(refusal), separators=(",", ":"))


def _refused() -> str:
    document = problems.document(errors.Expected("The request cannot be answered."))
    text = json.dumps(document, separators=(",", ":"))
    return text.replace(f'"status":{document["status"]}', '"status":{err.status_code}')
