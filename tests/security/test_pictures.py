"""Pictures of people made anew: what they are, and what is refused."""

from io import BytesIO

import pytest
from PIL import Image

from helpdesk.security.pictures import MOST, SIDE, small_square


def drawn(kind, size=(600, 400), **how):
    made = BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, "teal").save(made, kind, **how)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_small_square_without_anything_else(kind):
    exif = Image.Exif()
    exif[0x010E] = "the house of the author"
    made = small_square(drawn(kind, exif=exif))
    with Image.open(BytesIO(made)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("WEBP", (SIDE, SIDE), {})
    assert b"the house" not in made and len(made) < 20_000


def test_a_picture_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # its right side is up
    wide = Image.new("RGB", (600, 600), "white")
    wide.paste("black", (0, 0, 600, 300))
    made = BytesIO()
    wide.save(made, "JPEG", exif=exif)
    with Image.open(BytesIO(small_square(made.getvalue()))) as image:
        assert image.getpixel((SIDE - 20, 128))[0] < 60 < 200 < image.getpixel((20, 128))[0]


def test_what_is_no_picture_or_too_large_a_one_is_refused():
    bomb = drawn("PNG", (MOST // 1000 + 1, 1000))
    cut = drawn("JPEG")[:500]
    for content in (b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(40), bomb, cut):
        with pytest.raises(ValueError):
            small_square(content)
