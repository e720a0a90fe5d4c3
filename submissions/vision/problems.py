"""What can be wrong with the answer about a page, as faults: they end an attempt where nothing of the page is left.

`unfinished` and `end_unknown` (model_server/faults) are further ones, which the stream itself tells.
"""

from __future__ import annotations

from submissions.errors import AnswerFault
from submissions.kinds import Kind
from submissions.model_server.faults import END_UNKNOWN, LOOPING, UNFINISHED

EMPTY = Kind("no text", AnswerFault, "answer_empty", "the vision model gave an empty answer")
CUT = Kind(
    '`done_reason` "length", for a page',
    AnswerFault,
    "answer_cut",
    "the text of a page was cut at its length limit: raise AI_VISION_NUM_PREDICT or AI_VISION_NUM_CTX",
)
REFUSED = Kind(
    "an answer that refuses to read the page",
    AnswerFault,
    "answer_refused",
    "the vision model refused to read the page: try another model, or look at the picture",
)
ABOUT_THE_TASK = Kind(
    "an answer about the page instead of its text",
    AnswerFault,
    "answer_off_task",
    "the vision model described the page instead of copying it: try another model",
)
NO_FIRST_LINE = Kind(
    "an answer without the first line that the model writes elsewhere",
    AnswerFault,
    "answer_without_first_line",
    "the vision model did not begin the page as it is asked to, and mostly does: look at the picture",
)
SAID_EMPTY = Kind(
    "an answer that nothing is on the page, where something is",
    AnswerFault,
    "answer_says_empty",
    "the vision model finds nothing on a page with marks on it: look at the picture",
)
KINDS = (EMPTY, CUT, REFUSED, ABOUT_THE_TASK, NO_FIRST_LINE, SAID_EMPTY)

#: The stream's own trouble, which says nothing of the page: worth another attempt.
PASSING = frozenset({UNFINISHED.reason, END_UNKNOWN.reason})

#: What was read up to the trouble is the page's, and is kept.
KEEP_THE_BEGINNING = frozenset({CUT.reason, LOOPING.reason})
