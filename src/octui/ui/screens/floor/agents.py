"""Layout of the floor's agents: the longest in their state first, each with a bar up to the state's limit."""

from collections.abc import Sequence
from itertools import groupby

from rich.segment import Segment

from octui.schema.stats import PhoneState
from octui.state.agent_limits import AgentRow
from octui.text.glyphs import glyphs
from octui.text.width import cell_width, fit_text
from octui.ui.cells.bars import row_bar
from octui.ui.cells.marks import card_head
from octui.ui.cells.states import chip, state_role
from octui.ui.roles import Role
from octui.ui.screens.floor.scene import (
    FloorScene,
    Part,
    first_shown,
    minutes_text,
    padded,
    paint,
    row_ground,
    running_time,
)
from octui.ui.widgets.card_lines import Line, fit_line
from octui.ui.words.stats import PHONE_LABELS

ELAPSED, SINCE, LIMIT, MOST_BAR = 9, 8, 9, 60
BAR_OVER = 1.5
"""How many times the limit the whole bar stands for; the tick is at the limit."""


def agents_card(scene: FloorScene, cells: int, rows: int) -> list[Line]:
    """Return head, column labels and as many agents as fit; below them a bar of all states, if rows are left."""
    t, agents = scene.t, scene.agents
    if rows < 3:
        return []
    service = scene.service
    over = sum(row.is_over for row in agents or ())
    beyond = t("over the limit")
    note = scene.sort + (f"   {glyphs().refused} {beyond} {over}" if agents else "")
    title = t("Agents")
    if service is not None:
        title += f"  {service.name}"
        title += "" if agents is None else f" {len(agents)}"
    state = max(cell_width(t(label)) for label in PHONE_LABELS.values())
    bar = cells - 2 - 12 - 3 - state - ELAPSED - SINCE - LIMIT - 5
    name = 12 + max(0, min(10, bar - 20))
    bar = max(0, min(MOST_BAR, bar - (name - 12)))
    if bar < 6:
        bar = 0
    lines: list[Line] = [card_head(scene.pens, title, note, cells)]
    labels = "  " + fit_text(t("Name"), name) + "   " + fit_text(t("State"), state) + padded(t("For"), ELAPSED)
    labels += "  " + fit_text(t("To the limit"), bar) + "  " if bar else ""
    labels += padded(t("Since"), SINCE) + padded(t("Limit"), LIMIT)
    lines.append(fit_line(scene, [paint(scene, labels, "soft")], cells))
    if not agents:
        text = scene.note or (t("Nobody is logged in.") if agents is not None else glyphs().unknown)
        return [*lines, fit_line(scene, [paint(scene, "  " + text, "soft")], cells)]
    room = rows - len(lines)
    first = first_shown(scene.cursors.get(Part.AGENTS, 0), len(agents), room)
    for number in range(first, min(len(agents), first + room)):
        ground = row_ground(scene, Part.AGENTS, number)
        lines.append(_agent_line(scene, agents[number], (name, state, bar), ground, cells))
    if rows - len(lines) >= 5:
        lines += _all_lines(scene, agents, cells)
    return lines


def _agent_line(scene: FloorScene, row: AgentRow, widths: tuple[int, int, int], ground: Role, cells: int) -> Line:
    """Return an agent's row; only an agent over the limit has running seconds."""
    name, state, bar = widths
    t, is_over = scene.t, row.is_over
    elapsed = running_time(row.seconds) if is_over else minutes_text(row.seconds, t)
    line: Line = [
        paint(scene, (glyphs().refused if is_over else " ") + " ", "bad", ground, bold=is_over),
        paint(scene, fit_text(row.name, name) + " ", "ink", ground, bold=is_over),
        chip(scene.pens, row.state),
        paint(scene, " " + fit_text(t(PHONE_LABELS[row.state]), state), "ink" if is_over else "soft", ground),
        paint(scene, padded(elapsed, ELAPSED), "ink", ground, bold=is_over),
        paint(scene, "  ", "ink", ground),
    ]
    if bar:
        line += _limit_bar(scene, row, bar, ground)
        line.append(paint(scene, "  ", "ink", ground))
    limit = "" if row.limit is None else minutes_text(row.limit, t)
    line.append(paint(scene, padded(scene.clock(row.since), SINCE) + padded(limit, LIMIT), "soft", ground))
    return fit_line(scene, line, cells, scene.pens.text("ink", ground))


def _limit_bar(scene: FloorScene, row: AgentRow, cells: int, ground: Role) -> Line:
    """Return the time in the state as a bar with a tick at the limit; empty cells for a state without a limit."""
    if row.limit is None:
        return [paint(scene, " " * cells, "ink", ground)]
    role: Role = "bad" if row.is_over else "old" if scene.stale else state_role(row.state)
    top = row.limit * BAR_OVER
    return row_bar(scene.pens, role, row.seconds, top, cells, ticks=(row.limit,), on=ground)


def _all_lines(scene: FloorScene, rows: Sequence[AgentRow], cells: int) -> list[Line]:
    """Return a bar of how many agents are in each state, and its legend with the numbers."""
    order = list(PhoneState)
    counts = [
        (state, len(list(group)))
        for state, group in groupby(sorted(rows, key=lambda row: order.index(row.state)), key=lambda row: row.state)
    ]
    title = scene.t("What they are doing now")
    room, done, so_far = max(0, cells - 4), 0, 0
    bar: Line = [paint(scene, "  ", "ink")]
    legend: Line = [paint(scene, "  ", "ink")]
    for state, count in counts:
        so_far += count
        end = room * so_far // len(rows)
        if end > done:
            bar.append(Segment(fit_text(f" {count}", end - done), scene.pens.fill(state_role(state), bold=True)))
        done = end
        legend += [
            chip(scene.pens, state),
            paint(scene, f" {scene.t(PHONE_LABELS[state])} ", "soft"),
            paint(scene, f"{count}   ", "ink", bold=True),
        ]
    blank = fit_line(scene, [], cells)
    return [blank, fit_line(scene, [paint(scene, "  " + title, "ink", bold=True)], cells)] + [
        fit_line(scene, line, cells) for line in (bar, legend)
    ]
