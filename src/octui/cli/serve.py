"""`octui serve`: the service for others, on this machine alone; your own programs use its socket."""

import argparse

from octui.cli.failures import CommandError, say
from octui.cli.options import settings


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui serve --port 8470      then: octui --url http://127.0.0.1:8470 --token-file FILE"
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8470)
    parser.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://… (OCTUI_DATABASE)")
    parser.add_argument("--behind-proxy", action="store_true", help="allow another address: a TLS proxy is in front")


def run(arguments: argparse.Namespace) -> int:
    from octui.cli.embedded import FileElsewhere, Service
    from octui.service.serve import run_server

    try:
        service = Service(settings(arguments).database_url(), socket=True)
    except FileElsewhere:
        raise CommandError("another octui has this database open; end it first.") from None
    try:
        say(f"serving on http://{arguments.host}:{arguments.port}; end with Ctrl+C.")
        run_server(service.network_app, arguments.host, arguments.port, beyond_loopback=arguments.behind_proxy)
    finally:
        service.close()
    return 0
