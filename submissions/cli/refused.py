"""A command that understood what is wanted and does not do it."""


class Refused(Exception):
    """Nothing was changed; the message says why, and what to do."""
