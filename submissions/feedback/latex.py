"""Formulas that lost a letter on their way through JSON.

Models write LaTeX into JSON strings without doubling the backslash. Of `\frac`, `\beta`, `\times`, `\neq`, `\rho` JSON
makes a control character and the rest of the name. Put back is what can only be meant so: form feed and backspace
before a letter are no part of a text; tab, line feed and carriage return are, so that what follows them has to be the
rest of a command that is no word by itself (`an`, `o`, `e`, `u` are: \tan, \to, \ne, \nu stay as they are).
"""

from __future__ import annotations

import re

_ESCAPED = {"\b": r"\b", "\f": r"\f", "\t": r"\t", "\n": r"\n", "\r": r"\r"}

#: What may follow the control character: the rest of a command, up to its end.
_LOST = re.compile(
    r"[\b\f](?=[A-Za-z])"
    r"|\t(?=(?:imes|heta|riangle|herefore)(?![A-Za-z])|(?:ext(?:bf|it|rm)?|frac|ilde)\{|an[\\^{])"
    r"|\n(?=(?:eq(?!\.)|abla|otin|leq|geq)(?![A-Za-z]))"
    r"|\r(?=(?:ho|ight|ightarrow|floor|ceil)(?![A-Za-z]))"
)


def restored(text: str) -> str:
    """The text with its commands whole."""
    return _LOST.sub(lambda match: _ESCAPED[match.group()], text)
