"""Pack the large letters of the wall from the BDF files of the pixel font Galmuri (version 2.40.3, SIL OFL 1.1).

    python tools/pack_letters.py FOLDER_WITH_THE_BDF_FILES

writes `src/octui/ui/wall/letters.zlib`; the same files give the same bytes. Its content is a sequence of blocks of
numbers of two bytes: height, number of letters, then a plane of code steps, one of advances and one for each row of
dots. The 11,172 syllables are ordered by their final consonant, so that equal rows lie side by side: 41 KB letter by
letter, 10 KB like this. Kanji are those of JIS X 0208, level 1; made bold they would close up, so they stay thin.
"""

import sys
import zlib
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "octui" / "ui" / "wall" / "letters.zlib"
HANGUL = range(0xAC00, 0xD7A4)
FINALS = 28
BY_FINAL = [syllable for final in range(FINALS) for syllable in HANGUL[final::FINALS]]
LATIN = range(0x21, 0x7F)
KANA = [*range(0x3041, 0x3097), *range(0x30A1, 0x30FB), 0x30FC]
MARKS = [0xB7, *map(ord, "「」・、。々〆")]
KANJI = sorted(
    ord(bytes((row, cell)).decode("euc_jp"))
    for row in range(0xB0, 0xD0)
    for cell in range(0xA1, 0xFF)
    if not (row == 0xCF and cell > 0xD3)
)
MOST_DOTS = 16

Glyph = tuple[int, list[int]]
"""Advance, and the rows of dots from the top, the left dot in the highest of 16 bits."""


def read_bdf(path: Path) -> dict[int, tuple[int, tuple[int, int, int, int], list[str]]]:
    """Return advance, box (width, height, x, y) and rows in hexadecimal of each letter of a BDF file."""
    letters = {}
    code, advance, box, rows = -1, 0, (0, 0, 0, 0), None
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(" ")
        if key == "ENCODING":
            code = int(value)
        elif key == "DWIDTH":
            advance = int(value.split()[0])
        elif key == "BBX":
            width, height, x, y = map(int, value.split())
            box = (width, height, x, y)
        elif key == "BITMAP":
            rows = []
        elif key == "ENDCHAR":
            letters[code] = (advance, box, rows or [])
            rows = None
        elif rows is not None:
            rows.append(key)
    return letters


def draw_letter(
    letter: tuple[int, tuple[int, int, int, int], list[str]], height: int, base: int, *, bold: bool
) -> Glyph | None:
    """Return the letter on rows of `height` dots, or None where it does not fit; `bold` makes strokes a dot wider.

    `base`: rows below the base line. A letter that hangs lower is lifted, and cut below where it is too high.
    """
    advance, (width, tall, x, y), rows = letter
    if tall > height:
        tall, y, rows = height, y + tall - height, rows[:height]
    if max(x, 0) + width + bold > MOST_DOTS:
        return None
    top = min(max(height - base - y - tall, 0), height - tall)
    dots = [0] * height
    for at, row in enumerate(rows):
        bits = int(row, 16) << MOST_DOTS >> 4 * len(row) >> max(x, 0)
        dots[top + at] = (bits | bits >> 1 if bold else bits) & 0xFFFF
    return max(advance, max(x, 0) + width + 1) + bold, dots


def pack_block(letters: dict[int, Glyph], height: int) -> bytes:
    """Return one block: height and number of letters, then planes: code steps, advances, rows of dots."""
    codes = list(letters)
    steps = [(code - before) % 0x10000 for before, code in zip([0, *codes], codes, strict=False)]
    planes = [[height, len(letters)], steps, [advance for advance, _ in letters.values()]]
    planes += [[dots[row] for _, dots in letters.values()] for row in range(height)]
    return b"".join(number.to_bytes(2, "big") for plane in planes for number in plane)


def main() -> None:
    folder = Path(sys.argv[1])
    content = b""
    for font, codes, height, base, bold in (
        ("Galmuri11-Bold", BY_FINAL, 12, 1, False),
        ("Galmuri11-Bold", LATIN, 12, 1, False),
        ("Galmuri11", [*KANA, *MARKS], 12, 1, True),
        ("Galmuri11", KANJI, 12, 1, False),
        ("Galmuri14", BY_FINAL, 14, 0, True),
        ("Galmuri14", [*LATIN, *KANA, *MARKS], 14, 0, True),
    ):
        source = read_bdf(folder / f"{font}.bdf")
        drawn = {code: draw_letter(source[code], height, base, bold=bold) for code in codes if code in source}
        letters = {code: glyph for code, glyph in drawn.items() if glyph is not None and any(glyph[1])}
        block = pack_block(letters, height)
        sys.stdout.write(f"{font} {height}: {len(letters):,} letters, {len(zlib.compress(block, 9)):,} bytes\n")
        content += block
    TARGET.write_bytes(zlib.compress(content, 9))
    sys.stdout.write(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
