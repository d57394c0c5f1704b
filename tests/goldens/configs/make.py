"""Writes keras.json: a hash of the configuration that Keras 3 saves for each application, as .keras and as .h5.

Run it with the torch backend. The weights are zeros, because a configuration has none. What is hashed: see canonical().
"""
import gc
import hashlib
import json
import struct

import keras
import keras.src.initializers.random_initializers as random_initializers
from keras.src.legacy.saving import json_utils, saving_options, saving_utils
from keras.src.saving import serialization_lib

random_initializers.VarianceScaling.__call__ = lambda self, shape, dtype=None: keras.ops.zeros(shape, dtype=dtype)


def canonical(value):
    """One text for equal configurations: keys sorted, numbers by their bits, the axis of channels by one name."""
    if isinstance(value, dict):
        if value.get("class_name") == "Add" and value.get("module") == "keras.src.ops.numpy" and "__keras_tensor__" in str(value["inbound_nodes"][0]["args"][1:]):
            value = as_layer(value)
        if value.get("class_name") == "Constant" and value["config"]["value"] == 0:
            value = {**value, "class_name": "Zeros", "config": {}}
        entries = {k: v for k, v in value.items() if k != "shared_object_id"}
        if "axis" in entries:
            entries["axis"] = "channels"
        if entries.get("class_name") == "Sequential":
            # Keras numbers the inputs of nested models over the whole process.
            entries["config"]["layers"][0]["config"]["name"] = ""
        return "{" + ",".join(f"{k}:{canonical(entries[k])}" for k in sorted(entries)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(canonical(v) for v in value) + "]"
    if value is None:
        return "n"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (int, float)):
        return "#" + struct.pack(">d", value).hex()
    return f"'{value}'"


def as_layer(operator):
    """The operator x + y of ConvNeXt as the layer Add, which computes the same."""
    tensors = operator["inbound_nodes"][0]["args"]
    policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}
    return {
        "module": "keras.layers", "class_name": "Add", "registered_name": None, "name": operator["name"],
        "config": {"name": operator["name"], "trainable": True, "dtype": policy},
        "build_config": {"input_shape": [t["config"]["shape"] for t in tensors]},
        "inbound_nodes": [{"args": [tensors], "kwargs": {}}],
    }


def digest(config):
    # Keras' names of its models hold the width and the size in some families; TransferKit's are the names to load them by.
    config["config"]["name"] = ""
    return hashlib.sha256(canonical(config).encode()).hexdigest()[:32]


def saved(model):
    with serialization_lib.ObjectSharingScope():
        config = serialization_lib.serialize_keras_object(model)
    return json.loads(json.dumps(config))


if __name__ == "__main__":
    hashes = {}
    applications = keras.applications
    for name in sorted(n for n in dir(applications) if n[0].isupper()):
        alpha = {"MobileNet": 0.5, "MobileNetV2": 0.5, "MobileNetV3Small": 0.75, "MobileNetV3Large": 0.75}.get(name)
        options = {"alpha": alpha} if alpha else {}
        make = getattr(applications, name)
        for top in (True, False):
            keras.backend.clear_session()
            more = {"classes": 10} if top else {"include_top": False, "pooling": "avg" if len(name) % 2 else None}
            model = make(weights=None, input_shape=(96, 96, 3), **more, **options)
            hashes[f"{name} {'top' if top else 'notop'}"] = digest(saved(model))
            del model
            gc.collect()
    with open("keras.json", "w") as f:
        json.dump(hashes, f, indent=1)
