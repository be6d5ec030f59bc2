"""The CTI agent table as a sheet; importing an unchanged export changes nothing."""

from collections.abc import Sequence

from octui.schema.cti import Column, CtiAgent, CtiEdit
from octui.sheets.read import Table
from octui.text.pbx_names import join_names, normalize_names

COLUMNS = ("ID", "이름", "이메일", "CTI ID", "CTI NO", "PBX 이름", "서비스")
_EDITABLE = {"CTI ID": Column.CTI_ID, "CTI NO": Column.CTI_NO, "PBX 이름": Column.PBX_NAMES}


class SheetProblem(ValueError):
    """Error for a sheet that cannot be an export of the CTI agent table."""


def row_of(agent: CtiAgent) -> tuple[str, ...]:
    """Return an agent as a row of the sheet."""
    return (
        agent.account,
        agent.name,
        agent.email,
        agent.cti_id or "",
        agent.cti_no or "",
        join_names(agent.pbx_names),
        ", ".join(agent.services),
    )


def edits_of(sheet: Table, agents: Sequence[CtiAgent]) -> list[CtiEdit]:
    """Return the cells of the sheet that differ from the table.

    Needs the column ID and at least one of those that can be edited; other columns are ignored.
    Raises SheetProblem for a missing column, an account twice, or an account that is no agent.
    """
    names = [name.strip() for name in sheet.columns]
    if "ID" not in names:
        raise SheetProblem("the column ID is missing; export the table once to see its form.")
    places = {column: names.index(name) for name, column in _EDITABLE.items() if name in names}
    if not places:
        raise SheetProblem("none of the columns CTI ID, CTI NO and PBX 이름 is there.")
    agents_by_account = {agent.account: agent for agent in agents}
    seen: dict[str, int] = {}
    edits = []
    for number, row in enumerate(sheet.rows, start=2):
        account = row[names.index("ID")].strip()
        if not account and not any(cell.strip() for cell in row):
            continue
        if account in seen:
            raise SheetProblem(f"row {number}: ID {account} stands in row {seen[account]} already.")
        if account not in agents_by_account:
            raise SheetProblem(f"row {number}: there is no agent with ID {account or '(empty)'}.")
        seen[account] = number
        agent = agents_by_account[account]
        before = {
            Column.CTI_ID: agent.cti_id,
            Column.CTI_NO: agent.cti_no,
            Column.PBX_NAMES: join_names(agent.pbx_names) or None,
        }
        values = {column: _cell_value(column, row[place]) for column, place in places.items()}
        changed = {column: value for column, value in values.items() if value != before[column]}
        if changed:
            edits.append(CtiEdit(account=account, version=agent.version, set=changed))
    return edits


def _cell_value(column: Column, text: str) -> str | None:
    return (normalize_names(text) if column is Column.PBX_NAMES else text.strip()) or None
