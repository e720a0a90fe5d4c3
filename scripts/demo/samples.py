"""What the demo hands in: each file of a folder that has a task beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from scripts.demo.failure import DemoFailed
from scripts.report import PageImage
from submissions import handin
from submissions.documents import opener
from submissions.documents.errors import DocumentError, OpenerFailed
from submissions.documents.media_type import SNIFF_BYTES, sniff
from submissions.errors import HandInRefused
from submissions.settings import Settings
from submissions.store.hand_in import NewSubmission
from submissions.store.hand_in import submit as submit_text
from submissions.task import TaskContext, read_task

STUDENT = "demo"

_TASK, _TRUE = ".task.yaml", ".true.txt"
_TYPED = ".txt"
#: Pages in the report: sharp enough to be read when enlarged.
_SHOWN_PIXELS = 2_000_000
#: Share of wrong characters up to which a page counts as well read; photos and handwriting are harder.
_MOST_WRONG, _MOST_WRONG_PHOTO = 0.02, 0.05


@dataclass(frozen=True, slots=True)
class Sample:
    """A file, the task that it answers, and for pages what really stands on them."""

    name: str
    path: Path
    task: TaskContext
    true_text: str | None

    @property
    def title(self) -> str:
        return self.name.replace("-", " ").capitalize()

    @property
    def is_typed(self) -> bool:
        return self.path.suffix == _TYPED

    @property
    def kind(self) -> str:
        return "typed text" if self.is_typed else "PDF" if self.path.suffix == ".pdf" else "image"

    @property
    def most_wrong(self) -> float:
        """The share of wrong characters that is expected at most."""
        return _MOST_WRONG_PHOTO if self.name.startswith(("photo", "handwritten")) else _MOST_WRONG

    def hand_in(self, settings: Settings) -> UUID:
        """Hand it in as `python -m submissions submit` does. Raises HandInRefused, StoreAway, StorageAway."""
        new = NewSubmission(student_sub=STUDENT, task=self.task)
        if not self.is_typed:
            return handin.submit_files(settings, new, [self.path])
        typed = NewSubmission(student_sub=STUDENT, task=self.task, text=self.path.read_text(encoding="utf-8"))
        return submit_text(settings.database_url, typed)

    def page_images(self) -> tuple[PageImage, ...]:
        """Its pages as images; none for a typed text and for what cannot be opened."""
        if self.is_typed:
            return ()
        media_type = sniff(self.path.read_bytes()[:SNIFF_BYTES])
        try:
            if media_type is None:
                return ()
            pages = range(opener.count_pages(self.path, media_type))
            images = [opener.render_page(self.path, media_type, page, max_pixels=_SHOWN_PIXELS) for page in pages]
        except (DocumentError, OpenerFailed):
            return ()
        return tuple(PageImage(image, str(sniff(image[:SNIFF_BYTES]))) for image in images)


def find(folder: Path) -> list[Sample]:
    """The samples of a folder, typed ones first: feedback on them begins while pages are read. Raises DemoFailed."""
    samples = [_read(task, task.name.removesuffix(_TASK)) for task in sorted(folder.glob(f"*{_TASK}"))]
    if not samples:
        raise DemoFailed(f"there are no samples in {folder}: a sample is a file with a NAME{_TASK} beside it")
    return sorted(samples, key=lambda sample: not sample.is_typed)


def _read(task: Path, name: str) -> Sample:
    files = [path for path in task.parent.glob(f"{name}.*") if not path.name.endswith((_TASK, _TRUE))]
    if len(files) != 1:
        raise DemoFailed(f"beside {task.name} there must be exactly one file {name}.*, not {len(files)}")
    true = task.with_name(f"{name}{_TRUE}")
    try:
        return Sample(name, files[0], read_task(task), true.read_text(encoding="utf-8") if true.exists() else None)
    except HandInRefused as problem:
        raise DemoFailed(f"{task.name}: {problem}") from None
