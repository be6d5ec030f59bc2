"""Running commands of octui as a script does."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from octui.cli.main import main

OCTUI = [sys.executable, "-m", "octui"]


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Home:
    """A user's own folders, and commands run with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("OCTUI_")}
        self.environ |= {f"XDG_{name}_HOME": str(folder / name) for name in ("DATA", "CONFIG", "STATE", "CACHE")}
        self.environ |= {"LANG": "C.UTF-8", "PYTHONWARNINGS": ""}
        self.database = folder / "DATA" / "octui" / "octui.db"

    def run(self, *arguments: str | Path, stdin: str = "", **environ: str) -> Ran:
        """Run `octui ARGUMENTS` to its end, in this process: loading it takes ten times as long as most commands."""
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environ | environ, clear=True),
            mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()))),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                code = main([str(argument) for argument in arguments])
            except SystemExit as wrong_use:
                code = wrong_use.code if isinstance(wrong_use.code, int) else 1
        return Ran(code, out.getvalue(), err.getvalue())

    def program(self, *arguments: str | Path, stdin: str = "") -> Ran:
        """As `run`, but the real program in a process of its own. Whatever happens, it prints no traceback."""
        done = subprocess.run(
            [*OCTUI, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environ,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments: str | Path, stdin: str = "", **environ: str) -> Ran:
        """As `run`, for a command that has to succeed."""
        ran = self.run(*arguments, stdin=stdin, **environ)
        assert ran.code == 0, ran.err
        return ran

    def start(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        """Start a command that goes on; its output comes by pipes."""
        return subprocess.Popen(
            [*OCTUI, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environ,
        )

    def set_up(self) -> None:
        """A centre from nothing: one service with the phone, two agents of tests/data/queue_log."""
        self.ok(
            *("init", "--organization", "한빛 고객센터", "--domain", "hanbit"),
            *("--admin", "hong", "--name", "홍길동", "--email", "hong@hanbit.example"),
        )
        self.ok("service", "add", "cs", "--name", "고객상담", "--language", "ko", "--phone")
        self.ok("organization", "set", "--ipcc-agreed", "yes")
        self.ok("cti", "settings", "set", "--version", "ipcc", "--tenant-id", "T1001", "--tenant-name", "한빛")
        for account, name, cti in (("minsu", "김민수", "7001"), ("jiwoo", "최지우", "7002")):
            self.ok("member", "add", account, "--name", name, "--email", f"{account}@hanbit.example")
            self.ok("agent", "add", account, "--service", "cs", "--role", "agent", "--phone")
            self.ok("cti", "set", account, "--id", cti, "--no", f"1{cti}")
