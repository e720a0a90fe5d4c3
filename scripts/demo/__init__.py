"""`make demo`: the samples go the whole way, from homework to feedback, with every part real.

Whatever it needs it starts itself, and stops it again.

    __main__            the command line and its exit code
    run                 the steps in order
    failure             what ends it, in one line
    interruption        Ctrl-C and SIGTERM: never while something is being started
    workplace           the folder that it keeps everything in, for one demo at a time
    child               a process that it starts, watches and stops
    tail                the lines that were added to a log
    environment         what the worker and the submitter are told
    database            a fresh database, on an embedded Postgres or the one of DATABASE_URL
    model_server        the Ollama server of OLLAMA_BASE_URL, if it can be used
    development_server  the development model server, if not
    samples             what is handed in
    worker_log          what the worker's events tell
    watch               following the submissions until all have ended
    bars                one bar for each sample, or plain lines
    outcome             what became of a sample, and what is missing in it
    terminal            how that is printed
    conclusion          the report, what to do next, and whether all went well
"""
