"""Texts about the limit of one contract edit a day: whether saving uses it, when the next is possible (rules.md 7)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from octui.schema.contracts import Contract
from octui.schema.items import ServiceState
from octui.state.wizard import Items, same_items, spends_edit
from octui.ui.locale import Words
from octui.ui.screens.contracts.rows import countdown_text, seconds_until_edit
from octui.ui.words.times import date_and_time


def next_midnight(now: int, zone: str) -> int:
    """Return when the next day begins in a time zone (epoch ms)."""
    time_zone = ZoneInfo(zone)
    today = datetime.fromtimestamp(now / 1000, time_zone).date()
    tomorrow = datetime.fromordinal(today.toordinal() + 1)
    return int(tomorrow.replace(tzinfo=time_zone).timestamp() * 1000)


def edit_effect_text(contract: Contract | None, items: Items, base: Items, now: int, zone: str, t: Words) -> str:
    """Return a sentence about whether saving `items` over `base` uses the daily edit.

    `contract` is None for a draft, `now` in epoch ms, `zone` that of the organization, whose days count.
    """
    if contract is None:
        return t("Registering puts the service in use and begins billing today; today's edit stays free.")
    if contract.state is ServiceState.TERMINATED:
        return t("The service is terminated: this is only a simulation.")
    if not same_items(items, base) and not spends_edit(items, base):
        return t("Expected volumes can be saved at any time: they are no part of the contract.")
    left = seconds_until_edit(contract, now)
    if left:
        when = date_and_time(contract.next_edit or now, zone)[:16]
        values = {"when": when, "zone": zone, "left": countdown_text(left)}
        return t("Simulation: today's edit is spent. Next edit {when} ({zone}), in {left}.", **values)
    when = date_and_time(next_midnight(now, zone), zone)[:16]
    return t("Saving spends today's edit; next edit possible {when} ({zone}).", when=when, zone=zone)
