"""My stats, states and events: one method for each operation of the same name."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from octui.client.endpoints import JSON, SLOW_DEADLINE_S, Endpoints, params_of
from octui.schema.events import CloudEvent, EventsResult, FilePosition, IntakeFiles, LogNames, LogNamesResult
from octui.schema.stats import Channel, Evidence, Intervals, PhoneDay, StateChange, Stats, UsualDays

_EVENTS = {"content-type": "application/cloudevents-batch+json"}


class StatsEndpoints(Endpoints):
    """My stats, states and events."""

    async def stats(self, service: str, account: str, date: str | None = None) -> Stats:
        """Return an agent's figures of `date` (YYYY-MM-DD in the service's time zone; None: its present day)."""
        return await self._send_request("stats", Stats, service=service, account=account, params=params_of(date=date))

    async def intervals(
        self,
        service: str,
        account: str,
        channel: Channel,
        state: str,
        date: str | None = None,
        after: int | None = None,
    ) -> Intervals:
        """Return the intervals behind a figure; `after` is the `next` of the page before."""
        params = params_of(date=date, channel=channel.value, state=state, after=after)
        return await self._send_request("intervals", Intervals, service=service, account=account, params=params)

    async def phone_day(self, service: str, account: str, date: str | None = None, after: int = 0) -> PhoneDay:
        """Return a page of the closed phone intervals of `date` (None: the service's present day)."""
        params = params_of(date=date, after=after or None)
        return await self._send_request("phone_day", PhoneDay, service=service, account=account, params=params)

    async def usual_days(self, service: str, account: str, date: str | None = None) -> UsualDays:
        """Return the phone intervals of the last six days with the weekday of `date` (None: the present day)."""
        params = params_of(date=date)
        return await self._send_request("usual_days", UsualDays, service=service, account=account, params=params)

    async def evidence(
        self,
        service: str,
        account: str,
        channel: Channel,
        state: str,
        start: int,
        date: str | None = None,
        after: int | None = None,
    ) -> Evidence:
        """Return the causes and events of the interval that begins at `start`; `after` is the `next` of a page."""
        params = params_of(date=date, channel=channel.value, state=state, start=start, after=after)
        return await self._send_request("evidence", Evidence, service=service, account=account, params=params)

    async def change_state(self, service: str, account: str, change: StateChange) -> Stats:
        """Log in to CTI, log out or take a state; returns the figures after it."""
        return await self._send_model("change_state", change, Stats, service=service, account=account)

    async def take_in_events(self, service: str, events: Sequence[CloudEvent | Mapping[str, Any]]) -> EventsResult:
        """Send a batch of CloudEvents; the result counts those taken, duplicate and refused."""
        documents = [
            event.model_dump(mode="json", exclude_none=True) if isinstance(event, CloudEvent) else event
            for event in events
        ]
        body = json.dumps(documents, separators=(",", ":")).encode()
        return await self._send_request(
            "take_in_events", EventsResult, headers=_EVENTS, body=body, deadline=SLOW_DEADLINE_S, service=service
        )

    async def take_in_file_events(
        self,
        service: str,
        events: Sequence[Mapping[str, Any]],
        lines: Sequence[int],
        file: FilePosition | None = None,
    ) -> EventsResult:
        """Send CloudEvents read from a file, with their lines; the result counts them by outcome."""
        body = to_json({"events": events, "lines": lines, "file": file})
        return await self._send_request(
            "take_in_file_events", EventsResult, headers=JSON, body=body, deadline=SLOW_DEADLINE_S, service=service
        )

    async def take_in_queue_log(
        self,
        service: str,
        rows: Sequence[Sequence[Any]],
        reasons: Mapping[str, str] | None = None,
        file: FilePosition | None = None,
    ) -> EventsResult:
        """Send lines of a queue_log as rows (schema/events.py); the result counts them by outcome."""
        # A model of the rows would check them here and again on the server.
        body = to_json({"rows": rows, "reasons": reasons or {}, "file": file})
        return await self._send_request(
            "take_in_queue_log", EventsResult, headers=JSON, body=body, deadline=SLOW_DEADLINE_S, service=service
        )

    async def check_log_names(self, service: str, names: LogNames) -> LogNamesResult:
        """Return the agents that the names in a log match, and its unknown events and reasons."""
        return await self._send_model("check_log_names", names, LogNamesResult, service=service)

    async def intake_files(self, service: str) -> IntakeFiles:
        """Return how far the files of a service have been read."""
        return await self._send_request("intake_files", IntakeFiles, service=service)
