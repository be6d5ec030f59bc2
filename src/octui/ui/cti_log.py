"""Downloading the CTI log of a day or of several, out of the account menu (rules.md 21)."""

from pathlib import Path
from typing import TYPE_CHECKING

from octui.client import cti_log
from octui.ui.cti_log_words import columns, texts
from octui.ui.dialogs.cti_log import CtiLogDialog, Days, Log
from octui.ui.dialogs.download import Download, Progress
from octui.ui.exports import export_path

if TYPE_CHECKING:
    from octui.ui.app import OctuiApp


async def download_cti_log(app: "OctuiApp") -> None:
    """Ask for the days, then write them to a new file."""
    session, t = app.session, app.words
    if session is None or session.known is None:
        return
    api, service = session.api, session.service

    async def fetch() -> Log:
        settings = await api.cti_settings(service)
        return Log(await api.cti_log_days(service), settings.monitoring)

    days: Days | None = await app.push_screen_wait(CtiLogDialog(fetch, app.now_ms(), session.known.time_zone, t))
    if days is None:
        return

    async def job(path: Path, progress: Progress) -> int:
        return await cti_log.download_cti_log(
            api, service, days.first, days.last, path, progress, columns=columns(t), texts=texts
        )

    heading, span = t("CTI log download"), t.date(days.first)
    if days.last != days.first:
        span += f" – {t.date(days.last)}"
    await app.push_screen_wait(Download(f"{heading}  {span}", job, export_path(f"cti-log-{service}"), t))
