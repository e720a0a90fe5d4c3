"""How a command that is used wrongly says so."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import NoReturn


class OneLineParser(ArgumentParser):
    """One line, as for every other error; argparse would put the usage before it. Its subcommands do the same."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"learning-worker: {' '.join(message.split())}; `{self.prog} --help` says more\n")
