"""All pages of the intervals behind a figure, and of the events behind an interval."""

from octui.client.stats import StatsEndpoints
from octui.schema.stats import Channel, Evidence, Interval, PhoneDay, Stats


async def fetch_intervals(api: StatsEndpoints, stats: Stats, channel: Channel, state: str) -> list[Interval]:
    """Return the intervals behind a figure of these stats, in order."""
    intervals: list[Interval] = []
    after: int | None = None
    while True:
        answer = await api.intervals(
            stats.service, stats.account, channel=channel, state=state, date=stats.date, after=after
        )
        intervals += answer.intervals
        after = answer.next
        if after is None:
            return intervals


async def fetch_evidence(
    api: StatsEndpoints, stats: Stats, channel: Channel, state: str, interval: Interval
) -> Evidence:
    """Return what began and ended an interval, with all pages of its events."""

    async def fetch_page(after: int | None) -> Evidence:
        return await api.evidence(
            stats.service, stats.account, channel, state, interval.start, date=stats.date, after=after
        )

    evidence = await fetch_page(None)
    events, after = list(evidence.events), evidence.next
    while after is not None:
        page = await fetch_page(after)
        events += page.events
        after = page.next
    return evidence.model_copy(update={"events": events, "next": None})


async def fetch_phone_day(api: StatsEndpoints, stats: Stats) -> PhoneDay:
    """Return all closed phone intervals of the day of these stats."""
    day = await api.phone_day(stats.service, stats.account, stats.date)
    intervals, after = list(day.intervals), day.next
    while after is not None:
        page = await api.phone_day(stats.service, stats.account, stats.date, after)
        intervals += page.intervals
        after = page.next
    return day.model_copy(update={"intervals": intervals, "next": None})
