"""Window with all data of a service: basic information, items, days, estimate, banner."""

import asyncio

from textual import work
from textual.containers import Vertical
from textual.widget import Widget

from octui.client.errors import ClientError
from octui.schema.contracts import Contract, EstimateRequest
from octui.schema.items import COUNTED, ServiceState
from octui.state.wizard import details_of, items_of
from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.connection import Connection
from octui.ui.dialogs.dialog import Dialog
from octui.ui.locale import Words
from octui.ui.roles import pens_of
from octui.ui.screens.contracts.banner_picture import BadPicture, Preview, parse_picture
from octui.ui.screens.contracts.wizard.languages_dialog import languages_text
from octui.ui.sentences import error_sentence
from octui.ui.widgets.text_lines import TextLines, heading_lines
from octui.ui.words.charges import volume_text
from octui.ui.words.contracts import ITEM_LABELS, STATE_LABELS, TYPE_LABELS
from octui.ui.words.times import date_and_time


class ServiceDetailsDialog(Dialog[None]):
    """A window with the data of one service; Esc or Enter closes it."""

    BINDINGS = [("enter", "close", "")]

    def __init__(self, connection: Connection, contract: Contract, t: Words) -> None:
        super().__init__()
        self._connection, self._contract, self.t = connection, contract, t
        self._lines = TextLines(self._fact_lines())
        self._preview = Preview()

    def compose_body(self) -> Vertical:
        heading = heading_lines([f" {self._contract.name} ({self._contract.id})", ""])
        return Vertical(heading, self._lines, self._preview, classes="wizard")

    def initial_focus(self) -> Widget:
        return self._lines

    def on_mount(self) -> None:
        self._load_estimate_and_banner()

    def _fact_lines(self) -> list[str]:
        t, contract = self.t, self._contract
        zone = self._connection.me.organization.time_zone
        pairs = [
            (t("State"), t(STATE_LABELS[contract.state])),
            (t("Type"), t(TYPE_LABELS[contract.type])),
            (t("Languages"), languages_text(contract.languages, t)),
            (t("Time zone"), contract.time_zone),
            (t("Registered"), contract.registered or glyphs().unknown),
            (t("Last edited"), contract.edited or glyphs().unknown),
        ]
        if contract.state not in (ServiceState.DRAFT, ServiceState.TERMINATED):
            following = t("now") if contract.next_edit is None else date_and_time(contract.next_edit, zone)[:16]
            pairs.append((t("Next edit"), following))
        if contract.terminated is not None:
            pairs.append((t("Terminated"), contract.terminated))
        if contract.discount:
            pairs.append((t("Discount"), f"{contract.discount / 100:g} %"))
        for at, terms in enumerate(contract.items):
            text = t(ITEM_LABELS[terms.item])
            if terms.item in COUNTED:
                text += ", " + t("{count} users", count=f"{terms.users:,}")
                text += ", " + t("expected a month: {count}", count=volume_text(terms.item, terms.volume, t))
            pairs.append((t("Contract") if not at else "", text))
        widest = max(cell_width(label) for label, _ in pairs)
        days = t("Days are those of the organization: {zone}", zone=zone)
        return [*(f" {fit_text(label, widest)}   {value}" for label, value in pairs), "", f" {days}"]

    @work(exclusive=True, group="detail", exit_on_error=False)
    async def _load_estimate_and_banner(self) -> None:
        t, contract, api = self.t, self._contract, self._connection.api
        if contract.items:
            try:
                items = details_of(items_of(contract)).items
                estimate = await api.estimate(EstimateRequest(items=items, service=contract.id))
                cost = t("{amount} KRW a month", amount=f"{estimate.total:,}")
            except ClientError as error:
                cost = error_sentence(error, t)
            self._lines.add([" " + t("Estimated cost") + f": {cost}"])
        if contract.banner is not None:
            size = f"{contract.banner.width}x{contract.banner.height}"
            try:
                data = await api.banner(contract.id)
                picture = None if data is None else await asyncio.to_thread(parse_picture, data)
            except (ClientError, BadPicture):
                picture = None
            colors = pens_of(self.app).colored
            self._preview.show_picture(
                t("The banner: {size}", size=size), None if picture is None else picture.sample, colors=colors
            )

    def action_close(self) -> None:
        """Close the window."""
        self.dismiss(None)
