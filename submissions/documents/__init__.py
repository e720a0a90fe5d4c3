"""Opening what pupils hand in: untrusted documents, each opened in a short-lived process of its own.

    media_type  what a file is, by its first bytes                        (worker)
    opener      count_pages(), load_page(), render_page()                 (worker)
    page        what load_page() gives: a text, a blank, or an image      (worker)
    process     one child process: started bare, timed, never outliving us  (worker)
    limits      what one child may use                                    (worker and child)
    request     what a child is asked to do                               (worker and child)
    wire        how a child's answer is framed                            (worker and child)
    errors      what can be wrong with a document, and with the opener    (worker and child)
    child       the program that runs in the child process                (child)
    ending      whether a file's end is there                             (child)
    pdf, image  open one kind of document                                 (child)
    webp        the size of a WebP                                        (child)
    scale       how large a PDF page is drawn                             (child)
    paper       decoded pixels as a page: upright, on paper, of a fit size  (child)
    text_layer  the text that a PDF page carries, if it can be trusted    (child)
    language    whether a text reads like a language                      (child)
    visible     whether all of a text is seen on its page                 (child)
    blank       whether a page is blank                                   (child)
    shapes      lines, areas and strokes in a picture                     (child)
    clusters    groups of pixels in a picture                             (child)
    histogram   quantiles of a picture's values                           (child)
    encode      a page image to the bytes that the model server gets      (child)

No module marked "worker" imports Pillow or pypdfium2: a hostile file meets a decoder only in a child.
"""
