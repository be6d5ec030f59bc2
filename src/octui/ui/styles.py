"""Paths of the style sheets: in the installed package, or in `styles/` of the repository if installed editable."""

from pathlib import Path, PurePath

_PACKAGED = Path(__file__).parents[1] / "styles"
_FOLDER = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[3] / "styles"

STYLES: list[str | PurePath] = [str(path) for path in sorted(_FOLDER.glob("*.tcss"))]
