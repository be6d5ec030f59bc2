"""A pyte screen, and what a person sees on it."""

from typing import Any

import pyte


def screen(width: int, height: int) -> tuple[pyte.Screen, pyte.Stream]:
    terminal = pyte.Screen(width, height)
    terminal.reset_mode(7, private=True)
    return terminal, pyte.Stream(terminal)


def seen(terminal: pyte.Screen) -> list[list[tuple[Any, ...]]]:
    """What a person sees in each cell: of a blank only its background."""

    def cell(y: int, x: int) -> tuple[Any, ...]:
        c = terminal.buffer[y][x]
        marks = (c.reverse, c.underscore, c.strikethrough)
        if c.data == " " and not any(marks):
            return " ", c.bg
        return c.data, c.bg, c.fg, c.bold, c.italics, *marks

    return [[cell(y, x) for x in range(terminal.columns)] for y in range(terminal.lines)]
