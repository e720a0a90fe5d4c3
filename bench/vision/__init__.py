"""How well and how fast a model reads pages: `make eval-vision`.

texts    what stands on the pages, from a seed
corpus   the documents: fonts, rotations, light, noise, formats, page counts
reader   each page by the product's own way: opened in a child, asked about, judged
figures  per class: character error, seconds and tokens per page, problems
table, plot  the same for people
"""
