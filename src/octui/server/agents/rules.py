"""Roles and channel permissions of an agent (rules.md 23). Phone includes ticket."""

from octui.schema.agents import AgentChange, NewAgent
from octui.schema.audit import AgentRights


def initial_rights(new: NewAgent) -> AgentRights:
    """Return the rights of a new agent; phone turns ticket on."""
    return AgentRights(role=new.role, ticket=new.ticket or new.phone, chat=new.chat, phone=new.phone)


def changed_rights(rights: AgentRights, change: AgentChange) -> AgentRights:
    """Return the rights after a change.

    Turning phone on turns ticket on, turning ticket off turns phone off. If one change sets both, phone decides.
    """
    role = rights.role if change.role is None else change.role
    chat = rights.chat if change.chat is None else change.chat
    phone = change.phone if change.phone is not None else rights.phone and change.ticket is not False
    ticket = phone or (rights.ticket if change.ticket is None else change.ticket)
    return AgentRights(role=role, ticket=ticket, chat=chat, phone=phone)
