"""Pictures made anew: whatever was in the file besides the picture (places, names, scripts) is gone. Runs in a child
process, with limits on memory and time.
"""

from __future__ import annotations

from io import BytesIO

SIDE = 256  # pixels
MOST = 24_000_000  # pixels of what is read
FORMATS = ("PNG", "JPEG", "WEBP")


def small_square(content: bytes) -> bytes:
    """The middle of a picture as a small WebP; ValueError for what is none."""
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST:
                raise ValueError("too many pixels")
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            square = ImageOps.fit(upright, (SIDE, SIDE))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from None
    ground = Image.new("RGBA", square.size, "white")
    ground.alpha_composite(square)
    made = BytesIO()
    ground.convert("RGB").save(made, "WEBP", quality=84)
    return made.getvalue()
