"""Rows of the CTI agent table as roles are added and removed: one row for everybody with a role."""

from sqlalchemy import delete, insert, select, update

from octui.schema.audit import Action, CtiIdentity
from octui.schema.live import CTI_ROWS
from octui.server.database import listing, tables
from octui.server.database.store import Change

_c = tables.cti_agent


def ensure_row(change: Change, member_id: int, account: str, revision: int) -> None:
    """Add the CTI row of a member who was given a role, or mark it as changed."""
    touched = change.connection.execute(update(_c).where(_c.c.member_id == member_id).values(changed=revision))
    if not touched.rowcount:
        # The version begins where the list is, so that an edit of an earlier row of theirs is never taken for its own.
        change.connection.execute(
            insert(_c).values(
                member_id=member_id,
                version=revision,
                cti_id_version=revision,
                cti_no_version=revision,
                changed=revision,
            )
        )
        listing.clear_removal(change, CTI_ROWS, account)


def release_row(
    change: Change, member_id: int, account: str, name: str, service: str, revision: int, *, still_agent: bool
) -> None:
    """Delete the CTI row of a member who lost their last role, and record which values became free.

    With `still_agent` the member has another role: the row stays and is marked as changed.
    """
    if still_agent:
        change.connection.execute(update(_c).where(_c.c.member_id == member_id).values(changed=revision))
        return
    row = change.connection.execute(select(_c.c.cti_id, _c.c.cti_no).where(_c.c.member_id == member_id)).one_or_none()
    change.connection.execute(delete(_c).where(_c.c.member_id == member_id))
    listing.record_removal(change, CTI_ROWS, account, revision)
    if row is not None and (row.cti_id is not None or row.cti_no is not None):
        change.record(
            Action.CTI_CHANGED,
            target_account=account,
            target_name=name,
            service=service,
            before=CtiIdentity(cti_id=row.cti_id, cti_no=row.cti_no),
            after=CtiIdentity(cti_id=None, cti_no=None),
        )
