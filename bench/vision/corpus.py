"""The documents: one class for each thing that makes pages harder to read. The same seed draws the same documents.

Handwriting-like is a font (Intuitive, SIL Open Font License): every letter is drawn the same. Real pupils' handwriting
is harder than anything here.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pillow_heif
from PIL import Image, ImageEnhance, ImageFilter

from bench.vision.texts import page_text
from scripts import sample_page, sample_photo
from scripts.sample_page import HANDWRITING, SANS, SERIF, Typeface

pillow_heif.register_heif_opener()

Effect = Callable[[Image.Image, random.Random], Image.Image]

_DPI = 200


def clean(page: Image.Image, chance: random.Random) -> Image.Image:
    return page


def scanned(page: Image.Image, chance: random.Random) -> Image.Image:
    """Laid on the glass a little askew, gray and grainy."""
    askew = page.rotate(chance.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, fillcolor=255)
    grain = Image.frombytes("L", askew.size, chance.randbytes(askew.width * askew.height))
    grain = grain.point(lambda level: 128 + (level - 128) // 3).filter(ImageFilter.GaussianBlur(0.5))
    return Image.blend(askew, grain, 0.12)


def photographed(page: Image.Image, chance: random.Random) -> Image.Image:
    return sample_photo.photo(page)


def in_the_dark(page: Image.Image, chance: random.Random) -> Image.Image:
    """A photo with little light, and not quite in focus."""
    dim = ImageEnhance.Brightness(sample_photo.photo(page)).enhance(0.5)
    return dim.filter(ImageFilter.GaussianBlur(0.8))


def tilted(page: Image.Image, chance: random.Random) -> Image.Image:
    """A photo by somebody who did not hold the phone straight."""
    angle = chance.choice((-1, 1)) * chance.uniform(5, 9)
    return sample_photo.photo(page.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255))


def faxed(page: Image.Image, chance: random.Random) -> Image.Image:
    """Black and white at 85 dpi: what is left of a page that was copied and sent on."""
    small = page.resize((page.width * 85 // _DPI, page.height * 85 // _DPI), Image.Resampling.BILINEAR)
    return small.point(lambda level: level > 150 and 255, "1").convert("L")


@dataclass(frozen=True)
class PageClass:
    """`group` is what the bounds are about; `pages` of one document; `form` is Pillow's name of a format."""

    name: str
    group: str
    form: str
    face: Typeface = SERIF
    effect: Effect = clean
    pages: int = 1
    scale: float = 1.0
    documents: int = 2


CLASSES = (
    PageClass("print, PNG", "print", "PNG"),
    PageClass("print, sans serif, JPEG", "print", "JPEG", face=SANS),
    PageClass("print, 9 points, PNG", "print", "PNG", scale=0.6),
    PageClass("print, WebP", "print", "WEBP"),
    PageClass("scan, TIFF", "print", "TIFF", effect=scanned),
    PageClass("scan, PDF of 1 page", "print", "PDF", effect=scanned),
    PageClass("scan, PDF of 10 pages", "print", "PDF", effect=scanned, pages=10, documents=1),
    PageClass("photo, turned, JPEG", "photo", "JPEG", effect=photographed),
    PageClass("photo, HEIC", "photo", "HEIF", effect=photographed, face=SANS),
    PageClass("photo, dark, JPEG", "photo", "JPEG", effect=in_the_dark),
    PageClass("hard: photo, tilted, 9 points", "hard", "JPEG", effect=tilted, scale=0.6),
    PageClass("hard: photo, dark, 7 points", "hard", "JPEG", effect=in_the_dark, scale=0.47),
    PageClass("hard: fax, TIFF", "hard", "TIFF", effect=faxed),
    PageClass("handwriting-like, PNG", "handwriting-like", "PNG", face=HANDWRITING),
    PageClass("handwriting-like, photo", "handwriting-like", "JPEG", face=HANDWRITING, effect=photographed),
)


@dataclass(frozen=True)
class Document:
    """What is handed in, and what really stands on each of its pages."""

    of: PageClass
    content: bytes
    texts: tuple[str, ...]


def documents(seed: int, classes: tuple[PageClass, ...] = CLASSES) -> Iterator[Document]:
    """The corpus, class by class; what a class is given does not hang on which others are drawn."""
    for each in classes:
        chance = random.Random(f"{seed} {each.name}")  # noqa: S311 - the same documents in every run
        for _ in range(each.documents):
            yield _document(each, chance)


def _document(of: PageClass, chance: random.Random) -> Document:
    texts = tuple(page_text(chance) for _ in range(of.pages))
    pages = [of.effect(sample_page.page_image(text, of.face, of.scale), chance) for text in texts]
    return Document(of, _file(of, pages), texts)


def _file(of: PageClass, pages: list[Image.Image]) -> bytes:
    target = io.BytesIO()
    first, *others = pages
    if of.effect is clean or of.form != "JPEG":
        more = {"save_all": True, "append_images": others, "resolution": _DPI} if of.form == "PDF" else {}
        first.save(target, of.form, **more)
    else:
        picture, exif = sample_photo.camera_file(first)
        picture.save(target, of.form, exif=exif, quality=80)
    return target.getvalue()
