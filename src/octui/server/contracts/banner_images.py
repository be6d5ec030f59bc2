"""Service banners: pictures from outside, judged by their first bytes and drawn anew (rules.md 2, security.md).

Nothing is decoded before its size is known from the header; text, colour profiles, EXIF and whatever else is hidden in
a file never reach the decoder or come out again.
"""

import io
import struct
from dataclasses import dataclass
from threading import BoundedSemaphore

from PIL import Image, ImageOps

from octui.schema.contracts import LARGEST_BANNER, MOST_PIXELS
from octui.schema.problems import FieldCode
from octui.server.core.errors import ProblemError, invalid_field

PNG, JPEG = "image/png", "image/jpeg"

_PNG_BEGINS, _JPEG_BEGINS = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_PNG_KEPT = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"))
_MOST_SCANS = 64
"""Each scan of a JPEG is a walk over the whole picture; a progressive one has about ten."""

_QUALITY = 88
_MODES = frozenset(("1", "L", "LA", "P", "RGB", "RGBA"))
_at_once = BoundedSemaphore(2)  # a picture takes up to 40 MB while it is drawn


@dataclass(frozen=True)
class Picture:
    """A picture of ours."""

    image: bytes
    media_type: str
    width: int
    height: int


class _Broken(Exception):
    """The file does not hold what its first bytes promise."""


def redraw_image(sent: bytes) -> Picture:
    """Return the picture encoded anew: in its own format, turned as its EXIF says, without metadata.

    Raises 422 for a file that is too large, neither PNG nor JPEG, broken, or animated.
    """
    if len(sent) > LARGEST_BANNER:
        raise _image_problem(FieldCode.TOO_LARGE, f"A banner has at most {LARGEST_BANNER >> 20} MiB.")
    try:
        if sent.startswith(_PNG_BEGINS):
            media_type, (width, height), plain = PNG, *_of_png(sent)
        elif sent.startswith(_JPEG_BEGINS):
            media_type, (width, height), plain = JPEG, _size_of_jpeg(sent), sent
        else:
            raise _image_problem(FieldCode.NOT_AN_IMAGE, "This is neither a PNG nor a JPEG.")
        _refuse_many_pixels(width, height)
        with _at_once:
            return _redraw(plain, media_type)
    except ProblemError:
        raise
    except Exception:
        # Whatever a decoder says of a hostile file (struct.error, SyntaxError, IndexError …), it is no picture to it.
        raise _image_problem(FieldCode.BROKEN_IMAGE, "The picture is broken or cut off.") from None


def _image_problem(code: FieldCode, message: str) -> ProblemError:
    return invalid_field("banner", code, message)


def _refuse_many_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise _image_problem(
            FieldCode.TOO_MANY_PIXELS, f"A banner has at most {MOST_PIXELS} pixels; this one is {width}×{height}."
        )


def _of_png(sent: bytes) -> tuple[tuple[int, int], bytes]:
    """Size, and the file without its chunks of text, profiles and the like, which may be bombs of their own."""
    kept = [_PNG_BEGINS]
    size: tuple[int, int] | None = None
    at = len(_PNG_BEGINS)
    kind = b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", sent, at)
        end = at + 12 + length
        if end > len(sent) or (size is None) != (kind == b"IHDR"):
            raise _Broken
        if kind == b"IHDR":
            size = struct.unpack_from(">II", sent, at + 8)
        if kind in (b"acTL", b"fcTL"):
            raise _image_problem(
                FieldCode.ANIMATED_IMAGE, "A banner does not move: send a picture that is not animated."
            )
        if kind in _PNG_KEPT:
            kept.append(sent[at:end])
        at = end
    if size is None or 0 in size:
        raise _Broken
    return size, b"".join(kept)


def _size_of_jpeg(sent: bytes) -> tuple[int, int]:
    if sent.count(b"\xff\xda") > _MOST_SCANS:
        raise _Broken
    at = 2
    while True:
        mark, kind = sent[at], sent[at + 1]
        if mark != 0xFF:
            raise _Broken
        if kind == 0xFF:  # filling
            at += 1
            continue
        (length,) = struct.unpack_from(">H", sent, at + 2)
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", sent, at + 5)
            if not height or not width:
                raise _Broken
            return width, height
        at += 2 + length


def _redraw(plain: bytes, media_type: str) -> Picture:
    with Image.open(io.BytesIO(plain), formats=["PNG" if media_type == PNG else "JPEG"]) as opened:
        # The decoder may have found another size than we did, in a file made for that.
        _refuse_many_pixels(*opened.size)
        opened.load()
        image: Image.Image = ImageOps.exif_transpose(opened)
    if media_type == JPEG:
        image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    elif image.mode.startswith("I"):
        image = image.convert("I").point(lambda level: level * (1 / 257)).convert("L")
    elif image.mode not in _MODES:
        image = image.convert("RGBA")
    image.info = {name: value for name, value in image.info.items() if name == "transparency" and media_type == PNG}
    into = io.BytesIO()
    if media_type == PNG:
        image.save(into, "PNG")
    else:
        image.save(into, "JPEG", quality=_QUALITY)
    return Picture(into.getvalue(), media_type, image.width, image.height)
