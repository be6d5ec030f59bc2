"""After a kill, every acknowledged change is there, with its entry in the permission-change log."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

from octui.server.database import tables
from octui.server.database.backup import check_database
from octui.server.database.engine import open_store

KILLS = 200


def test_200_kills_lose_no_acknowledged_change(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/octui.db"
    open_store(url).close()
    moments = random.Random(200)
    acknowledged: list[str] = []
    supervisor = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("crash_program.py")), url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with supervisor:
        assert supervisor.stdin is not None
        assert supervisor.stdout is not None
        for _ in range(KILLS):
            supervisor.stdin.write("go\n")
            supervisor.stdin.flush()
            said = supervisor.stdout.readline().split()
            assert said[0] == "pid"
            for _ in range(moments.randrange(30)):
                acknowledged.append(supervisor.stdout.readline().strip())
            os.kill(int(said[1]), signal.SIGKILL)
            while (last := supervisor.stdout.readline().strip()) != "dead":
                acknowledged.append(last)
        supervisor.stdin.close()
    assert len(acknowledged) > KILLS
    assert check_database(url) == []
    store = open_store(url)
    changed = store.read(lambda connection: list(connection.execute(select(tables.source.c.name)).scalars()))
    logged = store.read(
        lambda connection: list(
            connection.execute(
                select(tables.audit_person.c.account).join_from(
                    tables.audit, tables.audit_person, tables.audit.c.target_id == tables.audit_person.c.id
                )
            ).scalars()
        )
    )
    store.close()
    assert set(acknowledged) <= set(changed)
    assert sorted(changed) == sorted(logged)
