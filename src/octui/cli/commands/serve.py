"""`octui serve`: the server for others, over HTTP; programs of the same user reach it by its socket."""

import argparse

from octui.cli.failures import DONE, CommandError, say
from octui.cli.mail import mail_settings
from octui.cli.settings import add_database_option, settings_of


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui serve --port 8470      then: octui login --url http://127.0.0.1:8470"
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=port_number, default=8470, help="default 8470; 0 takes any that is free")
    add_database_option(parser)
    parser.add_argument("--behind-proxy", action="store_true", help="a TLS proxy is in front; believe X-Forwarded-For")
    parser.set_defaults(handler=run_server)


def port_number(text: str) -> int:
    """Convert the argument of `--port`."""
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def run_server(arguments: argparse.Namespace) -> int:
    """Run the server until SIGTERM or SIGINT."""
    from octui.cli.embedded_server import EmbeddedServer, FileElsewhere
    from octui.server import serve
    from octui.server.identity.tokens import SessionLimits

    host, settings = arguments.host, settings_of(arguments)
    mail = mail_settings(settings)
    try:
        listening = serve.open_listener(host, arguments.port, beyond_loopback=arguments.behind_proxy)
    except OSError as error:
        raise CommandError(f"{host} port {arguments.port}: {error.strerror}.") from None
    try:
        server = EmbeddedServer(settings, mail)
    except FileElsewhere:
        listening.close()
        raise CommandError("another octui has this database open; end it first.") from None
    try:
        server.network_app.state.sign_ins.limits = SessionLimits(idle=settings.idle_minutes * 60_000)
        port = listening.getsockname()[1]
        say(f"serving on http://{f'[{host}]' if ':' in host else host}:{port}; end with Ctrl+C.")
        serve.run_server(server.network_app, listening, behind_proxy=arguments.behind_proxy)
    finally:
        server.close()
    return DONE
