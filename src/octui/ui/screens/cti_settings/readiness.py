"""Which agents of a service are ready for phone, and what the others lack, as a list (rules.md 23)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from textual import work

from octui.client.errors import ClientError, Refused
from octui.schema.agents import Agent
from octui.schema.common import LARGEST_PAGE, Head
from octui.schema.cti import Readiness, Step
from octui.schema.live import agents_topic, cti_topic
from octui.state.rows import KeyedRows
from octui.text.width import cell_width
from octui.ui.listing import Listing
from octui.ui.locale import N_
from octui.ui.screens.cti_settings.words import NOT_IN_USE, READY, STEP_TITLES, UNMET
from octui.ui.session import Session
from octui.ui.widgets.columns import Cell, Column
from octui.ui.widgets.grid import Grid
from octui.ui.widgets.search_line import SearchLine

TRY_AGAIN_S = 5


def _lacks(step: Step, one: Readiness) -> bool:
    return step not in one.met


def _urgency(one: Readiness) -> int:
    """Who lacks the first thing comes first, who is ready last."""
    return len(Step) if one.unmet is None else list(Step).index(one.unmet)


class ReadinessView(Listing[Readiness]):
    """The list and its loading; see `screens.cti_settings`, where it is shown below the settings."""

    TITLES = {
        "name": N_("Name"),
        "account": N_("ID"),
        "contract": STEP_TITLES[Step.CONTRACT],
        "settings": STEP_TITLES[Step.SETTINGS],
        "permission": STEP_TITLES[Step.PERMISSION],
        "numbers": STEP_TITLES[Step.NUMBERS],
        "unmet": N_("To do"),
    }

    def __init__(self) -> None:
        sort_keys: dict[str, Callable[[Readiness], Any]] = {step.value: partial(_lacks, step) for step in Step}
        sort_keys["unmet"] = _urgency
        super().__init__(KeyedRows(lambda one: one.account, ("name", "met", "unmet")), sort_keys)
        self._agents_revision: int | None = None
        self._loading = False
        self._again = False
        self._ticks_failed = 0

    def search_words(self, row: Readiness) -> tuple[str, ...]:
        return row.name, row.account

    def table_columns(self) -> list[Column]:
        t = self.t
        # Beside a title there is room for the mark of the order.
        steps = [Column(step, t(STEP_TITLES[step]), cell_width(t(STEP_TITLES[step])) + 1) for step in Step]
        todo = max(cell_width(t(text)) for text in (*UNMET.values(), NOT_IN_USE, READY))
        return [
            Column("name", t("Name"), 9, flex=1, most=24),
            Column("account", t("ID"), 9, flex=1, most=24),
            *steps,
            Column("unmet", t("To do"), todo, flex=1, most=todo + 10),
        ]

    def row_cells(self, row: Readiness) -> list[Cell]:
        steps = [Cell("O") if step in row.met else Cell("-", "muted") for step in Step]
        if row.unmet is None:
            return [Cell(row.name), Cell(row.account), *steps, Cell(self.t(READY), "good")]
        text = UNMET[row.unmet]
        known = self.session.known if self.session is not None else None
        if row.unmet is Step.CONTRACT and known is not None and known.phone_contract:
            text = NOT_IN_USE
        return [Cell(row.name), Cell(row.account), *steps, Cell(self.t(text), "watch")]

    def empty_hint(self) -> str:
        return self.t("Nobody has a role in this service yet: the menu Agents gives one.")

    def summary_text(self) -> str:
        t, rows = self.t, self.rows
        ready = sum(rows[key].unmet is None for key in rows.keys())  # noqa: SIM118
        text = t("{ready} of {all} agents are ready for phone", ready=ready, all=len(rows))
        if len(self.view) != len(rows):
            text += "   " + t("{count} shown", count=len(self.view))
        return text

    def refresh_texts(self) -> None:
        super().refresh_texts()
        self.query_one(SearchLine).placeholder = self.t("Part of name or ID; initials work")
        self.query_one(Grid).empty = self._why_empty()

    # --- loading --------------------------------------------------------------------------------------------

    def on_connected(self, session: Session) -> None:
        if self._saved is None:
            self._sort_by("unmet", False)
        super().on_connected(session)
        self.lease_topic(cti_topic(session.service), self._cti_told)
        self.lease_topic(agents_topic(session.service), self._agents_told)

    def _cti_told(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        if body is not None:
            self.load()

    def _agents_told(self, topic: str, body: dict[str, Any] | None, etag: str) -> None:
        """The head moves with every state somebody takes; only other rights are a reason to look again."""
        if body is None:
            return
        revision = Head.model_validate(body).revision
        if self._agents_revision is None:
            self._agents_revision = revision
            self.load()
        elif revision > self._agents_revision:
            self._look_at_agents()

    @work(exclusive=True, group="look", exit_on_error=False)
    async def _look_at_agents(self) -> None:
        session = self.session
        if session is None:
            return
        try:
            page = await session.api.agents(session.service, changed_since=self._agents_revision, limit=LARGEST_PAGE)
        except ClientError as error:
            self.show_failure(error)
            return
        if page.next is None:
            self._agents_revision = page.revision
        gone = any(account in self.rows for account in page.removed)
        if page.next is not None or gone or any(self._is_other(agent) for agent in page.agents):
            self.load()

    def _is_other(self, agent: Agent) -> bool:
        row = self.rows.get(agent.account)
        return row is None or row.name != agent.name or (Step.PERMISSION in row.met) != agent.phone

    def load(self) -> None:
        """One load at a time; what changes meanwhile is loaded after it."""
        self._again = True
        if not self._loading:
            self._loading = True
            self._load_all()

    @work(group="readiness", exit_on_error=False)
    async def _load_all(self) -> None:
        self._ticks_failed = 0
        try:
            while self._again and self.session is not None:
                self._again = False
                self.show_rows(await self._pages(self.session))
        except ClientError as error:
            self.show_failure(error)
        finally:
            self._loading = False
        self.refresh_lines()

    async def _pages(self, session: Session) -> list[Readiness]:
        agents: list[Readiness] = []
        after: str | None = None
        while True:
            page = await session.api.cti_readiness(session.service, after=after, limit=LARGEST_PAGE)
            agents += page.agents
            after = page.next
            if after is None:
                return agents

    def on_tick(self) -> None:
        if self.failed is not None and not isinstance(self.failed, Refused) and not self.host.stale:
            self._ticks_failed += 1
            if self._ticks_failed >= TRY_AGAIN_S:
                self.load()
