"""Preferences that outlive the program: a person's searches, sort orders and filters, in one file a person."""

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
    """A person's preferences by place (a screen) and name; read at the start, written atomically on each change.

    A file that cannot be read counts as empty, because preferences must not keep anybody from working. Two programs of
    one person may write the same file; each writes only the places it changed.
    """

    def __init__(self, path: Path) -> None:
        """Read the person's preferences file; the first write makes its folder (0700) and the file (0600)."""
        self._path = path
        self._places = _read_places(path)
        self._unwritten: set[str] = set()

    def get(self, place: str, name: str, default: Value = None) -> Value:
        """Return a preference, or `default` if it is not set."""
        return self._places.get(place, {}).get(name, default)

    def get_text(self, place: str, name: str, default: str = "") -> str:
        """Return a preference that is a text, or `default` if it is not set or no text."""
        value = self.get(place, name)
        return value if isinstance(value, str) else default

    def set_values(self, place: str, values: Mapping[str, Value]) -> None:
        """Set preferences of a place (None removes one), and write the file if any changed.

        Raises OSError when it cannot be written: the values still hold until the program ends, and the next call
        writes them too. Raises ValueError for a value that is not a preference.
        """
        new = {**self._places.get(place, {}), **values}
        new = {name: value for name, value in new.items() if value is not None}
        for name, value in new.items():
            if not _is_value(name, value):
                raise ValueError(f"{place}.{name} is not a preference")
        if len(_encode_places({place: new})) > LARGEST_FILE:
            raise ValueError(f"{place} has too much to keep")
        if new == self._places.get(place, {}) and not self._unwritten:
            return
        self._places[place] = new
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
            document = json.loads(file.read(LARGEST_FILE + 1))
    except (OSError, ValueError, RecursionError):
        return {}
    places = document.get("places") if isinstance(document, dict) and document.get("version") == VERSION else None
    if not isinstance(places, dict):
        return {}
    return {
        place: {name: value for name, value in values.items() if _is_value(name, value)}
        for place, values in places.items()
        if isinstance(values, dict)
    }


def _encode_places(places: Mapping[str, Mapping[str, Value]]) -> bytes:
    return json.dumps({"version": VERSION, "places": places}, indent=1).encode()
