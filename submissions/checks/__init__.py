"""Is everything there that the work needs, and as it should be? `python -m submissions check`.

finding    what one check says
settings   values that are each allowed and make no sense together
database   reachable, schema, rights, what the server logs
storage    can files be fetched
server     the model server: reachable, both models installed and able; one tiny answer of each
mode, run  which of them when, and how long they are waited for

Each check asks what the worker asks, through the same code, and finds what is wrong before a pupil's work meets it.
"""
