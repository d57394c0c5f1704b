"""Loads models that TransferKit saved, with Keras 3, and compares their predictions with those of TransferKit.

    python check.py FOLDER [--delete]

The folder holds NAME.keras, NAME.h5 or NAME.weights.h5 beside NAME.json: the prepared pixels, the expected outputs and the bound. A .weights.h5
is loaded into the model of NAME.keras. A compiled model also computes its loss. Prints a row of a table for each file, and ends with 1 if one
differs. --delete removes what was judged.
"""
import glob
import json
import os
import sys

try:
    import real_keras  # noqa: F401  (runs Keras from a checkout of its sources)
except ImportError:
    pass
import keras
import numpy as np
from keras.src.applications.convnext import LayerScale
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

own = {"LayerScale": LayerScale, "CustomScaleLayer": CustomScaleLayer}
failed = 0


def flat(outputs):
    """The outputs by name where the model has a dictionary of them, else in their order, one after the other."""
    if isinstance(outputs, dict):
        outputs = [outputs[name] for name in sorted(outputs)]
    return np.concatenate([np.ravel(o) for o in (outputs if isinstance(outputs, (list, tuple)) else [outputs])])


def measures(model, pixels):
    """Whether the model, as it was compiled, gives a loss that is a number, and its optimizer a learning rate."""
    given = pixels.astype("float32")
    outputs = model.predict(given, verbose=0)
    name = model.loss if isinstance(model.loss, str) else getattr(model.loss, "__name__", type(model.loss).__name__)
    sparse = "sparse" in name.lower()
    loss = model.test_on_batch(given, np.zeros(len(given), "int32") if sparse else np.zeros_like(outputs))
    return np.isfinite(np.ravel(loss)).all() and float(model.optimizer.learning_rate) > 0


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
        difference = float(np.abs(flat(model.predict(pixels, verbose=0)) - outputs).max() / np.abs(outputs).max())
        compiled = model.optimizer.__class__.__name__ if model.compiled else "-"
        wrong = not difference <= expected["bound"] or (model.compiled and not measures(model, pixels))
        wrong |= "compiled" in expected and not path.endswith(".weights.h5") and expected["compiled"] != compiled
        failed += wrong
        if "--delete" in sys.argv:
            os.remove(path)
        print(f"| {os.path.basename(path)} | {model.count_params():,} | {difference:.1e} | {compiled} | {'no' if wrong else 'yes'} |", flush=True)
    if "--delete" in sys.argv:
        os.remove(note)
sys.exit(1 if failed else 0)
