"""The service in memory: CTI settings, who is ready for phone, and the CTI log."""

import asyncio
from typing import Any

from octui.client.errors import VersionMismatch
from octui.schema.cti import (
    CtiLogDay,
    CtiLogDays,
    CtiLogEntry,
    CtiLogPage,
    CtiSettings,
    CtiSettingsChange,
    Readiness,
    ReadinessPage,
    Step,
)
from octui.schema.organization import Me
from octui.schema.problems import Code, FieldCode, FieldProblem, Problem
from octui.server.cti import settings_rules as cti_settings_rules
from ui.fake_floor import NOW
from ui.fake_people import FakePeople, refused

SETTINGS = CtiSettings(
    cti_version=None,
    tenant_id="",
    tenant_name="",
    monitoring=False,
    retention_years=2,
    ipcc_agreed=True,
    mobile_contact_activated=False,
    complete=False,
    version=1,
)


def ready(account: str, name: str, *lacking: Step) -> Readiness:
    """Somebody who lacks these, the first of them unmet."""
    met = [step for step in Step if step not in lacking]
    return Readiness(account=account, name=name, met=met, unmet=lacking[0] if lacking else None)


def log_entry(id: int, day: str = "2026-11-23", **more: Any) -> CtiLogEntry:
    """An event of the CTI log."""
    values = {"type": "state", "account": "kim", "name": "김민수", "cti_id": "oc1000", "call": "", "detail": "ready"}
    return CtiLogEntry(id=id, at=NOW + id * 1000, day=day, **{**values, **more})


class FakeCtiSettings(FakePeople):
    """Judged by the service's own rules."""

    def __init__(self, person: Me) -> None:
        super().__init__(person)
        self.cti_settings_now = SETTINGS
        self.readiness: list[Readiness] = []
        self.log_days: dict[str, list[CtiLogEntry]] = {}
        self.log_page = 1000
        self.log_gate: asyncio.Semaphore | None = None
        """With it every page of the log waits for a permit."""

    def cti_settings_body(self) -> dict[str, Any]:
        """The settings, as the feed tells them."""
        return self.cti_settings_now.model_dump(mode="json")

    def set_cti_settings(self, **values: Any) -> None:
        """Somebody else changes the settings."""
        now = self.cti_settings_now.model_copy(update=values)
        flags = cti_settings_rules.Flags(now.ipcc_agreed, now.mobile_contact_activated)
        names = ("cti_version", "tenant_id", "tenant_name", "monitoring", "retention_years")
        settings = cti_settings_rules.Settings(**{name: getattr(now, name) for name in names})
        update = {
            "complete": cti_settings_rules.is_complete(settings, flags),
            "version": self.cti_settings_now.version + 1,
        }
        self.cti_settings_now = now.model_copy(update=update)

    async def cti_settings(self, service: str) -> CtiSettings:
        await self._called("cti_settings")
        return self.cti_settings_now

    async def change_cti_settings(self, service: str, change: CtiSettingsChange, version: int) -> CtiSettings:
        given = change.model_dump(exclude_unset=True)
        await self._called(f"change_cti_settings {sorted(given)}")
        now = self.cti_settings_now
        if version != now.version:
            current = now.model_dump(mode="json")
            raise VersionMismatch(Problem(title="No", status=412, code=Code.VERSION_MISMATCH, current=current))
        if not 1 <= given.get("retention_years", 1) <= 100:
            raise refused(Code.INVALID, FieldProblem(field="retention_years", code=FieldCode.RANGE, message="?"))
        if given.get("cti_version") == "mobile_contact" and not now.mobile_contact_activated:
            raise refused(Code.INVALID, FieldProblem(field="cti_version", code=FieldCode.NOT_ACTIVATED, message="?"))
        self.set_cti_settings(**given)
        return self.cti_settings_now

    async def cti_readiness(
        self, service: str, query: str = "", after: str | None = None, limit: int = 200
    ) -> ReadinessPage:
        await self._called("cti_readiness")
        found = sorted((one for one in self.readiness if after is None or one.account > after), key=_account)
        page = found[: min(limit, self.page_size)]
        return ReadinessPage(agents=page, next=page[-1].account if len(found) > len(page) else None)

    async def cti_log_days(self, service: str) -> CtiLogDays:
        await self._called("cti_log_days")
        days = [CtiLogDay(day=day, count=len(entries)) for day, entries in self.log_days.items()]
        return CtiLogDays(days=sorted(days, key=lambda one: one.day, reverse=True), time_zone="Asia/Seoul")

    async def cti_log(
        self, service: str, first: str, last: str, after: str | None = None, limit: int = 1000
    ) -> CtiLogPage:
        if self.log_gate is not None:
            await self.log_gate.acquire()
        await self._called(f"cti_log {first} {last} {after or ''}".strip())
        every = [entry for day in sorted(self.log_days) if first <= day <= last for entry in self.log_days[day]]
        start = int(after or 0)
        end = start + min(limit, self.log_page)
        following = str(end) if end < len(every) else None
        count = None if after else len(every)
        return CtiLogPage(entries=every[start:end], count=count, time_zone="Asia/Seoul", next=following)


def _account(one: Readiness) -> str:
    return one.account
