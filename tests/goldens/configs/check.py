"""Loads models that TransferKit saved, with Keras 3, and compares their predictions with those of TransferKit.

    python check.py FOLDER [--delete]

The folder holds NAME.keras, NAME.h5 or NAME.weights.h5 beside NAME.json: the prepared pixels, the expected outputs and the bound. A .weights.h5
is loaded into the model of NAME.keras. Prints one line a file, and ends with 1 if one differs. --delete removes
what was judged, so that it can run again and again while files are written: the 40 networks take 30 GB together.
"""
import glob
import json
import os
import sys

import keras
import numpy as np
from keras.src.applications.convnext import LayerScale
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

own = {"LayerScale": LayerScale, "CustomScaleLayer": CustomScaleLayer}
failed = 0
for note in sorted(glob.glob(os.path.join(sys.argv[1], "*.json"))):
    with open(note) as f:
        expected = json.load(f)
    name = note[: -len(".json")]
    pixels = np.array(expected["pixels"], np.float32).reshape(expected["shape"])
    outputs = np.array(expected["outputs"], np.float32)
    whole = None
    for path in sorted(glob.glob(name + ".keras") + glob.glob(name + ".h5") + glob.glob(name + ".weights.h5"), key=len):
        if path.endswith(".weights.h5"):
            model = keras.models.clone_model(whole)
            model.load_weights(path)
        else:
            model = keras.models.load_model(path, custom_objects=own if path.endswith(".h5") else None)
            whole = whole or model
        difference = float(np.abs(model.predict(pixels, verbose=0).ravel() - outputs).max() / np.abs(outputs).max())
        compiled = model.optimizer.__class__.__name__ if model.compiled else "-"
        wrong = not difference <= expected["bound"] or ("compiled" in expected and not path.endswith(".weights.h5") and expected["compiled"] != compiled)
        failed += wrong
        if "--delete" in sys.argv:
            os.remove(path)
        print(f"{'WRONG' if wrong else 'same'} {os.path.basename(path)} {difference:.1e} {compiled} {model.count_params()}", flush=True)
    if "--delete" in sys.argv:
        os.remove(note)
sys.exit(1 if failed else 0)
