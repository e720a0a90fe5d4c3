"""The real face: `rapidocr` reads images, a small language model through `xllamacpp` writes. For trying out only.

Reading order: `face` (which model answers), `reader` and `lines` (images to text), `writer` and `generation` (prompts
to text), `pieces` and `fetch` (how the language model comes into its cache folder).
"""
