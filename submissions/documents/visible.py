"""Is every character of a PDF page seen? Told from drawings of the page that show some of its text only.

Runs in the child process. Ink where a character stands may be another's: white, covered or invisible text lies under
what is read. So text objects that touch each other are put into different groups, and each group is drawn alone (does
it leave ink?) and left out (is its ink missed?). What PDFium takes for a copy of another object, as in bold type that
is made by drawing twice, has no characters of its own and is left out together with every group.
"""

import ctypes
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

import pypdfium2
from PIL import Image, ImageChops, ImageStat
from pypdfium2 import raw

from submissions.documents.blank import LOOK_PIXELS
from submissions.documents.scale import scale_for

_DPI = 150
_INK = 16  # gray levels: fainter text is not seen by everybody
_SHARE_SEEN = 0.5  # of a character's ink: a shadow's edge beside the letter above it is less
_HIDDEN_AT_MOST = 0.01  # of the signs that are neither letters nor digits: some have no ink in some fonts
_GROUPS_AT_MOST = 6  # in letters that are set one by one, each touches the next one and those of the next line

_Box = tuple[int, int, int, int]
_Key = int


class Drawing:
    """A page whose text can be shown in part. Changes the page object: load it anew to draw it as it is."""

    def __init__(self, page: pypdfium2.PdfPage, objects: Iterable[pypdfium2.PdfObject]) -> None:
        """`objects`: all text objects of the page, those within forms too."""
        self._page = page
        self._modes = {_key(each.raw): (each, raw.FPDFTextObj_GetTextRenderMode(each)) for each in objects}
        width, height = page.get_size()
        self._scale = scale_for(width, height, _DPI, LOOK_PIXELS)
        self._places = self._rendered().get_posconv(page)

    @property
    def texts(self) -> frozenset[_Key]:
        return frozenset(self._modes)

    def showing(self, shown: Container[_Key]) -> Image.Image:
        """The page in gray with these texts alone."""
        for key, (each, mode) in self._modes.items():
            raw.FPDFTextObj_SetTextRenderMode(each, mode if key in shown else raw.FPDF_TEXTRENDERMODE_INVISIBLE)
        image: Image.Image = self._rendered().to_pil()
        return image

    def place_of(self, box: tuple[float, float, float, float]) -> _Box:
        """A box of the page (left, bottom, right, top) on the drawing, one pixel wider all around."""
        (one_x, one_y), (other_x, other_y) = self._places.to_bitmap(*box[:2]), self._places.to_bitmap(*box[2:])
        left, right = sorted((one_x, other_x))
        upper, lower = sorted((one_y, other_y))
        return left - 1, upper - 1, right + 2, lower + 2

    def _rendered(self) -> pypdfium2.PdfBitmap:
        return self._page.render(scale=self._scale, grayscale=True)


@dataclass
class _Group:
    """Text objects that do not touch each other; `taken` shows where their characters stand."""

    taken: Image.Image
    texts: set[_Key] = field(default_factory=set)
    letters: list[_Box] = field(default_factory=list)
    others: list[_Box] = field(default_factory=list)


def all_seen(layer: pypdfium2.PdfTextPage, drawing: Drawing) -> bool:
    """Whether all letters and digits of the layer, and nearly all of its other signs, are seen where they stand."""
    everything, nothing = drawing.showing(drawing.texts), drawing.showing(())
    groups = _groups_of(layer, drawing, everything.size)
    if groups is None:
        return False
    copies = drawing.texts.difference(*(group.texts for group in groups))
    hidden = others = 0
    for group in groups:
        alone = ImageChops.difference(nothing, drawing.showing(group.texts))
        missed = ImageChops.difference(everything, drawing.showing(drawing.texts - group.texts - copies))
        seen = ImageChops.darker(alone, missed)
        if not all(_is_seen(box, alone, seen) for box in group.letters):
            return False
        others += len(group.others)
        hidden += sum(not _is_seen(box, alone, seen) for box in group.others)
    return hidden <= _HIDDEN_AT_MOST * others


def has_ink(layer: pypdfium2.PdfTextPage, index: int) -> bool:
    """Spaces have none, nor has what PDFium itself put between words and lines."""
    return not _sign(layer, index).isspace() and not raw.FPDFText_IsGenerated(layer, index)


def _groups_of(layer: pypdfium2.PdfTextPage, drawing: Drawing, size: tuple[int, int]) -> list[_Group] | None:
    """The text objects in groups; None if they lie over each other as no text does."""
    groups: list[_Group] = []
    for key, boxes in _boxes_of(layer, drawing).items():
        free = (each for each in groups if all(each.taken.crop(box).getbbox() is None for box, _ in boxes))
        group = next(free, None)
        if group is None:
            group = _Group(Image.new("L", size))
            groups.append(group)
        if len(groups) > _GROUPS_AT_MOST:
            return None
        group.texts.add(key)
        for box, is_letter in boxes:
            group.taken.paste(255, box)
            (group.letters if is_letter else group.others).append(box)
    return groups


def _boxes_of(layer: pypdfium2.PdfTextPage, drawing: Drawing) -> dict[_Key, list[tuple[_Box, bool]]]:
    """For each text object where its characters stand, and whether each is a letter or digit."""
    boxes: dict[_Key, list[tuple[_Box, bool]]] = {}
    for index in range(layer.count_chars()):
        if has_ink(layer, index):
            box = drawing.place_of(layer.get_charbox(index))
            key = _key(raw.FPDFText_GetTextObject(layer, index))
            boxes.setdefault(key, []).append((box, _sign(layer, index).isalnum()))
    return boxes


def _is_seen(box: _Box, alone: Image.Image, seen: Image.Image) -> bool:
    ink = ImageStat.Stat(alone.crop(box))
    return ink.extrema[0][1] >= _INK and ImageStat.Stat(seen.crop(box)).sum[0] >= _SHARE_SEEN * ink.sum[0]


def _sign(layer: pypdfium2.PdfTextPage, index: int) -> str:
    return chr(raw.FPDFText_GetUnicode(layer, index))


def _key(text_object: raw.FPDF_PAGEOBJECT) -> _Key:
    """What tells whether two handles are of the same object."""
    return ctypes.addressof(text_object.contents)
