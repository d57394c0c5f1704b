"""Makes backbones/NAME.json, Keras' account of an application, with Keras' own code. No weights are downloaded.

    pip install keras torch
    KERAS_BACKEND=torch python3 tests/goldens/make-backbones.py mobilenet_v2=MobileNetV2            # writes backbones/mobilenet_v2.json
    KERAS_BACKEND=torch python3 tests/goldens/make-backbones.py --check mobilenet_v2=MobileNetV2    # compares with it, and writes nothing

The formulas of weights and inputs are told in docs/extending/goldens.md. --gamma-low is lower than 0.8 where a deep gated network
would be chaotic otherwise; a known network takes that of its file.
"""
import argparse
import json
import math
import pathlib
import sys

import numpy as np

FOLDER = pathlib.Path(__file__).parent / "backbones"
# The sizes of the sampled outputs, and a size that no network was trained on.
TOP, POOLED, MAP, OTHER_SIZE = 256, 512, 128, (161, 261)


def uniform(name, count):
    """Returns numbers of 24 bits in [0, 1): SplitMix64, started from the FNV-1a hash of the name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(40)) / 2.0**24


def weight(layer, kind, shape, gamma_low):
    if kind == "count":
        return np.zeros(shape)
    u = uniform(f"{layer}/{kind}", math.prod(shape)).reshape(shape)
    if kind in ("kernel", "pointwise_kernel"):
        return (2 * u - 1) * math.sqrt(6 / math.prod(shape[:-1]))
    if kind == "depthwise_kernel":
        return (2 * u - 1) * math.sqrt(6 / (shape[0] * shape[1]))
    if kind == "gamma":
        return gamma_low + 0.4 * u
    if kind in ("moving_variance", "variance"):
        return 0.5 + u
    return (2 * u - 1) * 0.1


def kind_of(layer, variable):
    """Returns the name of a variable as the formulas have it. Keras calls depthwise kernels "kernel" too, and a scale has no name."""
    if type(layer).__name__ == "LayerScale":
        return "gamma"
    return "depthwise_kernel" if type(layer).__name__ == "DepthwiseConv2D" and variable.name == "kernel" else variable.name


def fill(model, gamma_low):
    for layer in model.layers:
        # Weights inside a Sequential have the names of the inner layers.
        for owner in getattr(layer, "layers", [layer]):
            for variable in owner.weights:
                variable.assign(weight(owner.name, kind_of(owner, variable), tuple(variable.shape), gamma_low).astype("float32"))


def pair(value):
    return [value, value] if isinstance(value, int) else list(value)


def numbers(value):
    return [float(v) for v in np.ravel(np.asarray(value, dtype="float64"))]


def activation(config):
    name = config["activation"]
    name = name if isinstance(name, str) else name and name["config"]
    return None if name == "linear" else name


def config_of(layer):
    """Returns the entries of a layer's configuration that say what it computes."""
    c, kind = layer.get_config(), type(layer).__name__
    window = lambda *more: {"strides": pair(c["strides"]), "padding": c["padding"], **dict(more)}
    if kind == "Conv2D":
        return {"filters": c["filters"], "kernel": pair(c["kernel_size"]), **window(("activation", activation(c))), "use_bias": c["use_bias"],
                "dilation": pair(c["dilation_rate"]), "groups": c["groups"]}
    if kind == "DepthwiseConv2D":
        return {"kernel": pair(c["kernel_size"]), **window(("activation", activation(c))), "use_bias": c["use_bias"],
                "depth_multiplier": c["depth_multiplier"], "dilation": pair(c["dilation_rate"])}
    if kind == "SeparableConv2D":
        return {"filters": c["filters"], "kernel": pair(c["kernel_size"]), **window(("activation", activation(c))), "use_bias": c["use_bias"]}
    if kind == "Dense":
        return {"units": c["units"], "activation": activation(c), "use_bias": c["use_bias"]}
    if kind in ("MaxPooling2D", "AveragePooling2D"):
        return {"pool": pair(c["pool_size"]), **window()}
    if kind == "BatchNormalization":
        return {k: c[k] for k in ("epsilon", "scale", "center")}
    if kind == "Activation":
        return {"activation": activation(c) or "linear"}
    if kind == "Concatenate":
        return {"axis": c["axis"] % len(layer.output.shape)}
    if kind == "Normalization" and c["mean"] is not None:
        return {"mean": numbers(c["mean"]), "variance": numbers(c["variance"])}
    if kind == "Rescaling" and not isinstance(c["scale"], (int, float)):
        return {"scale": numbers(c["scale"]), "offset": c["offset"]}
    if kind in ("ZeroPadding2D", "Cropping2D"):
        return {k: [list(p) for p in c[k]] for k in ("padding", "cropping") if k in c}
    kept = {"LayerNormalization": ["epsilon"], "ReLU": ["max_value"], "Rescaling": ["scale", "offset"], "Reshape": ["target_shape"],
            "GlobalAveragePooling2D": ["keepdims"], "GlobalMaxPooling2D": ["keepdims"]}.get(kind, [])
    return {k: list(c[k]) if isinstance(c[k], tuple) else c[k] for k in kept}


def describe(layer):
    inbound = [t._keras_history.operation.name for t in layer._inbound_nodes[0].arguments.keras_tensors]
    # A sum written as a + b is an operation and no layer.
    is_layer = hasattr(layer, "weights")
    weights = layer.weights if is_layer else []
    return {"name": layer.name, "type": type(layer).__name__, "output_shape": list(layer.output.shape),
            "params": layer.count_params() if is_layer else 0,
            "weights": [[kind_of(layer, w), list(w.shape), bool(w.trainable)] for w in weights],
            "inbound": inbound, "config": config_of(layer) if is_layer else {}}


def mode_of(preprocess):
    x = np.array([[[[10.0, 100.0, 200.0]]]], dtype="float32")
    first = float(np.ravel(preprocess(x.copy()))[0])
    modes = {"none": 10.0, "tf": 10 / 127.5 - 1, "torch": (10 / 255 - 0.485) / 0.229, "caffe": 200 - 103.939}
    return min(modes, key=lambda mode: abs(modes[mode] - first))


def sample(values, count):
    flat = np.ravel(values)
    count = min(count, flat.size)
    return {"shape": list(values.shape), "mean": float(flat.mean(dtype="float64")), "std": float(flat.std(dtype="float64")), "count": count,
            "values": [float(flat[i * flat.size // count]) for i in range(count)]}


def make(name, function, gamma_low):
    import keras

    preprocess = sys.modules[function.__module__].preprocess_input

    def build(**options):
        keras.backend.clear_session()
        return function(weights=None, **options)

    top = build(classifier_activation=None)
    size = list(top.input_shape[1:3])
    golden = {"name": name, "gamma_low": gamma_low, "preprocess": mode_of(preprocess), "default_size": size, "total_params": top.count_params(),
              "trainable_params": sum(math.prod(w.shape) for w in top.trainable_weights), "layers_top": [describe(l) for l in top.operations]}
    plain = build(include_top=False, pooling="avg")
    golden |= {"notop_params": plain.count_params(), "layer_order_notop": [l.name for l in plain.operations], "cases": []}
    other = size if name.startswith("nasnet") else list(OTHER_SIZE)
    for options, at, batch, count in [
            ({"include_top": True, "classes": 1000}, size, 1, TOP), ({"include_top": False, "pooling": "avg"}, size, 1, POOLED),
            ({"include_top": False, "pooling": "max"}, size, 1, MAP), ({"include_top": False, "pooling": None}, size, 1, MAP),
            ({"include_top": False, "pooling": "avg"}, other, 2, POOLED), ({"include_top": True, "classes": 10}, size, 1, TOP)]:
        if options["include_top"]:
            options |= {"classifier_activation": "linear", "pooling": None}
        built = dict(options, classifier_activation=None) if options["include_top"] else dict(options)
        model = build(input_shape=(*at, 3), **{k: v for k, v in built.items() if v is not None or k == "classifier_activation"})
        fill(model, gamma_low)
        pixels = np.floor(uniform("input", batch * at[0] * at[1] * 3) * 256).astype("float32").reshape(batch, *at, 3)
        prepared = preprocess(pixels)
        case = {**options, "input_size": at, "batch": batch, "output": sample(np.asarray(model.predict(prepared, verbose=0)), count)}
        if options.get("pooling") == "avg" and batch == 1:
            all_layers = keras.Model(model.inputs, [l.output for l in model.operations])
            outputs = all_layers.predict(prepared, verbose=0)
            # These deviations are of samples, as torch computes them.
            case["layer_mean_std"] = {l.name: [float(o.mean(dtype="float64")), float(o.std(dtype="float64", ddof=1))]
                                      for l, o in zip(model.operations, outputs)}
        golden["cases"].append(case)
    return golden


def differences(old, new, at=""):
    """Lists what differs. Computed numbers may differ by 1e-4 of the largest, since libraries add in different orders."""
    if isinstance(old, dict) and isinstance(new, dict) and list(old) == list(new):
        return [d for k in old for d in differences(old[k], new[k], f"{at}/{k}")]
    if at.endswith(("/values", "/mean", "/std")) or "/layer_mean_std/" in at:
        a, b = np.ravel(np.asarray(old, dtype="float64")), np.ravel(np.asarray(new, dtype="float64"))
        if a.shape == b.shape and np.abs(a - b).max() <= 1e-4 * max(np.abs(a).max(), 1e-6) + 1e-6:
            return []
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [d for i, (a, b) in enumerate(zip(old, new)) for d in differences(a, b, f"{at}[{i}]")]
    elif isinstance(old, list) and isinstance(new, list) and all(isinstance(x, (str, dict)) for x in old + new):
        name = lambda x: x["name"] if isinstance(x, dict) else x
        return [f"{at}: {len(old)} entries in the file, {len(new)} by Keras; "
                f"not in both: {sorted({name(x) for x in old} ^ {name(x) for x in new})[:10]}"]
    return [] if old == new else [f"{at}: {str(old)[:100]} in the file, {str(new)[:100]} by Keras"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="compare with the files, and write nothing")
    parser.add_argument("--gamma-low", type=float, help="the lowest gamma; that of the file, or 0.8 for a new one")
    parser.add_argument("network", nargs="+", help="a name and its function in keras.applications, such as mobilenet_v2=MobileNetV2")
    arguments = parser.parse_args()
    import keras

    wrong = []
    for name, function in (network.split("=") for network in arguments.network):
        path = FOLDER / f"{name}.json"
        old = json.loads(path.read_text()) if path.exists() else {}
        golden = make(name, getattr(keras.applications, function), arguments.gamma_low or old.get("gamma_low", 0.8))
        if not arguments.check:
            path.write_text(json.dumps(golden, separators=(",", ":")))
        found = differences(old, json.loads(json.dumps(golden))) if arguments.check else []
        print(f"{path.name}: {f'{len(found)} differences' if arguments.check else 'written'}", *found[:20], sep="\n  ")
        wrong += found
    sys.exit(1 if wrong else 0)
