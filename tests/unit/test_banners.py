"""Banners: invalid files, decompression bombs, and what is left of a valid picture (rules.md 2)."""

import io
import struct
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from octui.schema.contracts import LARGEST_BANNER
from octui.server.contracts.banner_images import redraw_image
from octui.server.core.errors import ProblemError

BEGIN = b"\x89PNG\r\n\x1a\n"


def encode_image(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    into = io.BytesIO()
    color: Any = {"RGB": (200, 30, 60), "RGBA": (200, 30, 60, 128), "CMYK": (1, 2, 3, 4), "LA": (9, 200)}.get(mode, 1)
    Image.new(mode, size, color).save(into, kind, **options)
    return into.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, *middle: bytes) -> bytes:
    """Return a PNG of grey pixels with these chunks between header and data."""
    deflate = zlib.compressobj(9)
    rows = b"".join(deflate.compress(bytes(width + 1)) for _ in range(min(height, 4000))) + deflate.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return BEGIN + head + b"".join(middle) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def largest_png() -> bytes:
    """Return a PNG of one pixel whose header claims the largest size there is."""
    header = struct.pack(">IIBBBBB", 0x7FFFFFFF, 0x7FFFFFFF, 8, 0, 0, 0, 0)
    return BEGIN + chunk(b"IHDR", header) + png_of(1, 1)[len(BEGIN) + 25 :]


def jpeg_of(width: int, height: int) -> bytes:
    """Return a JPEG whose header claims this size."""
    small = bytearray(encode_image("JPEG"))
    at = small.index(b"\xff\xc0")
    small[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(small)


def jpeg_of_two_sizes(width: int, height: int) -> bytes:
    """Return a JPEG of this size that looks like 16×16 to a parser that expects a length after every marker."""
    large = encode_image("JPEG", "L", (width, height))
    header, scan = large[2:].split(b"\xff\xda", 1)
    small = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 16, 16, 1) + b"\x01\x11\x00"
    comment = b"\xff\xfe" + struct.pack(">H", 2 + len(small))
    skipped = b"\xff\xd0" + struct.pack(">H", 2 + len(header) + len(comment))
    return large[:2] + skipped + header + comment + small + b"\xff\xda" + scan


def animated_png() -> bytes:
    into = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    frames[0].save(into, "PNG", save_all=True, append_images=frames[1:])
    return into.getvalue()


BOMB_TEXT = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(50_000_000), 9))

REFUSED = {
    "nothing": (b"", "not_an_image"),
    "an HTML page": (b"<!DOCTYPE html><html><body>sign in</body></html>", "not_an_image"),
    "an SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not_an_image"),
    "a GIF": (encode_image("GIF", "P"), "not_an_image"),
    "a BMP": (encode_image("BMP"), "not_an_image"),
    "a WebP": (encode_image("WEBP"), "not_an_image"),
    "a TIFF": (encode_image("TIFF"), "not_an_image"),
    "a program": (b"\x7fELF" + bytes(500), "not_an_image"),
    "the first bytes of a PNG": (BEGIN, "broken_image"),
    "an HTML page behind the first bytes": (BEGIN + b"<html>" * 20, "broken_image"),
    "a JPEG's first bytes": (b"\xff\xd8\xff", "broken_image"),
    "an HTML page as a JPEG": (b"\xff\xd8\xff\xe0<html><script>", "broken_image"),
    "a PNG cut off": (encode_image("PNG", size=(300, 300))[:-40], "broken_image"),
    "a JPEG cut off": (encode_image("JPEG", size=(300, 300))[:-200], "broken_image"),
    "a PNG without data": (
        BEGIN + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)) + chunk(b"IEND", b""),
        "broken_image",
    ),
    "a PNG without a header": (BEGIN + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b""), "broken_image"),
    "a chunk longer than the file": (BEGIN + struct.pack(">I", 0xFFFFFFFF) + b"IHDR" + bytes(20), "broken_image"),
    "no width": (png_of(0, 5), "broken_image"),
    "a JPEG of height 0": (jpeg_of(40, 0), "broken_image"),
    "damaged data": (encode_image("PNG").replace(b"IDATx", b"IDATz"), "broken_image"),
    "one pixel too many": (png_of(2001, 2000), "too_many_pixels"),
    "a bomb of a PNG": (png_of(20_000, 20_000), "too_many_pixels"),
    "the largest PNG there is": (largest_png(), "too_many_pixels"),
    "the largest PNG with a wrong checksum": (
        png_of(1, 1).replace(b"\0\0\0\x01" * 2, b"\x7f\xff\xff\xff" * 2),
        "broken_image",
    ),
    "a bomb of a JPEG": (jpeg_of(65_500, 65_500), "too_many_pixels"),
    "a JPEG of two sizes": (jpeg_of_two_sizes(2001, 2000), "too_many_pixels"),
    "a thousand scans": (encode_image("JPEG") + b"\xff\xda" * 1000, "broken_image"),
    "too many bytes": (encode_image("PNG") + bytes(LARGEST_BANNER), "too_large"),
    "an animation": (animated_png(), "animated_image"),
}


@pytest.mark.parametrize(("sent", "code"), REFUSED.values(), ids=REFUSED)
def test_rule_2_hostile_and_broken_files_are_refused(sent: bytes, code: str) -> None:
    with pytest.raises(ProblemError) as refused:
        redraw_image(sent)
    assert [(one.field, one.code) for one in refused.value.errors] == [("banner", code)]
    assert refused.value.detail


@pytest.mark.parametrize(
    "name", ["a bomb of a PNG", "a bomb of a JPEG", "the largest PNG there is", "the largest PNG with a wrong checksum"]
)
def test_a_bomb_costs_little_memory(name: str) -> None:
    sent = REFUSED[name][0]
    tracemalloc.start()
    try:
        with pytest.raises(ProblemError):
            redraw_image(sent)
        assert tracemalloc.get_traced_memory()[1] < 4 * len(sent) + (1 << 20)
    finally:
        tracemalloc.stop()


def test_a_bomb_in_a_comment_is_never_unpacked() -> None:
    sent = png_of(40, 30, *[BOMB_TEXT] * 8)
    assert len(sent) < LARGEST_BANNER
    tracemalloc.start()
    try:
        picture = redraw_image(sent)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert (picture.width, picture.height) == (40, 30)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_stays_a_png(mode: str) -> None:
    picture = redraw_image(encode_image("PNG", mode))
    assert (picture.media_type, picture.width, picture.height) == ("image/png", 40, 30)
    assert picture.image.startswith(BEGIN)
    again = redraw_image(picture.image)
    assert again == picture


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_every_kind_of_jpeg_stays_a_jpeg(mode: str, progressive: bool) -> None:
    picture = redraw_image(encode_image("JPEG", mode, progressive=progressive))
    assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", 40, 30)
    with Image.open(io.BytesIO(picture.image)) as image:
        assert (image.format, image.size) == ("JPEG", (40, 30))


def test_pixels_are_unchanged() -> None:
    image = Image.new("RGBA", (3, 2))
    image.putdata([(index * 40, 255 - index, index, index * 50) for index in range(6)])
    into = io.BytesIO()
    image.save(into, "PNG")
    with Image.open(io.BytesIO(redraw_image(into.getvalue()).image)) as drawn:
        assert drawn.convert("RGBA").tobytes() == image.tobytes()


def test_sixteen_bit_samples_become_eight_bit() -> None:
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 65_535)
    image.putpixel((1, 0), 32_896)
    into = io.BytesIO()
    image.save(into, "PNG")
    with Image.open(io.BytesIO(redraw_image(into.getvalue()).image)) as drawn:
        assert (drawn.mode, drawn.getpixel((0, 0)), drawn.getpixel((1, 0))) == ("L", 255, 128)


def test_transparent_colors_stay_transparent() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((1, 0), 1)
    into = io.BytesIO()
    image.save(into, "PNG", transparency=1)
    with Image.open(io.BytesIO(redraw_image(into.getvalue()).image)) as drawn:
        rgba = drawn.convert("RGBA")
        assert (rgba.getpixel((0, 0)), rgba.getpixel((1, 0))) == ((255, 0, 0, 255), (0, 255, 0, 0))


def test_metadata_is_removed() -> None:
    secret = "서울시 강남구 <script>"
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", secret, zip=False)
    png = encode_image("PNG", pnginfo=text, icc_profile=b"secret profile") + b"PK\x03\x04 a zip behind it"
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    jpeg = encode_image("JPEG", exif=exif, comment=b"secret comment", icc_profile=b"secret profile")
    for sent in (png, jpeg):
        drawn = redraw_image(sent).image
        for part in (secret.encode(), b"secret", b"PK\x03\x04"):
            assert part not in drawn


def test_a_picture_is_turned_as_its_exif_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = redraw_image(encode_image("JPEG", size=(64, 16), exif=exif))
    assert (picture.width, picture.height) == (16, 64)


def test_the_content_decides_the_format() -> None:
    """The request has no file name: a JPEG called logo.png is a JPEG."""
    assert redraw_image(encode_image("JPEG")).media_type == "image/jpeg"


def test_the_largest_picture_is_accepted() -> None:
    picture = redraw_image(png_of(2000, 2000))
    assert picture.width * picture.height == 4_000_000


@given(
    st.sampled_from(
        [encode_image("PNG"), encode_image("PNG", "P"), encode_image("JPEG"), encode_image("JPEG", progressive=True)]
    ),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6),
    st.integers(0, 400),
    st.binary(max_size=30),
)
def test_any_upload_is_redrawn_or_refused(sent: bytes, changes: list[tuple[int, int]], cut: int, more: bytes) -> None:
    damaged = bytearray(sent)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    refused: list[str] = []
    try:
        picture = redraw_image(bytes(damaged[: len(damaged) - cut]) + more)
        assert picture.width * picture.height <= 4_000_000
    except ProblemError as error:
        refused = [one.field for one in error.errors]
    assert refused in ([], ["banner"])
