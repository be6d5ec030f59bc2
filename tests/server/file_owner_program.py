"""Program of test_file_owner.py that claims the file, prints the outcome, serves, and ends when told to.

Usage: file_owner_program.py FILE [wait]. Prints one JSON line for each claim; a line on standard input ends it in good
order.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from octui.server.database.file_owner import FileOwner, OtherOwner, claim_file
from octui.server.socket_server import SocketServer


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers every request with the number of this process."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})


def main(path: Path, waiting: bool) -> None:
    """Claim the file, print the outcome, serve until told to end."""
    owner = claim_file(path)
    if isinstance(owner, OtherOwner):
        print_json(owner=False, pid=owner.pid, socket=str(owner.socket_path))
        if not waiting:
            return
        owner = wait_for_claim(path)
    server = SocketServer(app, owner.socket_path)
    server.start()
    print_json(owner=True, pid=os.getpid(), socket=str(owner.socket_path), at=time.monotonic())
    sys.stdin.readline()
    server.stop()
    print_json(ended=time.monotonic())
    owner.release()


def wait_for_claim(path: Path) -> FileOwner:
    """Claim the file as soon as its owner lets go."""
    while isinstance(owner := claim_file(path), OtherOwner):
        time.sleep(0.1)
    return owner


def print_json(**what: Any) -> None:
    """Print one JSON line."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), "wait" in sys.argv[2:])
