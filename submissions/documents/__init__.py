"""Opening what pupils hand in: untrusted documents, each opened in a short-lived process of its own.

    media_type  what a file is, by its first bytes                        (worker)
    opener      count_pages(), render_page(): the two verbs of this package (worker)
    process     one child process: started bare, timed, never outliving us  (worker)
    limits      what one child may use                                    (worker and child)
    request     what a child is asked to do                               (worker and child)
    wire        how a child's answer is framed                            (worker and child)
    errors      what can be wrong with a document, and with the opener    (worker and child)
    child       the program that runs in the child process                (child)
    pdf, image  open one kind of document                                 (child)
    encode      a page image to the bytes that the model server gets      (child)

No module marked "worker" imports Pillow or pypdfium2: a hostile file meets a decoder only in a child.
"""
