"""Roles and channel permissions of an agent (rules.md 23, 24). Phone includes ticket."""

from dataclasses import dataclass

from octui.schema.agents import AgentChange, NewAgent, Role


@dataclass(frozen=True)
class Rights:
    """Role of an agent in a service, and the channels they may use."""

    role: Role
    ticket: bool
    chat: bool
    phone: bool

    def written(self) -> str:
        """Return the rights as the log keeps them: `ROLE_FRONT_AGENT ticket phone`."""
        channels = (("ticket", self.ticket), ("chat", self.chat), ("phone", self.phone))
        return " ".join([self.role.value, *(name for name, on in channels if on)])


def initial_rights(new: NewAgent) -> Rights:
    """Return the rights of a new agent; phone turns ticket on."""
    return Rights(new.role, new.ticket or new.phone, new.chat, new.phone)


def changed_rights(rights: Rights, change: AgentChange) -> Rights:
    """Return the rights after a change.

    Turning phone on turns ticket on, turning ticket off turns phone off. If one change sets both, phone decides.
    """
    role = rights.role if change.role is None else change.role
    chat = rights.chat if change.chat is None else change.chat
    phone = change.phone if change.phone is not None else rights.phone and change.ticket is not False
    ticket = phone or (rights.ticket if change.ticket is None else change.ticket)
    return Rights(role, ticket, chat, phone)
