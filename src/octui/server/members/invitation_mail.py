"""Compose the letter of an invitation, with a new one-time code, when it is sent (rules.md 17)."""

from sqlalchemy import select

from octui.server.database import tables
from octui.server.database.unit_of_work import Change
from octui.server.mail import letters
from octui.server.mail.delivery import Composed
from octui.server.mail.outbox import Due
from octui.server.members import invitation_store


def compose_invitation(change: Change, due: Due, url: str) -> Composed | None:
    """Return the member's name and the letter, or None if the invitation was revoked or accepted."""
    code = invitation_store.set_new_code(change, due.about)
    member = invitation_store.find_invitation(change.connection, due.about)
    if code is None or member is None:
        return None
    m, o = tables.member, tables.organization
    language = change.connection.scalar(select(m.c.language).where(m.c.id == member.member_id))
    letter = letters.invitation_letter(
        language or "en",
        organization=change.connection.scalar(select(o.c.name)) or "",
        sender=due.params.get("from", ""),
        account=member.account,
        name=member.name,
        code=code,
        url=url,
        days=invitation_store.VALID_MS // 86_400_000,
    )
    return Composed(member.name, letter)
