"""Every way in which an answer can go wrong, as small functions in one table.

A rule's action names a fault, alone (`"reset"`) or with parameters (`{"name": "reset", "after": 3}`). `after` counts
the tokens that are sent first; 0 is "before the first byte".

table       the table itself, and how a rule's choice is read
refusals    busy, status, llama_error, error_mid_stream
endings     no_done, empty_object, cut, repeat
wire        reset, close, stall, malformed_line
runners     crash, slot_leak, wedge
"""

from modelserver.scripted.faults import endings, refusals, runners, wire
from modelserver.scripted.faults.table import FAULTS, ChosenFault, chosen

__all__ = ["FAULTS", "ChosenFault", "chosen", "endings", "refusals", "runners", "wire"]
