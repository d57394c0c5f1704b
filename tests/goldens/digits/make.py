"""Writes 300 of scikit-learn's handwritten digits, 8x8 pixels each, as one sheet of 20 columns, with their labels."""
import pathlib

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

HERE = pathlib.Path(__file__).parent
digits = load_digits()
tiles = np.round(digits.images[:300] * 255 / 16).astype(np.uint8)
sheet = tiles.reshape(15, 20, 8, 8).transpose(0, 2, 1, 3).reshape(120, 160)
Image.fromarray(sheet).save(HERE / "digits.png", optimize=True)
(HERE / "labels.txt").write_text("".join(str(label) for label in digits.target[:300]) + "\n")
