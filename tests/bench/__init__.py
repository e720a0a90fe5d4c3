"""The broker's benchmark: its table, and one short trial."""
