"""Export of tables to new files in the person's downloads folder."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import platformdirs

from octui.ui.dialogs.choice import Choice, Option
from octui.ui.host import Host
from octui.ui.locale import N_

Values = Sequence[str | int | None]


@dataclass(frozen=True)
class Table:
    """A table to export: `stem` goes into the file's name, `note` is shown together with its path."""

    stem: str
    titles: Sequence[str]
    rows: Sequence[Values]
    note: str = ""


FORMATS = {".xlsx": N_("Excel (.xlsx)"), ".csv": N_("CSV (UTF-8)")}


class StatusSink(Protocol):
    """Protocol of a function that shows an export's result, such as on a screen's bottom line."""

    def __call__(self, message: str, error: bool = False) -> None:
        """Show a sentence."""


def export_path(stem: str, suffix: str = ".xlsx") -> Path:
    """Return an unused path `<Downloads>/octui-<stem>-YYYYMMDD-HHMMSS.xlsx`, or in the home folder."""
    folder = platformdirs.user_downloads_path()
    if not folder.is_dir():
        folder = Path.home()
    moment = time.strftime("%Y%m%d-%H%M%S")
    path = folder / f"octui-{stem}-{moment}{suffix}"
    number = 2
    while path.exists():
        path = folder / f"octui-{stem}-{moment}-{number}{suffix}"
        number += 1
    return path


async def ask_format(host: Host) -> str | None:
    """Show the choice of file formats; return the chosen suffix, None when closed. Only in a worker."""
    options = [Option(suffix, host.words(label)) for suffix, label in FORMATS.items()]
    suffix: str | None = await host.push_screen_wait(Choice(host.words("Export as"), options))
    return suffix


async def write_table(host: Host, say: StatusSink, table: Table, suffix: str) -> None:
    """Write a table to a file in a thread, then show the file's path or why writing failed.

    In neither kind of file does a text become a formula.
    """
    from octui.sheets.errors import SheetError
    from octui.sheets.stream import write_xlsx_in_child
    from octui.sheets.write import write_csv

    t, path, loop = host.words, export_path(table.stem, suffix), asyncio.get_running_loop()
    write = write_csv if suffix == ".csv" else write_xlsx_in_child

    def report_progress(count: int) -> None:
        loop.call_soon_threadsafe(say, t("Exporting: {count} rows...", count=f"{count:,}"))

    try:
        await asyncio.to_thread(write, path, table.titles, table.rows, report_progress)
    except (SheetError, OSError) as error:
        say(t("Could not be written: {reason}", reason=str(error)), error=True)
    else:
        text = t("{count} rows written to {path}", count=f"{len(table.rows):,}", path=str(path))
        say(f"{text}  {table.note}".rstrip())


async def export_table(host: Host, say: StatusSink, table: Table) -> None:
    """Show the choice of file formats and write the table in the chosen one. Only in a worker."""
    suffix = await ask_format(host)
    if suffix is not None:
        await write_table(host, say, table, suffix)
