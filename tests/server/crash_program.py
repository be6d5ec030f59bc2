"""Program of test_crash_safety.py that starts a process of eight writers for each line on standard input.

Usage: crash_program.py URL. Prints `pid N`, then the name of every change after the store has acknowledged it, and
`dead` when the process is gone. The processes are forked from this one, which never opens the store: loading it costs
more than the 200 kills.
"""

import os
import sys
import threading

from sqlalchemy import insert

from octui.schema.audit import Action
from octui.server.core.principal import Principal
from octui.server.database import tables
from octui.server.database.engine import open_store
from octui.server.database.store import Store
from octui.server.database.unit_of_work import Change

WRITERS = 8


def print_line(what: str) -> None:
    """Print a line in one write."""
    os.write(1, f"{what}\n".encode())


def make_change(name: str, change: Change) -> None:
    """Make a change with its log entry."""
    change.connection.execute(insert(tables.source).values(name=name))
    change.touch(f"source/{len(name)}")
    change.record(Action.MEMBER_ADDED, target_account=name, target_name="김민수")


def write_until_killed(store: Store, writer: int) -> None:
    """Make changes and print each one when it is acknowledged."""
    number = 0
    while True:
        name = f"{os.getpid()}-{writer}-{number}"
        store.write(lambda change, name=name: make_change(name, change), Principal(None, "admin", "관리자"))
        print_line(name)
        number += 1


def run_writers(url: str) -> None:
    """Open the store and write with all writers until killed."""
    store = open_store(url)
    writers = [threading.Thread(target=write_until_killed, args=(store, number)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()


def main(url: str) -> None:
    """Start a process for each line on standard input."""
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            run_writers(url)
            return
        print_line(f"pid {child}")
        os.waitpid(child, 0)
        print_line("dead")


if __name__ == "__main__":
    main(sys.argv[1])
