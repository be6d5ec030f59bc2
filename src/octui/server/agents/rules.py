"""Roles and channel permissions: what brings what, and how they are written into the log (rules.md 23, 24)."""

from dataclasses import dataclass

from octui.schema.agents import AgentChange, NewAgent, Role


@dataclass(frozen=True)
class Rights:
    """A role in a service and the channels it may use."""

    role: Role
    ticket: bool
    chat: bool
    phone: bool

    def written(self) -> str:
        """Short and stable, for the log: `ROLE_FRONT_AGENT ticket phone`."""
        channels = (("ticket", self.ticket), ("chat", self.chat), ("phone", self.phone))
        return " ".join([self.role.value, *(name for name, on in channels if on)])


def initial_rights(new: NewAgent) -> Rights:
    """The rights of a new agent. Phone brings ticket."""
    return Rights(new.role, new.ticket or new.phone, new.chat, new.phone)


def changed_rights(rights: Rights, change: AgentChange) -> Rights:
    """The rights after a change. Phone brings ticket: turning phone on turns ticket on, turning ticket off turns
    phone off, and of both in one change phone decides."""
    role = rights.role if change.role is None else change.role
    chat = rights.chat if change.chat is None else change.chat
    phone = change.phone if change.phone is not None else rights.phone and change.ticket is not False
    ticket = phone or (rights.ticket if change.ticket is None else change.ticket)
    return Rights(role, ticket, chat, phone)
