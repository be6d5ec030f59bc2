"""Short forms of the values that the tests expect in the log."""

from octui.schema.agents import Role
from octui.schema.audit import (
    AgentRights,
    ContractItems,
    CtiIdentity,
    ItemUsers,
    Membership,
    ServiceBasics,
    ServiceStateValue,
)
from octui.schema.items import Item, ServiceState, ServiceType
from octui.schema.members import MemberState

MEMBER = Membership(state=MemberState.ACTIVE)
INVITED = Membership(state=MemberState.INVITED)


def rights(words: str) -> AgentRights:
    """Return the rights that `agent ticket phone` names."""
    role = Role.ADMIN if "admin" in words else Role.AGENT
    return AgentRights(role=role, ticket="ticket" in words, chat="chat" in words, phone="phone" in words)


def basics(name: str, *languages: str, kind: str = "consultation") -> ServiceBasics:
    return ServiceBasics(
        type=ServiceType(kind), languages=list(languages or ("ko",)), time_zone="Asia/Seoul", name=name
    )


def items(**users: int) -> ContractItems:
    return ContractItems(items=[ItemUsers(item=Item(name), users=count) for name, count in users.items()])


def service_state(name: str) -> ServiceStateValue:
    return ServiceStateValue(state=ServiceState(name))


def cti(cti_id: str | None, cti_no: str | None, *names: str) -> CtiIdentity:
    return CtiIdentity(cti_id=cti_id, cti_no=cti_no, pbx_names=list(names))
