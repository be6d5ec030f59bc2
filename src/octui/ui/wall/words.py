"""Sentences of the wall in the reader's language: ages, alarms, faults."""

from datetime import datetime
from zoneinfo import ZoneInfo

from octui.state.alarms import Alarm, Cause
from octui.state.floor import FloorRow
from octui.state.wall import Trouble, WallPage
from octui.text.glyphs import glyphs
from octui.ui.locale import N_, Words

_TROUBLES = {
    Trouble.LOST: N_("Connection lost"),
    Trouble.SILENT: N_("No new figures"),
    Trouble.REFUSED: N_("Token refused"),
    Trouble.STARTING: N_("Connecting"),
    Trouble.EMPTY: N_("No service to show"),
}
_ADVICE = {
    Trouble.LOST: N_("trying again until the server answers"),
    Trouble.SILENT: N_("the server answers, but its sources of calls are silent"),
    Trouble.REFUSED: N_("put a new token into the token file; it is read again by itself"),
    Trouble.EMPTY: N_("the token names no service, or --service none of them"),
}
ALARMING = frozenset({Trouble.LOST, Trouble.SILENT, Trouble.REFUSED})


def trouble_words(trouble: Trouble, t: Words) -> str:
    """Return a fault of the whole wall in two or three words."""
    return t(_TROUBLES[trouble])


def trouble_advice(trouble: Trouble, t: Words) -> str:
    """Return what is done or to be done about a fault of the wall, "" if nothing is."""
    return t(_ADVICE[trouble]) if trouble in _ADVICE else ""


def clock_text(at: int, zone: str, *, seconds: bool = True) -> str:
    """Return epoch milliseconds as the time of day in a time zone."""
    return _local_time(at, zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def date_text(at: int, zone: str, t: Words) -> str:
    """Return the date with its weekday, in the reader's format."""
    return t.date(_local_time(at, zone).date().isoformat())


def _local_time(at: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone))


def age_text(age_ms: int, t: Words, *, fine: bool = False) -> str:
    """Return an age, `4 min ago`, in steps of 10 s below a minute (`fine`: below 10 minutes), else of minutes."""
    seconds = max(0, age_ms // 1000)
    minutes, rest = seconds // 60, seconds % 60 // 10 * 10
    if minutes < 1:
        return t("{seconds} s ago", seconds=rest)
    if fine and minutes < 10 and rest:
        return t("{minutes} min {seconds} s ago", minutes=minutes, seconds=rest)
    if minutes < 60:
        return t("{minutes} min ago", minutes=minutes)
    return t("{hours} h ago", hours=minutes // 60)


def age_badge(row: FloorRow, t: Words, *, fine: bool = False) -> str:
    """Return the age shown under the name of a service with outdated numbers, "" if they are fresh."""
    return "" if row.age_ms is None else t("figures {age}", age=age_text(row.age_ms, t, fine=fine))


def old_note(page: WallPage, t: Words) -> str:
    """Return a note about which services' numbers are outdated, "" if none are."""
    if not page.old:
        return ""
    if len(page.old) > 1:
        return t("{count} services: figures are old", count=len(page.old))
    row = page.old[0]
    return t("{name}: figures {age}", name=row.name, age=age_text(row.age_ms or 0, t))


def wait_text(wait_ms: int) -> str:
    """Return a wait as `MM:SS`; minutes may exceed 99."""
    seconds = max(0, wait_ms // 1000)
    return f"{seconds // 60:02d}:{seconds % 60:02d}"


def alarm_causes(alarm: Alarm, t: Words) -> str:
    """Return an alarm's causes in one line."""
    row, parts = alarm.row, []
    if Cause.LONG_WAIT in alarm.causes or Cause.NOBODY_READY in alarm.causes:
        parts.append(t("{count} waiting", count=row.waiting or 0))
    if Cause.LONG_WAIT in alarm.causes:
        parts.append(t("longest wait over {seconds} s", seconds=alarm.limits.longest_wait_s))
    if Cause.NOBODY_READY in alarm.causes:
        parts.append(t("0 agents ready"))
    if Cause.SERVICE_LEVEL in alarm.causes and row.service_level is not None:
        parts.append(t("service level {percent}", percent=row.service_level.percent))
    return ", ".join(parts)


def alarm_headlines(alarm: Alarm, t: Words) -> list[str]:
    """Return texts for the large line of the alarm band, the longest first."""
    row, name = alarm.row, alarm.row.name
    waiting, level = t("{count} waiting", count=row.waiting or 0), row.service_level
    if Cause.LONG_WAIT in alarm.causes and row.longest_wait_ms is not None:
        longest = t("longest {minutes} min", minutes=row.longest_wait_ms // 60_000)
        return [f"{name} {waiting} {longest}", f"{name} {waiting}", name]
    if Cause.NOBODY_READY in alarm.causes:
        ready = t("0 ready")
        return [f"{name} {waiting} {ready}", f"{name} {waiting}", name]
    if level is not None:
        percent = t("service level {percent}", percent=level.percent)
        return [f"{name} {percent}", name]
    return [name]


def alarm_time(alarm: Alarm, zone: str, t: Words) -> str:
    """Return since when there is an alarm, or from when to when it lasted."""
    since = clock_text(alarm.since, zone, seconds=False)
    if alarm.until is None:
        return t("since {time}", time=since)
    return t("{time}-{end}, over", time=since, end=clock_text(alarm.until, zone, seconds=False))


def level_detail(alarm: Alarm, t: Words) -> str:
    """Return the service level with the calls that it is calculated from, "" without calls."""
    level = alarm.row.service_level
    if level is None:
        return ""
    return t(
        "S/L {percent} (answered in time {part} / offered {whole})",
        percent=level.percent,
        part=f"{level.part:,}",
        whole=f"{level.whole:,}",
    )


def legend_parts(page: WallPage, t: Words, *, short: bool) -> list[tuple[str, str]]:
    """Return the legend's signs, each with its meaning."""
    signs = glyphs()
    between = t("70-85") if short else t("over 70, below 85")
    parts = [(signs.good, t("85 or more")), (signs.watch, between), (signs.bad, t("70 or less"))]
    parts.append((signs.unknown, t("nothing offered")))
    if short:
        parts.append((signs.old, t("old figures")))
    if page.threshold_s is not None:
        parts.append((t("S/L"), t("in {seconds} s", seconds=page.threshold_s)))
    return parts
