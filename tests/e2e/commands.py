"""Runs commands of octui as a script does."""

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
class Result:
    """The exit code and output of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Server:
    """A running `octui serve`."""

    url: str
    process: "subprocess.Popen[str]"


class Home:
    """The folders of a user, and commands that run with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("OCTUI_")}
        self.environ |= {f"XDG_{name}_HOME": str(folder / name) for name in ("DATA", "CONFIG", "STATE", "CACHE")}
        self.environ |= {"LANG": "C.UTF-8", "PYTHONWARNINGS": ""}
        self.database = folder / "DATA" / "octui" / "octui.db"

    def run(self, *arguments: str | Path, stdin: str = "", **environ: str) -> Result:
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
        return Result(code, out.getvalue(), err.getvalue())

    def run_program(self, *arguments: str | Path, stdin: str = "") -> Result:
        """Run the real program in a process of its own. Whatever happens, it prints no traceback."""
        process = subprocess.run(
            [*OCTUI, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environ,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in process.stderr, process.stderr
        return Result(process.returncode, process.stdout, process.stderr)

    def run_ok(self, *arguments: str | Path, stdin: str = "", **environ: str) -> Result:
        """Run a command that has to succeed."""
        result = self.run(*arguments, stdin=stdin, **environ)
        assert result.code == 0, result.err
        return result

    def start(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        """Start a command that goes on; its output comes through pipes."""
        return subprocess.Popen(
            [*OCTUI, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environ,
        )

    def create_organization(self) -> None:
        self.run_ok(
            *("init", "--organization", "한빛 고객센터", "--domain", "hanbit"),
            *("--admin", "hong", "--name", "홍길동", "--email", "hong@hanbit.example"),
        )

    def create_center(self) -> None:
        """Create an organization, a service with phone and the two agents of tests/data/queue_log."""
        self.create_organization()
        self.run_ok("service", "add", "cs", "--name", "고객상담", "--language", "ko", "--phone")
        self.run_ok("organization", "set", "--ipcc-agreed", "yes")
        self.run_ok("cti", "settings", "set", "--version", "ipcc", "--tenant-id", "T1001", "--tenant-name", "한빛")
        for account, name, cti in (("minsu", "김민수", "7001"), ("jiwoo", "최지우", "7002")):
            self.run_ok("member", "add", account, "--name", name, "--email", f"{account}@hanbit.example")
            self.run_ok("agent", "add", account, "--service", "cs", "--role", "agent", "--phone")
            self.run_ok("cti", "set", account, "--id", cti, "--no", f"1{cti}")
