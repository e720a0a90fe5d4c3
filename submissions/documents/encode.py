"""A page's pixels as the bytes that the model server gets. Runs in the child process only."""

import io

from PIL import Image

_PNG_BYTES_AT_MOST = 2_000_000  # a page of text takes 0.2 MB; scans and photos take 5 to 10
_PNG_LEVEL = 3  # a third of the default level's time, a tenth more bytes
_JPEG_QUALITY = 90


def page(image: Image.Image, *, lossy: bool = False) -> bytes:
    """PNG, as it leaves every stroke as it is; JPEG where PNG gets large, or where it came as JPEG (lossy).

    Takes modes "L" and "RGB". Nothing of the original's metadata (place, camera, owner) goes along.
    """
    if not lossy:
        png = _save(image, "PNG", compress_level=_PNG_LEVEL)
        if len(png) <= _PNG_BYTES_AT_MOST:
            return png
    return _save(image, "JPEG", quality=_JPEG_QUALITY, subsampling=0)


def _save(image: Image.Image, form: str, **options: int) -> bytes:
    image.info.clear()  # where Pillow's writers find EXIF data, profiles and comments to copy
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()
