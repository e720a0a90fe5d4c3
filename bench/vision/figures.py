"""What the pages come to, by class, and what is asked of the groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from bench.vision.reader import PageResult

#: Largest mean character error of a group, as a share; of others nothing is asked.
BOUNDS = {"print": 0.02, "photo": 0.05}
#: The same pages in a document of one page and in one of ten: their errors differ by no more, as a share.
LIKE_ALONE = 0.01


@dataclass(frozen=True)
class Figures:
    """Errors are shares of the true characters; seconds and tokens are per page; `begun`: pages begun as asked."""

    name: str
    pages: int
    error: float
    worst: float
    seconds: float
    slowest: float
    prompt_tokens: float
    output_tokens: float
    begun: int
    problems: int


def of_classes(results: Sequence[PageResult]) -> list[Figures]:
    """One for each class, in the order in which they came."""
    names = dict.fromkeys(each.class_name for each in results)
    return [_figures(name, [each for each in results if each.class_name == name]) for name in names]


def of_groups(results: Sequence[PageResult]) -> list[Figures]:
    names = dict.fromkeys(each.group for each in results)
    return [_figures(name, [each for each in results if each.group == name]) for name in names]


def of_sizes(results: Mapping[int, Sequence[PageResult]]) -> list[tuple[int, Figures]]:
    """Size and figures of each group, the sizes of a group one after the other."""
    by_group = [(figures.name, pixels, figures) for pixels, pages in results.items() for figures in of_groups(pages)]
    names = list(dict.fromkeys(name for name, _, _ in by_group))
    return [(pixels, figures) for each in names for name, pixels, figures in by_group if name == each]


def missed(results: Sequence[PageResult]) -> list[str]:
    """What the bounds ask and the pages do not hold, in words."""
    told = [
        f"{group.name}: {group.error:.1%} of the characters are wrong, {BOUNDS[group.name]:.0%} are allowed"
        for group in of_groups(results)
        if group.error > BOUNDS.get(group.name, group.error)
    ]
    alone = [each.error for each in results if each.class_name == "scan, PDF of 1 page"]
    among = [each for each in results if each.class_name == "scan, PDF of 10 pages"]
    worse = [each.page for each in among if alone and abs(each.error - fmean(alone)) > LIKE_ALONE]
    return [*told, *(f"page {page} of ten is read unlike a page alone" for page in worse)]


def _figures(name: str, pages: Sequence[PageResult]) -> Figures:
    return Figures(
        name=name,
        pages=len(pages),
        error=fmean(each.error for each in pages),
        worst=max(each.error for each in pages),
        seconds=median(each.seconds for each in pages),
        slowest=max(each.seconds for each in pages),
        prompt_tokens=fmean(each.prompt_tokens for each in pages),
        output_tokens=fmean(each.output_tokens for each in pages),
        begun=sum(each.begun for each in pages),
        problems=sum(bool(each.problem) for each in pages),
    )
