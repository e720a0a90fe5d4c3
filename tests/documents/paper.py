"""Sheets of paper as a scanner gives them, and what is found on them. Every sheet comes from a seed."""

import io
import math
import random

from PIL import Image, ImageChops, ImageDraw

A4_PIXELS = (1654, 2339)  # at 200 dpi, so that 8 pixels are 1 mm


def sheet(shade: int = 250, size: tuple[int, int] = A4_PIXELS) -> Image.Image:
    return Image.new("L", size, shade)


def noisy(page: Image.Image, sigma: float, seed: int = 1) -> Image.Image:
    """With a sensor's noise, of so many gray levels."""
    tile = random.Random(seed)
    width, height = 331, 467  # a fifth of a sheet in both directions; noise of a whole one takes seconds to make
    grain = Image.new("L", (width, height))
    grain.putdata([max(0, min(255, round(tile.gauss(128, sigma)))) for _ in range(width * height)])
    whole = Image.new("L", page.size)
    for left in range(0, page.width, width):
        for top in range(0, page.height, height):
            whole.paste(grain, (left, top))
    return ImageChops.add(page, whole, 1, -128)


def as_jpeg(page: Image.Image, quality: int = 75) -> Image.Image:
    target = io.BytesIO()
    page.save(target, "JPEG", quality=quality)
    return Image.open(target)


def unevenly_lit(page: Image.Image, levels: int) -> Image.Image:
    """Darker towards the bottom, by so many gray levels."""
    return ImageChops.subtract(
        page, Image.linear_gradient("L").resize(page.size).point(lambda level: level * levels // 255)
    )


def ruled(page: Image.Image, *, squared: bool = False, slope: float = 0.0) -> Image.Image:
    """With the lines of a school's paper, 8 mm apart or in squares of 5 mm."""
    draw, pitch = ImageDraw.Draw(page), 39 if squared else 66
    for y in range(-60, page.height, pitch):
        draw.line([(0, y), (page.width, y + slope * page.width)], fill=215, width=2)
    for x in range(-60, page.width + 60, pitch) if squared else ():
        draw.line([(x, 0), (x - slope * page.height, page.height)], fill=215, width=2)
    return page


def specks(page: Image.Image, count: int, seed: int = 1) -> Image.Image:
    """With dust of up to 1 mm."""
    draw, places = ImageDraw.Draw(page), random.Random(seed)
    for _ in range(count):
        x, y, radius = places.randrange(page.width), places.randrange(page.height), places.choice((1, 2, 3))
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=120)
    return page


def handwriting(
    page: Image.Image, shade: int, *, pen: int = 3, height: int = 36, letters: int = 6, seed: int = 1
) -> Image.Image:
    """With one word that looks like handwriting, somewhere: loops, as high as so many pixels."""
    draw, hand = ImageDraw.Draw(page), random.Random(seed)
    x = hand.randrange(200, page.width - letters * height - 100)
    y = hand.randrange(200, page.height - 300)
    for _ in range(letters):
        turn, reach = hand.uniform(2.0, 2.6), height * hand.uniform(0.2, 0.35)
        loop = [
            (x + reach * math.sin(step / 3) + step * height * 0.03, y + height / 2 * math.cos(step / turn))
            for step in range(14)
        ]
        draw.line(loop, fill=shade, width=pen, joint="curve")
        x += round(height * 0.8)
    return page
