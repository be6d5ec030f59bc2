"""The CTI log of some days fetched into a file, page by page."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from octui.client.cti import CtiEndpoints
from octui.schema.cti import CtiLogEntry
from octui.sheets.stream import SheetWriter

PAGE = 500
"""Entries fetched at once: reading more would hold up the screens."""

Progress = Callable[[int, int], None]
"""Entries written, and how many there are in all."""


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
    """Write the entries of the days `first` to `last` (YYYY-MM-DD of the service; "": all there are) to `path`, .xlsx
    or .csv; gives how many.

    `columns` heads the sheet, `texts` makes its rows of an entry and the service's time zone. Memory does not grow
    with the entries. Cancelled or failed, nothing is left and an older file is as it was. Raises ClientError,
    SheetError.
    """
    writer = await _open_writer(path, columns)
    try:
        after: str | None = None
        done = total = 0
        while True:
            page = await api.cti_log(service, first, last, after, PAGE)
            zone = page.time_zone
            await asyncio.to_thread(writer.write, [texts(entry, zone) for entry in page.entries])
            done += len(page.entries)
            total = max(done, total if page.count is None else page.count)
            if progress is not None:
                progress(done, total)
            after = page.next
            if after is None:
                break
        await asyncio.to_thread(writer.finish)
    except BaseException:
        writer.cancel()
        raise
    return done


async def _open_writer(path: Path, columns: Sequence[str]) -> SheetWriter:
    """The writer, which takes a moment to begin; who gives up in that moment leaves nothing either."""
    opening = asyncio.ensure_future(asyncio.to_thread(SheetWriter, path, columns))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_discard_writer)
        raise


def _discard_writer(opening: "asyncio.Future[SheetWriter]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().cancel()
