"""Makes the samples' pictures and PDF from their texts: python -m scripts.make_samples

The texts and tasks in samples/ are written by hand; this draws `printed-page.png`, `photo-page.jpg`,
`handwritten-page.jpg` and `three-pages.pdf` from the `.true.txt` beside each. Run it after a text was changed and
commit what it made: each picture holds the digest of its text, so that a test sees when it was not.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from PIL.PngImagePlugin import PngInfo

from scripts import sample_page, sample_photo

SAMPLES = Path(__file__).parents[1] / "samples"
_SHADES = 16  # of gray: enough for smooth letters, and half the bytes
_PHOTO_QUALITY = 58


def printed_page(target: Path) -> None:
    """A clean page from a printer."""
    text = true_text("printed-page")
    digest = PngInfo()
    digest.add_text("Comment", digest_of(text))
    page = sample_page.page_image(text).quantize(_SHADES)
    page.save(target / "printed-page.png", pnginfo=digest, optimize=True)


def photo_page(target: Path) -> None:
    """A page photographed with a phone: stored sideways, as phones do."""
    _photo_of("photo-page", sample_page.SERIF, target)


def handwritten_page(target: Path) -> None:
    """The same with a handwriting-like font: each letter is always drawn the same, which no pupil does."""
    _photo_of("handwritten-page", sample_page.HANDWRITING, target)


def _photo_of(name: str, face: sample_page.Typeface, target: Path) -> None:
    text = true_text(name)
    picture, exif = sample_photo.camera_file(sample_photo.photo(sample_page.page_image(text, face)))
    picture.save(target / f"{name}.jpg", exif=exif, comment=digest_of(text), quality=_PHOTO_QUALITY, optimize=True)


def three_pages(target: Path) -> None:
    """A PDF as a word processor exports it."""
    (target / "three-pages.pdf").write_bytes(sample_page.pdf(true_text("three-pages")))


def true_text(name: str) -> str:
    """What stands on a sample's pages; a form feed parts them."""
    return (SAMPLES / f"{name}.true.txt").read_text(encoding="utf-8")


def digest_of(text: str) -> str:
    """What a picture holds of the text that it was made from."""
    return "made from " + hashlib.sha256(text.encode()).hexdigest()


def main() -> None:
    """Make all four."""
    parser = argparse.ArgumentParser(prog="python -m scripts.make_samples", description="Draw the samples.")
    parser.add_argument("--target", type=Path, default=SAMPLES, help="folder to write to (default: samples/)")
    target = parser.parse_args().target
    for make in (printed_page, photo_page, handwritten_page, three_pages):
        make(target)


if __name__ == "__main__":
    main()
