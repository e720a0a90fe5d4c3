"""Reading an image's histogram. Runs in the child process."""


def quantile(histogram: list[int], share: float) -> float:
    """The value below which this share of the counted ones lies; between two values in proportion."""
    wanted, below = sum(histogram) * share, 0
    for value, count in enumerate(histogram):
        if count and below + count >= wanted:
            return max(0.0, value - 0.5 + (wanted - below) / count)
        below += count
    return 0.0
