"""States of a service: what may be done in each, and how one follows another (rules.md 1, 5, 6, 8).

The rules of a contract's items, languages and edits are in server/contracts/rules.py.
"""

from octui.schema.items import ServiceState
from octui.schema.problems import Code, FieldCode
from octui.server.core.errors import ProblemError, invalid_field

NOT_REGISTERED = "The service is a draft: its contract has to be registered first."
TERMINATED = "The service is terminated: nothing of it changes any more."

_SWITCHES = frozenset(
    (
        (ServiceState.IN_USE, ServiceState.SUSPENDED),
        (ServiceState.SUSPENDED, ServiceState.IN_USE),
        (ServiceState.SUSPENDED, ServiceState.TERMINATED),
    )
)
"""Allowed changes of the state; a draft is registered instead (rules.md 1, 5, 6)."""


def require_changeable(state: ServiceState) -> None:
    """Raise 409 for a terminated service, which never changes again."""
    if state is ServiceState.TERMINATED:
        raise ProblemError(Code.SERVICE_TERMINATED, 409, TERMINATED)


def require_draft(state: ServiceState) -> None:
    """Raise 409 unless the service is a draft: a registered one is terminated, never deleted."""
    require_changeable(state)
    if state is not ServiceState.DRAFT:
        raise ProblemError(Code.NOT_A_DRAFT, 409, "The service has a contract: it is terminated, not dropped.")


def require_in_use(state: ServiceState) -> None:
    """Raise 403 unless the service is in use: nobody works in any other (rules.md 8)."""
    if state is not ServiceState.IN_USE:
        raise ProblemError(Code.SERVICE_NOT_IN_USE, 403, f"The service is not in use ({state.value}).")


def require_contract(state: ServiceState) -> None:
    """Raise 403 for a draft or terminated service, which takes in no events. A suspended one does."""
    if state in (ServiceState.DRAFT, ServiceState.TERMINATED):
        raise ProblemError(Code.SERVICE_NOT_IN_USE, 403, f"The service takes in no events ({state.value}).")


def check_switch(state: ServiceState, target: ServiceState) -> bool:
    """Return whether the state changes.

    Raises 409 with the reason, 422 for a state that cannot be chosen (rules.md 1, 6).
    """
    if target is state and target is not ServiceState.DRAFT:
        return False
    if target is ServiceState.DRAFT:
        raise invalid_field("state", FieldCode.UNKNOWN_VALUE, "A service does not become a draft again.")
    require_changeable(state)
    if state is ServiceState.DRAFT:
        raise ProblemError(Code.NOT_REGISTERED, 409, NOT_REGISTERED)
    if (state, target) not in _SWITCHES:
        raise ProblemError(Code.NOT_SUSPENDED, 409, "Only a suspended service is terminated: suspend it first.")
    return True
