"""The command line beside a scripted model server: the fixtures of tests/worker."""

from tests.worker.conftest import environment, model_server

__all__ = ["environment", "model_server"]
