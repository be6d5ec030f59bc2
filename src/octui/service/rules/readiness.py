"""Whether an agent can log in to CTI, and what has to be done first (domain.md 23)."""

from dataclasses import dataclass

from octui.schema.cti import Step


@dataclass(frozen=True)
class Facts:
    """What is looked at. `contract`: telticket is on and the service is in use; `settings`: they are complete."""

    contract: bool
    settings: bool
    permission: bool
    cti_id: bool
    cti_no: bool


def met(facts: Facts) -> list[Step]:
    """The conditions that hold, in their order."""
    holds = {
        Step.CONTRACT: facts.contract,
        Step.SETTINGS: facts.settings,
        Step.PERMISSION: facts.permission,
        Step.NUMBERS: facts.cti_id and facts.cti_no,
    }
    return [step for step in Step if holds[step]]


def unmet(facts: Facts) -> Step | None:
    """The first condition that does not hold; None: ready for phone."""
    held = met(facts)
    return next((step for step in Step if step not in held), None)
