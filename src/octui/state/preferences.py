"""What stays from one day to the next: a person's searches, sort orders and filters, one small file for each person."""

import json
from collections.abc import Mapping
from pathlib import Path

from octui.files import write_atomically

Value = str | int | bool | None | list[str]

LARGEST_FILE = 256 * 1024
MOST_PLACES = 100
LONGEST_TEXT = 2_000
VERSION = 1


class Preferences:
    """Preferences by place (a screen) and name, read at once and written on each change, whole or not at all.

    A file that cannot be read counts as empty: preferences never keep anybody from working. Two programs of one person
    may write the same file; each writes only the places it changed.
    """

    def __init__(self, path: Path) -> None:
        """`path`: this person's file; folders are made when first written (0700), the file is 0600."""
        self._path = path
        self._places = _read_places(path)
        self._unwritten: set[str] = set()

    def get(self, place: str, name: str, default: Value = None) -> Value:
        """A preference, `default` where there is none."""
        return self._places.get(place, {}).get(name, default)

    def get_text(self, place: str, name: str, default: str = "") -> str:
        """A preference that is a text; `default` where there is none or it is something else."""
        value = self.get(place, name)
        return value if isinstance(value, str) else default

    def set_values(self, place: str, values: Mapping[str, Value]) -> None:
        """Set preferences of a place and write the file if anything changed; None takes one away.

        Raises OSError when it cannot be written: the values hold all the same until the program ends, and the next
        `put` writes them too. Raises ValueError for what is no preference.
        """
        mine = {**self._places.get(place, {}), **values}
        mine = {name: value for name, value in mine.items() if value is not None}
        for name, value in mine.items():
            if not _is_value(name, value):
                raise ValueError(f"{place}.{name} is not a preference")
        if len(_encode_places({place: mine})) > LARGEST_FILE:
            raise ValueError(f"{place} has too much to keep")
        if mine == self._places.get(place, {}) and not self._unwritten:
            return
        self._places[place] = mine
        self._unwritten.add(place)
        newest = _read_places(self._path)
        for changed in self._unwritten:
            newest.pop(changed, None)
            if self._places[changed]:
                newest[changed] = self._places[changed]
        while len(newest) > MOST_PLACES or len(_encode_places(newest)) > LARGEST_FILE:
            del newest[next(iter(newest))]
        write_atomically(self._path, _encode_places(newest), sync=False)
        self._places = newest
        self._unwritten.clear()


def _is_value(name: object, value: object) -> bool:
    if not isinstance(name, str) or len(name) > LONGEST_TEXT:
        return False
    if isinstance(value, list):
        return len(value) <= MOST_PLACES and all(isinstance(part, str) and len(part) <= LONGEST_TEXT for part in value)
    return (isinstance(value, str) and len(value) <= LONGEST_TEXT) or isinstance(value, int)


def _read_places(path: Path) -> dict[str, dict[str, Value]]:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(LARGEST_FILE + 1))
    except (OSError, ValueError, RecursionError):
        return {}
    places = found.get("places") if isinstance(found, dict) and found.get("version") == VERSION else None
    if not isinstance(places, dict):
        return {}
    return {
        place: {name: value for name, value in values.items() if _is_value(name, value)}
        for place, values in places.items()
        if isinstance(values, dict)
    }


def _encode_places(places: Mapping[str, Mapping[str, Value]]) -> bytes:
    return json.dumps({"version": VERSION, "places": places}, indent=1).encode()
