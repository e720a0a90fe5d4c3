"""How good a model's feedback is, on texts whose points are known within bands: `make eval-feedback`."""
