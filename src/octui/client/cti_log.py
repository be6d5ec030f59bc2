"""Download of the CTI log into a file, page by page."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from octui.client.cti import CtiEndpoints
from octui.schema.cti import CtiLogEntry
from octui.sheets.stream import SheetWriter

PAGE = 500
"""Entries a request: decoding more at once would block the screens."""

Progress = Callable[[int, int], None]
"""Is told the entries written and how many there are in all."""


async def download_cti_log(
    api: CtiEndpoints,
    service: str,
    first: str,
    last: str,
    path: Path,
    progress: Progress | None = None,
    *,
    columns: Sequence[str],
    texts: Callable[[CtiLogEntry, str], Sequence[str]],
) -> int:
    """Write the entries of some days to `path` (.xlsx or .csv) and return their number.

    `first` and `last` are days of the service (YYYY-MM-DD; "": all there are). `columns` are the names of the columns,
    `texts` makes a row of an entry and the service's time zone. Memory does not grow with the entries. When it is
    canceled or fails, nothing is left and an older file is unchanged. Raises ClientError, SheetError.
    """
    writer = await _open_writer(path, columns)
    try:
        after: str | None = None
        written = total = 0
        while True:
            page = await api.cti_log(service, first, last, after, PAGE)
            zone = page.time_zone
            await asyncio.to_thread(writer.write, [texts(entry, zone) for entry in page.entries])
            written += len(page.entries)
            total = max(written, total if page.count is None else page.count)
            if progress is not None:
                progress(written, total)
            after = page.next
            if after is None:
                break
        await asyncio.to_thread(writer.finish)
    except BaseException:
        writer.cancel()
        raise
    return written


async def _open_writer(path: Path, columns: Sequence[str]) -> SheetWriter:
    """Open the writer in a thread; when that is canceled, the writer is canceled as soon as it is open."""
    opening = asyncio.ensure_future(asyncio.to_thread(SheetWriter, path, columns))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_discard_writer)
        raise


def _discard_writer(opening: "asyncio.Future[SheetWriter]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().cancel()
