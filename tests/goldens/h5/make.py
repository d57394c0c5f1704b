"""Writes the weight files of this folder with h5py, in the layouts that Keras writes. Values: see README.md."""
import io
import json
import zipfile

import h5py
import numpy as np

LAYERS = [
    ("input", []),
    ("c1", [("kernel", (3, 3, 3, 4)), ("bias", (4,))]),
    ("bn1", [("gamma", (4,)), ("beta", (4,)), ("moving_mean", (4,)), ("moving_variance", (4,))]),
    ("c2", [("kernel", (1, 1, 4, 5))]),
    ("norm", [("mean", (5,)), ("variance", (5,)), ("count", ())]),
    ("pool", []),
    ("predictions", [("kernel", (5, 2)), ("bias", (2,))]),
]


def values(dtype=np.float32):
    """Per layer: (kind, array); the n-th weight of the model holds 100 n, 100 n + 1, ..."""
    n = 0
    for name, weights in LAYERS:
        arrays = []
        for kind, shape in weights:
            arrays.append((kind, (np.arange(np.prod(shape, dtype=int)) + 100 * n).reshape(shape).astype(dtype)))
            n += 1
        yield name, arrays


def count_as(kind, array, dtype):
    return array.astype(dtype) if kind == "count" else array


def legacy(group, layers, suffix=":0"):
    group.attrs["layer_names"] = [name.encode() for name, _ in layers]
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = b"2.2.4"
    for name, arrays in layers:
        g = group.create_group(name)
        g.attrs["weight_names"] = np.asarray([f"{name}/{kind}{suffix}".encode() for kind, _ in arrays])
        for kind, array in arrays:
            g.create_dataset(f"{name}/{kind}{suffix}", data=count_as(kind, array, np.int64))


with h5py.File("legacy.h5", "w") as f:
    legacy(f, list(values()))

# Old Keras: names that say nothing, variable-length strings, chunked and compressed arrays, stored as doubles.
with h5py.File("scrambled_names.h5", "w") as f:
    f.attrs["layer_names"] = [f"layer_{i * 7 % 11}" for i in range(len(LAYERS))]
    for i, (name, arrays) in enumerate(values(np.float64)):
        g = f.create_group(f"layer_{i * 7 % 11}")
        g.attrs["weight_names"] = np.asarray([f"x/deep_{(9 * i + j) % 13}_W_1:0".encode() for j in range(len(arrays))])
        for j, (kind, array) in enumerate(arrays):
            options = dict(chunks=True, compression="gzip", shuffle=True) if array.shape else {}
            g.create_dataset(f"x/deep_{(9 * i + j) % 13}_W_1:0", data=count_as(kind, array, np.int32), **options)

with h5py.File("split_lists.h5", "w") as f:
    legacy(f, list(values()))
    names = f.attrs["layer_names"]
    del f.attrs["layer_names"]
    for i, part in enumerate(np.array_split(names, 3)):
        f.attrs[f"layer_names{i}"] = part
    g = f["bn1"]
    names = g.attrs["weight_names"]
    del g.attrs["weight_names"]
    for i, part in enumerate(np.array_split(names, 2)):
        g.attrs[f"weight_names{i}"] = part

with h5py.File("float16.h5", "w") as f:
    legacy(f, list(values(np.float16)))

with h5py.File("whole_model.h5", "w") as f:
    f.attrs["backend"] = b"tensorflow"
    f.attrs["keras_version"] = b"2.15.0"
    f.attrs["model_config"] = json.dumps({"class_name": "Functional"})
    f.attrs["training_config"] = json.dumps({"loss": "mse"})
    legacy(f.create_group("model_weights"), list(values()))
    f["model_weights"].create_group("top_level_model_weights").attrs["weight_names"] = np.asarray([])
    o = f.create_group("optimizer_weights")
    o.attrs["weight_names"] = [b"adam/m/c1/kernel:0"]
    o.create_dataset("adam/m/c1/kernel:0", data=np.zeros((3, 3, 3, 4), np.float32))

CLASSES = {"c1": "conv2d", "bn1": "batch_normalization", "c2": "conv2d_1", "norm": "normalization",
           "pool": "global_average_pooling2d", "predictions": "dense", "input": "input_layer"}


def keras3(f, container, names=True):
    for name, arrays in values():
        g = f.create_group(f"{container}/{CLASSES[name]}/vars")
        if names:
            g.attrs["name"] = name
        for i, (kind, array) in enumerate(arrays):
            g[str(i)] = count_as(kind, array, np.int32)
    g = f.create_group("optimizer/vars")
    g["0"] = np.int64(3)
    f.create_group("vars")


with h5py.File("keras3.weights.h5", "w") as f:
    keras3(f, "layers")

with h5py.File("tensorflow_2_13.weights.h5", "w") as f:
    keras3(f, "_layer_checkpoint_dependencies", names=False)

with h5py.File("nested.weights.h5", "w") as f:
    f["layers/sequential/layers/conv2d/vars/0"] = np.arange(12, dtype=np.float32).reshape(1, 1, 3, 4)
    f["layers/sequential/layers/conv2d/vars/1"] = np.arange(4, dtype=np.float32) + 100
    f["layers/sequential/layers/layer_normalization/vars/0"] = np.arange(4, dtype=np.float32) + 200
    f["layers/sequential/layers/layer_normalization/vars/1"] = np.arange(4, dtype=np.float32) + 300
    f["layers/sequential_1/layers/conv2d/vars/0"] = np.arange(8, dtype=np.float32).reshape(1, 1, 4, 2) + 400
    f["layers/sequential_1/layers/conv2d/vars/1"] = np.arange(2, dtype=np.float32) + 500

stored = io.BytesIO()
with h5py.File(stored, "w") as f:
    keras3(f, "layers")
with zipfile.ZipFile("whole.keras", "w") as z:
    z.writestr("metadata.json", json.dumps({"keras_version": "3.12.0"}))
    z.writestr("config.json", json.dumps({"class_name": "Functional"}))
    z.writestr("model.weights.h5", stored.getvalue())
