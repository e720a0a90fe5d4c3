"""What can be wrong with a document, and what can go wrong while it is opened.

Every error has a class, which says whose fault it is, and a reason, which is a stable code. The message is the
advice that belongs to the reason: it holds neither file names nor content, so it may be logged and stored.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Stable codes, kept with a page or a document that could not be opened."""

    CORRUPT = "corrupt"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    NO_PAGES = "no_pages"
    PAGE_MISSING = "page_missing"
    WRONG_TYPE = "wrong_type"
    UNSUPPORTED_TYPE = "unsupported_type"
    ENCRYPTED = "encrypted"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MANY_PIXELS = "too_many_pixels"
    FILE_TOO_LARGE = "file_too_large"
    TOO_MUCH_MEMORY = "too_much_memory"
    TOO_MUCH_TIME = "too_much_time"
    OPENER_DIED = "opener_died"
    OPENER_TIMEOUT = "opener_timeout"
    OPENER_GARBLED = "opener_garbled"


class DocumentError(Exception):
    """A document could not be opened or a page could not be rendered; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(ADVICE[reason])
        self.reason = reason


class DocumentCorrupt(DocumentError):
    """The input's fault: the file is damaged, and opening it again will not help."""


class DocumentUnsupported(DocumentError):
    """The input's fault: the file may be sound, but it is of a kind that is not read."""


class DocumentTooLarge(DocumentError):
    """The input's fault: the file asks for more than a limit allows."""


class OpenerFailed(DocumentError):
    """Nobody's fault yet: the child process died, hung or answered nonsense. The file or the machine may be why."""


ADVICE: dict[Reason, str] = {
    Reason.CORRUPT: "The file is damaged and cannot be opened: make it again and hand it in again.",
    Reason.TRUNCATED: "The end of the file is missing: upload it again.",
    Reason.EMPTY: "The file is empty: upload it again.",
    Reason.NO_PAGES: "The document has no pages: hand in one that has.",
    Reason.PAGE_MISSING: "The document has fewer pages than were counted: make it again and hand it in again.",
    Reason.WRONG_TYPE: "The file's content is of another kind than its media type says: name the right type.",
    Reason.UNSUPPORTED_TYPE: "This kind of file is not read: hand in JPEG, PNG, WebP, HEIC, TIFF or PDF.",
    Reason.ENCRYPTED: "The document is protected by a password: remove the protection and hand it in again.",
    Reason.TOO_MANY_PAGES: "The document has more pages than allowed: hand it in in parts.",
    Reason.TOO_MANY_PIXELS: "The image has more pixels than allowed: make it smaller and hand it in again.",
    Reason.FILE_TOO_LARGE: "The file is larger than allowed: make it smaller and hand it in again.",
    Reason.TOO_MUCH_MEMORY: "Opening the file takes more memory than allowed: make its pages simpler or smaller.",
    Reason.TOO_MUCH_TIME: "Opening the file takes more computing time than allowed: make its pages simpler or smaller.",
    Reason.OPENER_DIED: "The process that opens documents died on this file: see if others open, then try again.",
    Reason.OPENER_TIMEOUT: "Opening the file took longer than allowed: try again when the machine is less busy.",
    Reason.OPENER_GARBLED: "The process that opens documents gave no proper answer: check the installation.",
}

_CLASS: dict[Reason, type[DocumentError]] = {
    Reason.CORRUPT: DocumentCorrupt,
    Reason.TRUNCATED: DocumentCorrupt,
    Reason.EMPTY: DocumentCorrupt,
    Reason.PAGE_MISSING: DocumentCorrupt,
    Reason.NO_PAGES: DocumentUnsupported,
    Reason.WRONG_TYPE: DocumentUnsupported,
    Reason.UNSUPPORTED_TYPE: DocumentUnsupported,
    Reason.ENCRYPTED: DocumentUnsupported,
    Reason.TOO_MANY_PAGES: DocumentTooLarge,
    Reason.TOO_MANY_PIXELS: DocumentTooLarge,
    Reason.FILE_TOO_LARGE: DocumentTooLarge,
    Reason.TOO_MUCH_MEMORY: DocumentTooLarge,
    Reason.TOO_MUCH_TIME: DocumentTooLarge,
    Reason.OPENER_DIED: OpenerFailed,
    Reason.OPENER_TIMEOUT: OpenerFailed,
    Reason.OPENER_GARBLED: OpenerFailed,
}


def error_for(reason: Reason) -> DocumentError:
    """The error of the class that a reason belongs to, ready to be raised."""
    return _CLASS[reason](reason)
