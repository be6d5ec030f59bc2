"""What a caller's rights rest on, held while they write."""

from sqlalchemy import Connection

from octui.server.core.principal import Principal

# Whoever takes a right away deletes or changes one of these rows, so it waits for who holds them, or they for it.
_LOCK = (
    "WITH person AS (SELECT 1 FROM member WHERE id = %(member)s FOR KEY SHARE), "
    "admin AS (SELECT 1 FROM organization_admin WHERE member_id = %(member)s FOR SHARE), "
    "role AS (SELECT 1 FROM agent WHERE member_id = %(member)s FOR SHARE), "
    "credential AS (SELECT 1 FROM token WHERE id = %(credential)s FOR KEY SHARE) "
    "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM admin), (SELECT count(*) FROM role), "
    "(SELECT count(*) FROM credential)"
)


def lock_granting_rows(connection: Connection, principal: Principal) -> None:
    """Keep what the caller's rights rest on as it is until this transaction ends; what is being changed by another is
    waited for, and the next statement sees how that ended. On SQLite the one writer is alone anyway."""
    if connection.dialect.name == "postgresql" and principal.member_id is not None:
        credential = None if principal.credential is None else principal.credential.id
        connection.exec_driver_sql(_LOCK, {"member": principal.member_id, "credential": credential})
