"""What the worker asks a child to do, passed as one argument: nothing in it tells whose document it is."""

import dataclasses
import json
from dataclasses import dataclass
from enum import StrEnum

from submissions.documents.limits import Limits
from submissions.documents.media_type import MediaType


class Verb(StrEnum):
    """What a child can do."""

    COUNT = "count"  # the pages
    LOAD = "load"  # one page: as text, as blank, or as an image
    RENDER = "render"  # one page as an image, whatever is on it


@dataclass(frozen=True)
class Request:
    """One thing to do with the document on standard input. `parent` is the worker's process id.

    `text_layer`: LOAD may take a page's own text.
    """

    verb: Verb
    media_type: MediaType
    limits: Limits
    parent: int
    index: int = 0
    max_pixels: int = 0
    text_layer: bool = False

    def to_argument(self) -> str:
        """The request as one command-line argument."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_argument(cls, argument: str) -> "Request":
        """The request that an argument stands for."""
        fields = json.loads(argument)
        return cls(
            **{
                **fields,
                "verb": Verb(fields["verb"]),
                "media_type": MediaType(fields["media_type"]),
                "limits": Limits(**fields["limits"]),
            }
        )
