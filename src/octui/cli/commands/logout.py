"""`octui logout`: end the session of `octui login`."""

import argparse

from octui.cli import session_file
from octui.cli.commands.login import end_session, server_url
from octui.cli.failures import DONE, FAILED, say
from octui.cli.settings import settings_of
from octui.client.errors import ClientError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: octui logout --url https://octui.example"
    parser.add_argument("--url", metavar="URL", help="address of the served octui (OCTUI_URL)")
    parser.set_defaults(handler=log_out)


def log_out(arguments: argparse.Namespace) -> int:
    url = server_url(settings_of(arguments))
    session = session_file.load(url)
    if session is None:
        say("not signed in there.")
        return DONE
    session_file.delete(url)
    try:
        end_session(url, session.token)
    except ClientError as error:
        say(f"the session is forgotten here, but the server does not know: it ends there when unused. {error}")
        return FAILED
    say(f"{session.account} is signed out.")
    return DONE
