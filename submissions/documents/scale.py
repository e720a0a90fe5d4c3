"""How large a PDF page is drawn."""

import math

from submissions.documents.errors import DocumentCorrupt, Reason

_POINTS_PER_INCH = 72


def scale_for(width: float, height: float, dpi: float, max_pixels: int) -> float:
    """Pixels per point for a page of so many points: `dpi`, or less where that would exceed max_pixels.

    PDFium rounds both sides up, so the budget's scale s solves (s * width + 1) * (s * height + 1) = max_pixels.
    Raises DocumentCorrupt for a page without an area.
    """
    if not (math.isfinite(width * height) and width > 0 and height > 0):
        raise DocumentCorrupt(Reason.CORRUPT)
    area, sides = width * height, width + height
    in_budget = (math.sqrt(sides**2 + 4 * area * (max_pixels - 1)) - sides) / (2 * area)
    return min(dpi / _POINTS_PER_INCH, in_budget)
