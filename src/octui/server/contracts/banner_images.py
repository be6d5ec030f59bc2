"""Decode banner pictures from outside and encode them anew (rules.md 2, security.md).

Pillow reads the header and bounds size and animation before any pixel is decoded. Text, color profiles and EXIF are not
written again; those of a PNG never reach Pillow, which would unpack them before the size is known.
"""

import io
import struct
from dataclasses import dataclass
from threading import BoundedSemaphore

from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from octui.schema.contracts import LARGEST_BANNER, MOST_PIXELS
from octui.schema.problems import FieldCode
from octui.server.core.errors import ProblemError, invalid_field

PNG, JPEG = "image/png", "image/jpeg"

_PNG_SIGNATURE, _JPEG_SIGNATURE = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_PNG_CHUNKS = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL"))
"""Chunks that the pixels depend on, and acTL, by which Pillow recognizes an animation."""
_MOST_SCANS = 64
"""The decoder walks over the whole picture for each scan of a JPEG; a progressive one has about ten."""

_QUALITY = 88
_MODES = frozenset(("1", "L", "LA", "P", "RGB", "RGBA"))
_at_once = BoundedSemaphore(2)  # Drawing a picture takes up to 40 MB.


@dataclass(frozen=True)
class Picture:
    """Encoded picture without metadata."""

    image: bytes
    media_type: str
    width: int
    height: int


def redraw_image(upload: bytes) -> Picture:
    """Return the picture encoded anew: in its own format, turned as its EXIF says, without metadata.

    Raises 422 for a file that is too large, neither PNG nor JPEG, broken, or animated.
    """
    if len(upload) > LARGEST_BANNER:
        raise _image_problem(FieldCode.TOO_LARGE, f"A banner has at most {LARGEST_BANNER >> 20} MiB.")
    if not upload.startswith((_PNG_SIGNATURE, _JPEG_SIGNATURE)):
        raise _image_problem(FieldCode.NOT_AN_IMAGE, "This is neither a PNG nor a JPEG.")
    try:
        with _at_once:
            return _redraw_png(upload) if upload.startswith(_PNG_SIGNATURE) else _redraw_jpeg(upload)
    except ProblemError:
        raise
    except Exception:
        # A decoder raises almost anything for a hostile file: struct.error, SyntaxError, IndexError …
        raise _image_problem(FieldCode.BROKEN_IMAGE, "The picture is broken or cut off.") from None


def _image_problem(code: FieldCode, message: str) -> ProblemError:
    return invalid_field("banner", code, message)


def _redraw_png(upload: bytes) -> Picture:
    with PngImageFile(io.BytesIO(_without_metadata(upload))) as opened:
        _refuse_many_pixels(opened)
        if opened.is_animated:
            raise _image_problem(
                FieldCode.ANIMATED_IMAGE, "A banner does not move: send a picture that is not animated."
            )
        opened.load()
        image: Image.Image = opened.copy()
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda level: level * (1 / 257)).convert("L")
    elif image.mode not in _MODES:
        image = image.convert("RGBA")
    image.info = {name: value for name, value in image.info.items() if name == "transparency"}
    encoded = io.BytesIO()
    image.save(encoded, "PNG")
    return Picture(encoded.getvalue(), PNG, image.width, image.height)


def _without_metadata(png: bytes) -> bytes:
    """Return the PNG with only the chunks in `_PNG_CHUNKS`. Raises struct.error where it is cut off."""
    kept_chunks = [_PNG_SIGNATURE]
    start, kind = len(_PNG_SIGNATURE), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", png, start)
        end = start + 12 + length
        if kind in _PNG_CHUNKS:
            kept_chunks.append(png[start:end])
        start = end
    return b"".join(kept_chunks)


def _redraw_jpeg(upload: bytes) -> Picture:
    if upload.count(b"\xff\xda") > _MOST_SCANS:
        raise ValueError("too many scans")
    with JpegImageFile(io.BytesIO(upload)) as opened:
        _refuse_many_pixels(opened)
        opened.load()
        image: Image.Image = ImageOps.exif_transpose(opened)
    image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    image.info = {}
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=_QUALITY)
    return Picture(encoded.getvalue(), JPEG, image.width, image.height)


def _refuse_many_pixels(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        size = f"{image.width}×{image.height}"
        raise _image_problem(
            FieldCode.TOO_MANY_PIXELS, f"A banner has at most {MOST_PIXELS} pixels; this one is {size}."
        )
