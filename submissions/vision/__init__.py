"""Reading a page with the vision model, and saying honestly what came of it.

    reading     at most two answers about one page; the better one, and what is wrong with it
    asking      the request about a page, and what came of it
    judging     what one answer is: text, and the problem with it if there is one
    habits      what models put around a page: reasoning, fences; taken off, the page stays
    talk        what they say before and behind it
    first_line  what tells an answer that copies from others, and which models write it
    signs       refusals, and answers about the task instead of the page: how much speaks for one, and what is certain
    words       the words that speak for them, by kind
    problems    the kinds of trouble, as faults of the life cycle
    marks       how a page says that it could not be read

Pure functions but for the asking, which is handed in.
"""
