"""Download of the CTI log, started from the account menu (rules.md 21)."""

from pathlib import Path

from octui.client import cti_log
from octui.ui.dialogs.cti_log_days import AvailableDays, CtiLogDaysDialog, Days
from octui.ui.dialogs.download import Download, Progress
from octui.ui.dialogs.exports import export_path
from octui.ui.host import Host
from octui.ui.words.cti_log import column_titles, row_texts


async def download_cti_log(host: Host) -> None:
    """Show the dialog for the days to download, then write the CTI log of these days to a new file."""
    connection, t = host.connection, host.words
    if connection is None or connection.known_service is None:
        return
    api, service = connection.api, connection.service

    async def fetch_days() -> AvailableDays:
        settings = await api.cti_settings(service)
        return AvailableDays(await api.cti_log_days(service), settings.monitoring)

    days: Days | None = await host.push_screen_wait(
        CtiLogDaysDialog(fetch_days, host.now_ms(), connection.known_service.time_zone, t)
    )
    if days is None:
        return

    async def write_file(path: Path, progress: Progress) -> int:
        return await cti_log.download_cti_log(
            api, service, days.first, days.last, path, progress, columns=column_titles(t), texts=row_texts
        )

    heading, span = t("CTI log download"), t.date(days.first)
    if days.last != days.first:
        span += f" - {t.date(days.last)}"
    await host.push_screen_wait(Download(f"{heading}  {span}", write_file, export_path(f"cti-log-{service}"), t))
