"""Triggers that keep the log append-only in the database itself (architecture.md 4.7).

They guard against mistakes and injected SQL. The owner of the file or the table can drop a trigger; the hash chain and
the signed checkpoints show what was changed then. The statements contain no ``:`` and no ``%``, which drivers and
migration tools would read as parameters.
"""

_DICTIONARIES = {
    "audit_person": ("account, name, folded_account, folded, choseong", "account = NEW.account AND name = NEW.name"),
    "audit_ip": ("ip, packed", "ip = NEW.ip"),
    "audit_service": ("code", "code = NEW.code"),
    "audit_action": ("action", "action = NEW.action"),
}
_APPEND_ONLY = "the permission-change log is append-only"
_NOT_NEXT = "the permission-change log takes only the next entry"


def _sqlite_trigger(name: str, when: str, condition: str = "", message: str = _APPEND_ONLY) -> str:
    condition = f" WHEN {condition}" if condition else ""
    return f"CREATE TRIGGER {name} BEFORE {when}{condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"


# INSERT OR REPLACE deletes without firing a delete trigger, so inserts that meet an existing row are refused.
SQLITE: tuple[str, ...] = (
    _sqlite_trigger("audit_no_update", "UPDATE ON audit"),
    _sqlite_trigger("audit_no_delete", "DELETE ON audit"),
    _sqlite_trigger(
        "audit_only_next",
        "INSERT ON audit",
        "NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)"
        " OR NEW.at < (SELECT at FROM audit ORDER BY seq DESC LIMIT 1)",
        _NOT_NEXT,
    ),
    _sqlite_trigger("audit_head_no_delete", "DELETE ON audit_head"),
    _sqlite_trigger("audit_head_only_on", "UPDATE ON audit_head", "NEW.id IS NOT OLD.id OR NEW.seq <= OLD.seq"),
    _sqlite_trigger("audit_head_one", "INSERT ON audit_head", "NEW.id IS NOT 1 OR EXISTS (SELECT 1 FROM audit_head)"),
    *(
        statement
        for table, (columns, same) in _DICTIONARIES.items()
        for statement in (
            _sqlite_trigger(f"{table}_no_update", f"UPDATE OF id, {columns} ON {table}"),
            _sqlite_trigger(f"{table}_no_delete", f"DELETE ON {table}"),
            _sqlite_trigger(
                f"{table}_no_replace",
                f"INSERT ON {table}",
                f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id OR ({same}))",
            ),
        )
    ),
)


def _postgresql_trigger(name: str, when: str, level: str = "ROW", condition: str = "", function: str = "refuse") -> str:
    condition = f" WHEN ({condition})" if condition else ""
    return f"CREATE TRIGGER {name} BEFORE {when} FOR EACH {level}{condition} EXECUTE FUNCTION octui_audit_{function}()"


def _refusing_function(function: str, before: str, message: str) -> str:
    return (
        f"CREATE FUNCTION octui_audit_{function}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {before} RAISE EXCEPTION '{message}' USING ERRCODE = 'insufficient_privilege'; END $$"
    )


POSTGRESQL: tuple[str, ...] = (
    _refusing_function("refuse", "", _APPEND_ONLY),
    _refusing_function(
        "next",
        "IF NEW.seq = (SELECT coalesce(max(seq), 0) + 1 FROM audit)"
        " AND NEW.at >= coalesce((SELECT at FROM audit ORDER BY seq DESC LIMIT 1), 0) THEN RETURN NEW; END IF;",
        _NOT_NEXT,
    ),
    _postgresql_trigger("audit_no_change", "UPDATE OR DELETE ON audit"),
    _postgresql_trigger("audit_only_next", "INSERT ON audit", function="next"),
    _postgresql_trigger("audit_head_no_delete", "DELETE ON audit_head"),
    _postgresql_trigger(
        "audit_head_only_on", "UPDATE ON audit_head", condition="NEW.id <> OLD.id OR NEW.seq <= OLD.seq"
    ),
    _postgresql_trigger("audit_head_one", "INSERT ON audit_head", condition="NEW.id <> 1"),
    *(
        statement
        for table, (columns, _) in _DICTIONARIES.items()
        for statement in (
            _postgresql_trigger(f"{table}_no_update", f"UPDATE OF id, {columns} ON {table}"),
            _postgresql_trigger(f"{table}_no_delete", f"DELETE ON {table}"),
        )
    ),
    *(
        _postgresql_trigger(f"{table}_no_truncate", f"TRUNCATE ON {table}", "STATEMENT")
        for table in ("audit", "audit_head", *_DICTIONARIES)
    ),
)

DIALECTS: dict[str, tuple[str, ...]] = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
