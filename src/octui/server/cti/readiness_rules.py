"""Conditions for an agent to log in to CTI, in the order of checking (rules.md 23)."""

from dataclasses import dataclass

from octui.schema.cti import Step
from octui.schema.problems import Code
from octui.server.core.errors import ProblemError


@dataclass(frozen=True)
class Facts:
    """Everything that an agent's readiness for phone depends on.

    `contract`: telticket is on and the service is in use. `settings`: the CTI settings are complete.
    """

    contract: bool
    settings: bool
    permission: bool
    cti_id: bool
    cti_no: bool


def met_steps(facts: Facts) -> list[Step]:
    """Return the conditions that hold, in their order."""
    holds = {
        Step.CONTRACT: facts.contract,
        Step.SETTINGS: facts.settings,
        Step.PERMISSION: facts.permission,
        Step.NUMBERS: facts.cti_id and facts.cti_no,
    }
    return [step for step in Step if holds[step]]


def first_unmet_step(facts: Facts) -> Step | None:
    """Return the first condition that does not hold, or None if the agent is ready."""
    met = met_steps(facts)
    return next((step for step in Step if step not in met), None)


def require_ready(facts: Facts) -> None:
    """Raise an error for the first condition that does not hold.

    403 for a missing right, 409 for anything else that is missing.
    """
    match first_unmet_step(facts):
        case Step.CONTRACT:
            raise ProblemError(Code.NO_PHONE_CONTRACT, 403, "The service's contract has no phone CTI.")
        case Step.SETTINGS:
            raise ProblemError(
                Code.NO_CTI_SETTINGS, 409, "The CTI settings are not complete yet: an organization admin sets them."
            )
        case Step.PERMISSION:
            raise ProblemError(Code.NO_PHONE_PERMISSION, 403, "You have no phone permission in this service.")
        case Step.NUMBERS:
            missing = "CTI NO" if facts.cti_id else "CTI ID"
            raise ProblemError(Code.NO_CTI_NUMBERS, 409, f"You have no {missing} yet: an admin sets it.")
