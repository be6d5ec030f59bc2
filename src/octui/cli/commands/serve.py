"""`octui serve`: the service for others, on this machine alone; your own programs use its socket."""

import argparse

from octui.cli.failures import CommandError, say
from octui.cli.mail import post_for
from octui.cli.options import settings


def configure(_name: str, parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui serve --port 8470      then: octui login --url http://127.0.0.1:8470"
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8470, help="default 8470; 0 takes any that is free")
    parser.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://… (OCTUI_DATABASE)")
    parser.add_argument("--behind-proxy", action="store_true", help="a TLS proxy is in front; believe X-Forwarded-For")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    from octui.cli.embedded_server import FileElsewhere, Service
    from octui.server.identity.tokens import SessionLimits
    from octui.server.serve import open_listener, run_server

    host, config = arguments.host, settings(arguments)
    post = post_for(config)
    try:
        listening = open_listener(host, arguments.port, beyond_loopback=arguments.behind_proxy)
    except OSError as error:
        raise CommandError(f"{host} port {arguments.port}: {error.strerror}.") from None
    try:
        service = Service(config.database_url(), socket=True, post=post, url_suffix=config.url_suffix)
    except FileElsewhere:
        listening.close()
        raise CommandError("another octui has this database open; end it first.") from None
    try:
        service.network_app.state.sign_ins.limits = SessionLimits(idle=config.idle_minutes * 60_000)
        port = listening.getsockname()[1]
        say(f"serving on http://{f'[{host}]' if ':' in host else host}:{port}; end with Ctrl+C.")
        run_server(service.network_app, listening, behind_proxy=arguments.behind_proxy)
    finally:
        service.close()
    return 0
