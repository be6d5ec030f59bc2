"""Data shared by both steps of the wizard: contract, draft, and where drafts are saved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from octui.schema.common import LONGEST_NAME, LONGEST_SERVICE_ID
from octui.schema.contracts import Contract
from octui.schema.items import ServiceState
from octui.schema.problems import FieldCode, FieldProblem
from octui.state.wizard import BasicDraft, Draft
from octui.state.wizard_drafts import WizardDrafts
from octui.ui.connection import Connection
from octui.ui.locale import N_, Words
from octui.ui.sentences import field_sentence

_LONGEST = {"id": LONGEST_SERVICE_ID, "name": LONGEST_NAME}
_LETTERS = N_("only the letters a-z and A-Z: it becomes part of web addresses")
_USERS = N_("a whole number of users, 1 to 100,000")
_VOLUME = N_("a whole number, 0 to 1,000,000,000")


@dataclass
class WizardContext:
    """A service being edited. `contract`: its stored contract, None until step 1 is saved.

    `known`: returns the contracts of the organization that the screen has loaded.
    """

    connection: Connection
    drafts: WizardDrafts
    draft: Draft
    contract: Contract | None
    known: Callable[[], Sequence[Contract]]

    @property
    def is_draft(self) -> bool:
        """Whether the service has no contract yet, so that step 2 follows step 1."""
        return self.contract is None or self.contract.state is ServiceState.DRAFT

    @property
    def service_title(self) -> str:
        """Name and ID of the service; "" while it has no name."""
        if self.contract is not None:
            return f"{self.contract.name} ({self.contract.id})"
        return (self.draft.basic or BasicDraft()).name

    def taken_names(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the IDs and names of other services, casefolded, with the name or ID of the service that has each."""
        mine = self.contract.id if self.contract is not None else None
        others = [contract for contract in self.known() if contract.id != mine]
        ids = {contract.id.casefold(): contract.name for contract in others} if mine is None else {}
        return ids, {contract.name.casefold(): contract.id for contract in others}


def problem_sentence(problem: FieldProblem, t: Words) -> str:
    """Return the sentence for a faulty field of either step."""
    field = problem.field.rpartition(".")[2]
    if field == "id" and problem.code == FieldCode.PATTERN:
        return t(_LETTERS)
    if problem.code == FieldCode.TOO_LONG and field in _LONGEST:
        return t("is longer than {count} characters", count=_LONGEST[field])
    if problem.code == FieldCode.RANGE and field in ("users", "volume"):
        return t(_USERS if field == "users" else _VOLUME)
    return field_sentence(problem, t)
