"""Writes the configurations that Keras 3 saves for whole applications, NAME.json.gz. Usage: python3 make.py VGG16 VGG19 …"""
import gzip
import json
import os
import sys

try:
    import real_keras  # noqa: F401  (runs Keras from a checkout of its sources)
except ImportError:
    pass
import keras

for name in sys.argv[1:]:
    keras.backend.clear_session()
    with keras.device("meta"):
        model = getattr(keras.applications, name)(weights=None)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.json.gz")
    with gzip.open(path, "wt") as file:
        json.dump(keras.saving.serialize_keras_object(model), file)
