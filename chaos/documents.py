"""Pages that are pictures with writing on them, so that every one has to be read by the model; no two are alike."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

SIZE = (420, 594)
LINES = 12


def page(mark: str, number: int) -> Image.Image:
    """A sheet of paper with a few lines on it."""
    image = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(image)
    for line in range(LINES):
        pen.text((30, 30 + 42 * line), f"{mark}, page {number}, line {line + 1}", fill="black", font_size=24)
    return image


def draw(folder: Path, mark: str, kind: str, pages: int) -> Path:
    """A file of so many pages; its name tells whose it is."""
    path = folder / f"{mark.replace(' ', '-')}.{'pdf' if kind == 'PDF' else 'png'}"
    first, *others = (page(mark, number + 1) for number in range(pages))
    if kind == "PDF":
        first.save(path, save_all=True, append_images=others)
    else:
        first.save(path)
    return path
