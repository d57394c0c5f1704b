"""Writes small whole models and what Keras predicts with them.

Keras 3 (any installation; `import real_keras` is skipped where it does not exist) builds, runs and saves the models as .keras and .h5. The files
named keras2-* were not written by Keras 2: this script writes them with h5py after Keras 2's source (tf.keras 2.4 to 2.15: `Functional.get_config`,
`Node.serialize`, `save_model_to_hdf5`), from the models that Keras 3 ran.

Usage: python3 make.py [FOLDER]
"""
import base64
import gzip
import io
import itertools
import json
import os
import sys
import zipfile

try:
    import real_keras  # noqa: F401  (runs Keras from a checkout of its sources)
except ImportError:
    pass
import h5py
import keras
import numpy as np
from keras import layers as L
from keras import ops

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
EXPECTED = {}
ACTIVATIONS = [
    "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "softplus", "softsign", "squareplus", "silu", "swish", "gelu", "tanh", "hard_tanh",
    "tanh_shrink", "soft_shrink", "hard_shrink", "sigmoid", "hard_sigmoid", "log_sigmoid", "sparse_sigmoid", "sparse_plus", "exponential",
    "hard_silu", "mish", "softmax", "log_softmax", "linear",
]


def pixels(shape):
    return ((np.arange(np.prod(shape)) * 37 + 11) % 256).reshape(shape).astype("float32")


def fill(model, seed):
    random = np.random.RandomState(seed)
    for weight in model.weights:
        if "seed_generator" in weight.path:
            continue
        value = random.uniform(-0.5, 0.5, weight.shape)
        if weight.name in ("moving_variance", "variance", "gamma"):
            value = value + 1
        weight.assign(value.astype("float32"))


def expect(name, model):
    size = [64 if d is None else d for d in model.inputs[0].shape[1:]]
    given = pixels([2, *size[:2], 3])
    outputs = model(given[..., :1] if size[2] == 1 else given, training=False)
    names = [t._keras_history[0].name for t in model.outputs]
    if isinstance(outputs, dict):
        names = sorted(outputs)
        outputs = [outputs[key] for key in names]
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    EXPECTED[name] = {
        "input": size,
        "outputs": [{"layer": n, "shape": list(o.shape), "values": base64.b64encode(
            o.detach().cpu().numpy().astype("<f4").tobytes()).decode()} for n, o in zip(names, outputs)],
    }


def save(name, model, h5=False, seed=1):
    fill(model, seed)
    expect(name, model)
    write(name, model, h5)


def write(name, model, h5):
    path = os.path.join(OUT, f"{name}.keras")
    model.save(path)
    pack(path)
    if h5:
        model.save(os.path.join(OUT, f"{name}.h5"))


def pack(path):
    """Deflates the archive, in which Keras stores its members, and drops the date, so that the file stays small and the same."""
    with zipfile.ZipFile(path) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    metadata = json.loads(members["metadata.json"])
    metadata["date_saved"] = "2025-01-01@00:00:00"
    members["metadata.json"] = json.dumps(metadata).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, 9)


def squeeze(path):
    """Replaces an .h5 file by a gzip of it, a tenth as long."""
    with open(path, "rb") as file, open(path + ".gz", "wb") as target, gzip.GzipFile("", "wb", 9, target, mtime=0) as packed:
        packed.write(file.read())
    os.remove(path)


def prepared(height, width):
    i = keras.Input((height, width, 3))
    return i, L.Rescaling(1 / 32, offset=-4, name="prepared")(i)


def convolutions():
    i, x = prepared(11, 8)
    a = L.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="same")(x)
    outputs = [
        a,
        L.Conv2D(3, (3, 2), dilation_rate=(2, 1), activation="tanh", name="dilated")(x),
        L.Conv2D(6, 3, groups=3, use_bias=False, padding="same", kernel_regularizer="l2", name="grouped")(x),
        L.DepthwiseConv2D(3, strides=2, depth_multiplier=2, padding="same", activation="gelu", name="depthwise")(x),
        L.DepthwiseConv2D(2, dilation_rate=2, use_bias=False, name="depthwise_dilated")(a),
        L.SeparableConv2D(5, 3, depth_multiplier=2, padding="same", activation="silu", name="separable")(x),
        L.SeparableConv2D(4, 3, strides=2, name="separable_strided")(x),
        L.SeparableConv2D(4, 2, dilation_rate=2, padding="same", use_bias=False, name="separable_dilated")(x),
        L.Conv2DTranspose(3, 3, strides=2, padding="same", activation="relu", name="transposed_same")(a),
        L.Conv2DTranspose(2, 3, strides=2, name="transposed_valid")(a),
        L.Conv2DTranspose(2, 2, strides=3, padding="same", use_bias=False, name="transposed_wide")(a),
        L.Conv2DTranspose(2, 4, strides=2, padding="same", name="transposed_even")(a),
        L.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=1, name="transposed_padded")(a),
        L.Conv2DTranspose(2, (3, 2), dilation_rate=2, padding="same", name="transposed_dilated")(a),
        L.Dense(4, activation="sigmoid", name="dense_map")(a),
    ]
    return keras.Model(i, outputs, name="convolutions")


def shapes():
    i, x = prepared(7, 10)
    outputs = [
        L.MaxPooling2D(3, strides=2, padding="same", name="max_same")(x),
        L.MaxPooling2D((2, 3), name="max_valid")(x),
        L.AveragePooling2D(3, strides=2, padding="same", name="average_same")(x),
        L.AveragePooling2D(2, name="average_valid")(x),
        L.GlobalAveragePooling2D(name="global_average")(x),
        L.GlobalAveragePooling2D(keepdims=True, name="global_average_map")(x),
        L.GlobalMaxPooling2D(name="global_max")(x),
        L.GlobalMaxPooling2D(keepdims=True, name="global_max_map")(x),
        L.Flatten(name="flatten")(x),
        L.Reshape((5, -1, 6), name="reshape_map")(x),
        L.Reshape((-1,), name="reshape_vector")(x),
        L.Permute((2, 3, 1), name="permute")(x),
        L.ZeroPadding2D(((1, 2), (0, 3)), name="padded")(x),
        L.ZeroPadding2D(1, name="padded_all")(x),
        L.Cropping2D(((1, 0), (2, 3)), name="cropped")(x),
        L.CenterCrop(4, 5, name="middle")(x),
        L.UpSampling2D(2, name="up_nearest")(x),
        L.UpSampling2D((3, 2), interpolation="bilinear", name="up_bilinear")(x),
        L.Resizing(5, 13, name="resized")(x),
        L.Resizing(11, 4, interpolation="nearest", name="resized_nearest")(x),
    ]
    return keras.Model(i, outputs, name="shapes")


def activations():
    i, x = prepared(2, 3)
    v = L.Flatten(name="vector")(x)
    outputs = [L.Activation(a, name=f"act_{a}")(x if n % 2 else v) for n, a in enumerate(ACTIVATIONS)]
    outputs += [
        L.ReLU(name="relu_plain")(x),
        L.ReLU(max_value=2.0, name="relu_cut")(x),
        L.ReLU(negative_slope=0.25, name="relu_slope")(x),
        L.ReLU(max_value=3.0, negative_slope=0.125, threshold=0.5, name="relu_all")(x),
        L.ReLU(threshold=1.5, name="relu_threshold")(v),
        L.LeakyReLU(name="leaky")(x),
        L.LeakyReLU(negative_slope=0.125, name="leaky_slope")(v),
        L.ELU(name="elu_plain")(x),
        L.ELU(alpha=0.5, name="elu_alpha")(v),
        L.PReLU(name="prelu")(x),
        L.PReLU(shared_axes=[1, 2], name="prelu_shared")(x),
        L.PReLU(name="prelu_vector")(v),
        L.Softmax(name="softmax_map")(x),
        L.Softmax(name="softmax_vector")(v),
    ]
    return keras.Model(i, outputs, name="activations")


def normalizations():
    i, x = prepared(4, 3)
    y = L.Conv2D(4, 1, name="four")(x)
    v = L.Dense(6, name="six")(L.Flatten(name="vector")(x))
    outputs = [
        L.BatchNormalization(name="batch")(y),
        L.BatchNormalization(scale=False, epsilon=1e-2, name="batch_unscaled")(v),
        L.BatchNormalization(center=False, name="batch_uncentered")(x),
        L.LayerNormalization(name="layer")(y),
        L.LayerNormalization(scale=False, epsilon=1e-6, name="layer_unscaled")(y),
        L.LayerNormalization(center=False, name="layer_uncentered")(v),
        L.GroupNormalization(2, name="group")(y),
        L.GroupNormalization(1, scale=False, name="group_unscaled")(y),
        L.GroupNormalization(-1, center=False, name="group_instance")(y),
        L.GroupNormalization(2, scale=False, center=False, name="group_vector")(v),
        L.UnitNormalization(name="unit")(y),
        L.UnitNormalization(name="unit_vector")(v),
        L.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0], name="constants")(x),
        L.Normalization(name="adapted")(x),
        L.Rescaling([0.5, 2.0, 3.0], offset=1.0, name="scales")(x),
    ]
    return keras.Model(i, outputs, name="normalizations")


def merging():
    i, x = prepared(5, 4)
    a, b = L.Conv2D(4, 1, name="a")(x), L.Conv2D(4, 3, padding="same", name="b")(x)
    g = L.GlobalAveragePooling2D(keepdims=True, name="g")(a)
    v, w = L.Dense(5, name="v")(L.Flatten(name="flat")(a)), L.Dense(5, name="w")(L.GlobalMaxPooling2D(name="pooled")(b))
    outputs = [
        L.Add(name="add")([a, b, a]), L.Subtract(name="subtract")([a, b]), L.Multiply(name="multiply")([a, g]),
        L.Average(name="average")([a, b, g]), L.Maximum(name="maximum")([a, b]), L.Minimum(name="minimum")([a, b, g]),
        L.Concatenate(name="join")([a, b, x]), L.Concatenate(name="join_vectors")([v, w]),
        L.Dot(axes=1, name="dot")([v, w]), L.Dot(axes=-1, normalize=True, name="cosine")([v, w]),
    ]
    return keras.Model(i, outputs, name="merging")


def operators():
    i, x = prepared(6, 5)
    a = L.Conv2D(3, 1, name="a")(x)
    mean = ops.mean(ops.relu(1.0 - a) / 3.0, axis=[1, 2])
    outputs = [
        2.0 * x - a, (x + a) * x, ops.maximum(x, 0.5), 1.0 / (x + 9.0), -x, ops.sigmoid(a), mean, ops.softmax(mean),
        ops.concatenate([x, a], axis=-1), keras.applications.vgg16.preprocess_input(i), keras.applications.mobilenet.preprocess_input(i),
        keras.applications.densenet.preprocess_input(i), L.Dense(2, name="last")(mean),
    ]
    return keras.Model(i, outputs, name="operators")


def backbone(trainable=True, name="base", prefix=""):
    i = keras.Input((12, 10, 3))
    x = L.Conv2D(4, 3, strides=2, use_bias=False, name=f"{prefix}conv")(i)
    x = L.BatchNormalization(name=f"{prefix}bn")(x)
    y = L.ReLU(6.0, name=f"{prefix}relu")(x)
    x = L.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"{prefix}depthwise")(y)
    x = L.BatchNormalization(name=f"{prefix}depthwise_bn")(x)
    x = L.Add(name=f"{prefix}add")([x, y])
    model = keras.Model(i, x, name=name)
    model.trainable = trainable
    return model


def nested(trainable):
    """Keras' guide to transfer learning: augmentation, rescaling, a nested backbone, a head; two layers have one name."""
    i = keras.Input((12, 10, 3), name="pictures")
    x = keras.Sequential([L.RandomFlip("horizontal"), L.RandomRotation(0.1)], name="augmentation")(i)
    x = L.Rescaling(1 / 127.5, offset=-1, name="rescaling")(x)
    base = backbone(trainable)
    if trainable == "partly":
        base.trainable = True
        base.get_layer("conv").trainable = False
        base.get_layer("depthwise_bn").trainable = False
    x = base(x, training=False)
    x = L.GlobalAveragePooling2D(name="pool")(x)
    x = keras.Sequential([keras.Input((4,)), L.Dense(5, activation="relu", name="dense"), L.BatchNormalization(name="bn")], name="head")(x)
    x = L.Dropout(0.2, name="dropout")(x)
    return keras.Model(i, L.Dense(3, activation="softmax", name="dense")(x), name="nested")


def shared():
    i, x = prepared(9, 6)
    conv, relu = L.Conv2D(3, 3, padding="same", name="conv"), L.ReLU(name="relu")
    base = keras.Sequential([keras.Input((9, 6, 3)), L.Conv2D(3, 1, name="inner"), L.BatchNormalization(name="inner_bn")], name="twice")
    x = relu(conv(x))
    x = relu(conv(x))
    return keras.Model(i, [L.Add(name="sum")([base(x), base(relu(conv(x)))]), base(x)], name="shared")


def sequential():
    model = keras.Sequential([
        keras.Input((8, 9, 3)), L.Rescaling(1 / 255), L.RandomZoom(0.1), L.Conv2D(4, 3, activation="relu"), L.SpatialDropout2D(0.1),
        L.MaxPooling2D(), L.GaussianNoise(0.1), L.Conv2D(4, 2, activation="relu"), L.Flatten(), L.GaussianDropout(0.1), L.AlphaDropout(0.1),
        L.ActivityRegularization(l2=0.1), L.Dense(2)], name="sequential")
    model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
    return model


def teachable():
    """The form of Teachable Machine's export: a backbone and a pooling, then two dense layers, each in a sequential model."""
    base = backbone(True, "model1")
    features = keras.Sequential([base, L.GlobalAveragePooling2D(name="pooled")], name="sequential_1")
    head = keras.Sequential([keras.Input((4,)), L.Dense(6, activation="relu", name="dense_Dense1"),
                             L.Dense(2, activation="softmax", use_bias=False, name="dense_Dense2")], name="sequential_3")
    return keras.Sequential([keras.Input((12, 10, 3)), L.Rescaling(1 / 127.5, offset=-1, name="rescaling"), features, head], name="sequential_4")


def windows():
    """Each kind of window in all of a few kernels, strides and paddings, on a map of even height and odd width."""
    i, x = prepared(6, 5)
    outputs, paddings = [], ("same", "valid")
    for kernel, strides, padding in itertools.product((2, 3, (2, 3)), (2, 3, (1, 2)), paddings):
        name = f"{kernel}_{strides}_{padding}".replace("(", "").replace(")", "").replace(", ", "x")
        outputs.append(L.MaxPooling2D(kernel, strides, padding, name=f"max_{name}")(x))
        outputs.append(L.AveragePooling2D(kernel, strides, padding, name=f"average_{name}")(x))
        outputs.append(L.Conv2D(2, kernel, strides, padding, name=f"conv_{name}")(x))
        if strides != (1, 2):  # Keras' depthwise kernels have one stride for both sides.
            outputs.append(L.DepthwiseConv2D(kernel, strides, padding, name=f"depthwise_{name}")(x))
            outputs.append(L.SeparableConv2D(2, kernel, strides, padding, name=f"separable_{name}")(x))
        outputs.append(L.Conv2DTranspose(1, kernel, strides, padding, name=f"transposed_{name}")(x))
    for kernel, dilation, padding in itertools.product((2, 3, (1, 3)), (2, (1, 2)), paddings):
        name = f"dilated_{kernel}_{dilation}_{padding}".replace("(", "").replace(")", "").replace(", ", "x")
        outputs.append(L.Conv2D(3, kernel, padding=padding, dilation_rate=dilation, groups=3, name=f"conv_{name}")(x))
        outputs.append(L.DepthwiseConv2D(kernel, padding=padding, dilation_rate=dilation, name=f"depthwise_{name}")(x))
    return keras.Model(i, L.Concatenate(name="all")([L.Flatten(name=f"flat_{n}")(o) for n, o in enumerate(outputs)]), name="windows")


def preparation():
    i = keras.Input((5, 4, 3))
    return keras.Model(i, [
        L.Rescaling([0.5, 2.0, 3.0], offset=[1.0, -2.0, 3.0], name="scales_offsets")(i),
        L.Rescaling(0.5, offset=[1.0, -2.0, 3.0], name="offsets")(i),
        L.Rescaling([0.017, 0.0175, 0.0174], offset=-1.0, name="scales")(i),
        L.Normalization(mean=100.0, variance=2500.0, name="one_constant")(i),
        L.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0], name="constants")(i),
        L.Identity(name="identity")(i),
    ], name="preparation")


def named():
    """A dictionary of outputs whose keys are not sorted, and nested models with a dictionary and with a tuple of outputs."""
    i, x = prepared(6, 5)
    inner = keras.Input((6, 5, 3))
    pair = keras.Model(inner, {"wide": L.Conv2D(2, 3, name="three")(inner), "narrow": L.Conv2D(2, 1, name="one")(inner)}, name="pair")
    inner = keras.Input((4, 3, 2))
    both = keras.Model(inner, (L.ReLU(name="cut")(inner), L.GlobalMaxPooling2D(name="top")(inner)), name="both")
    parts = pair(x)
    cut, top = both(parts["wide"])
    vector = L.GlobalAveragePooling2D(name="pool")(parts["narrow"])
    head = keras.Sequential([keras.Input((2,)), L.Dense(4, activation="softmax", name="kinds")], name="head")
    return keras.Model(i, {"kind": head(vector), "box": L.Dense(4, name="dense")(top), "dense": cut, "again": vector}, name="named")


def tuple_of():
    i, x = prepared(4, 5)
    a = L.Conv2D(2, 3, name="a")(x)
    return keras.Model(i, (a, L.GlobalAveragePooling2D(name="b")(a)), name="tuple_of")


def rounded(policy):
    """A model whose layers compute in less than 32 bits. Its numbers are those of the same weights in 32 bits."""
    def build(policies):
        with_policy = lambda n: {"dtype": policy if policies else "float32"}  # noqa: E731
        i = keras.Input((8, 7, 3))
        x = L.Rescaling(1 / 255, name="rescaling", **with_policy(0))(i)
        x = L.Conv2D(4, 3, name="conv", **with_policy(1))(x)
        x = L.BatchNormalization(name="bn", **with_policy(2))(x)
        x = L.GlobalAveragePooling2D(name="pool", **with_policy(3))(L.ReLU(name="relu", **with_policy(3))(x))
        return keras.Model(i, L.Dense(3, activation="softmax", dtype="float32", name="dense")(x), name=f"rounded_{policy}")

    exact, model = build(False), build(True)
    fill(exact, 1)
    model.set_weights([w.numpy() for w in exact.weights])
    # The weights as the file holds them.
    exact.set_weights([np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(w.value, "float32"))) for w in model.weights])
    return exact, model


# ---- Keras 2's spelling, after tf.keras' source ----

FUNCTIONS = {"TrueDivide": "math.truediv", "Subtract": "math.subtract", "Add": "__operators__.add", "Multiply": "math.multiply"}
KINDS = {"DepthwiseConv2D": {"kernel": "depthwise_kernel"}}


def config2(layer):
    """A layer's configuration as tf.keras 2 writes it: dtypes are names, objects have only a class and a config, tuples are lists."""
    config = {}
    for key, value in layer.items():
        if key in ("build_config", "optional", "quantization_config", "renorm", "renorm_clipping", "renorm_momentum", "synchronized", "seed"):
            continue
        if key == "batch_shape":
            key = "batch_input_shape"
        if isinstance(value, dict) and value.get("class_name") == "DTypePolicy":
            value = value["config"]["name"]
        elif isinstance(value, dict) and "class_name" in value:
            value = {"class_name": value["class_name"], "config": {k: v for k, v in value["config"].items() if not k.endswith("_axes")}}
        config[key] = value
    return config


def first2(argument, offset, kwargs):
    name, call, index = argument["config"]["keras_history"]
    return [name, call + offset(name), index, kwargs]


def model2(model):
    """The configuration of a model: inbound nodes are lists, and the first call of a nested model has the number 1."""
    config = model["config"]
    layers = []
    nested_names = {l["config"]["name"] for l in config["layers"] if "layers" in l["config"]}
    offset = lambda name: 1 if name in nested_names else 0  # noqa: E731
    for layer in config["layers"]:
        if "layers" in layer["config"]:
            entry = model2(layer)
        elif layer["module"].startswith("keras.src.ops"):
            function = FUNCTIONS[layer["class_name"]]
            entry = {"class_name": "TFOpLambda", "config": {"name": "tf." + function, "trainable": True, "dtype": "float32", "function": function}}
            entry["config"]["name"] = layer["name"]
        else:
            entry = {"class_name": layer["class_name"], "config": config2(layer["config"])}
        if "inbound_nodes" in layer:
            entry["name"] = layer["name"]
            nodes = []
            for node in layer["inbound_nodes"]:
                first = node["args"][0]
                if entry["class_name"] == "TFOpLambda":
                    second = node["args"][1]
                    if isinstance(second, dict) and second["class_name"] == "__keras_tensor__":
                        second = first2(second, offset, {})[:3]
                    elif isinstance(second, dict):
                        second = second["config"]["value"]
                    nodes.append(first2(first, offset, {"y": second, "name": None}))
                elif isinstance(first, list):
                    nodes.append([first2(f, offset, {}) for f in first])
                else:
                    kwargs = {k: v for k, v in node["kwargs"].items() if v is not None}
                    nodes.append([first2(first, offset, kwargs)])
            entry["inbound_nodes"] = nodes
        layers.append(entry)
    name = config["name"]
    if model["class_name"] == "Sequential":
        return {"class_name": "Sequential", "config": {"name": name, "layers": layers}}
    ends = {k: [config[k]] if isinstance(config[k][0], str) else config[k] for k in ("input_layers", "output_layers")}
    ends = {k: [[n, c + (offset(n) if c == 0 else 0), i] for n, c, i in v] for k, v in ends.items()}
    return {"class_name": "Functional", "config": {"name": name, "layers": layers, **ends}}


def save2(name, model, seed=1, layer_by_layer=False, names=None):
    """Writes an .h5 file after tf.keras' `save_model_to_hdf5` and `save_weights_to_hdf5_group`."""
    fill(model, seed)
    expect(name, model)
    path = os.path.join(OUT, "temporary.keras")
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        config = model2(json.loads(archive.read("config.json")))
    os.remove(path)
    file2(name, config, [(layer.name, weights2(layer, layer_by_layer)) for layer in model.layers])


def file2(name, config, layers):
    with h5py.File(os.path.join(OUT, f"{name}.h5"), "w", track_order=False) as file:
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = b"2.11.0"
        file.attrs["model_config"] = json.dumps(config).encode()
        group = file.create_group("model_weights")
        group.attrs["backend"], group.attrs["keras_version"] = b"tensorflow", b"2.11.0"
        group.attrs["layer_names"] = [layer.encode() for layer, _ in layers]
        for layer, weights in layers:
            own = group.create_group(layer)
            own.attrs["weight_names"] = [n.encode() for n, _ in weights]
            for n, w in weights:
                own.create_dataset(n, data=w)


# The calls that `preprocess_input` of tf.keras 2.4 to 2.15 leaves in a model (`_preprocess_symbolic_input` in imagenet_utils.py).
CALLS2 = {
    "caffe": [
        ("SlicingOpLambda", "__operators__.getitem", {"slice_spec": [{"class_name": "__ellipsis__"}, {"start": None, "stop": None, "step": -1}]}),
        ("TFOpLambda", "nn.bias_add", {"bias": [-103.93900299072266, -116.77899932861328, -123.68000030517578], "data_format": "NHWC"}),
    ],
    "torch": [
        ("TFOpLambda", "math.truediv", {"y": 255.0, "name": None}),
        ("TFOpLambda", "nn.bias_add", {"bias": [-0.48500001430511475, -0.4560000002384186, -0.4059999883174896], "data_format": "NHWC"}),
        ("TFOpLambda", "math.truediv", {"y": [0.2290000021457672, 0.2240000069141388, 0.22499999403953552], "name": None}),
    ],
}


def save2_prepared(name, mode):
    """Writes a model that begins with `preprocess_input` in tf.keras' spelling, from Keras 3's numbers of the same arithmetic."""
    i = keras.Input((6, 5, 3), name="input_1")
    x = keras.src.applications.imagenet_utils.preprocess_input(i, mode=mode)
    x = L.GlobalAveragePooling2D(name="pool")(L.Conv2D(4, 3, activation="tanh", kernel_initializer="zeros", name="conv")(x))
    model = keras.Model(i, L.Dense(2, activation="softmax", name="last")(x), name="model")
    fill(model, 1)
    kernel = model.get_layer("conv").kernel
    kernel.assign(kernel * 0.01)
    expect(name, model)

    def layer(entry, before):
        return {**entry, "name": entry["config"]["name"], "inbound_nodes": [[[before, 0, 0, {}]]] if before else []}

    before, layers = "input_1", [layer({"class_name": "InputLayer", "config": config2(model.layers[0].get_config())}, None)]
    for kind, function, arguments in CALLS2[mode]:
        own = f"tf.{function}" if all(entry["name"] != f"tf.{function}" for entry in layers) else f"tf.{function}_1"
        config = {"name": own, "trainable": True, "dtype": "float32", "function": function}
        layers.append({"class_name": kind, "config": config, "name": own, "inbound_nodes": [[before, 0, 0, arguments]]})
        before = own
    for plain in ("conv", "pool", "last"):
        own = model.get_layer(plain)
        layers.append(layer({"class_name": type(own).__name__, "config": config2(own.get_config())}, before))
        before = plain
    config = {"class_name": "Functional", "config": {
        "name": "model", "layers": layers, "input_layers": [["input_1", 0, 0]], "output_layers": [["last", 0, 0]]}}
    file2(name, config, [(entry["name"], [] if entry["name"] not in ("conv", "last") else weights2(model.get_layer(entry["name"]), False))
                         for entry in layers])


def save213(name, model, container, separator="/"):
    """Writes a .keras file as tf.keras 2.12 to 2.15 do, after public files of 2.13.1 and 2.14.0: calls as in .h5 files, weights by class.

    Until 2.14 the container of the layers has another name than today, and Windows wrote each path as one name with backslashes.
    """
    fill(model, 1)
    expect(name, model)
    path = os.path.join(OUT, f"{name}.keras")
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        config = model2(json.loads(archive.read("config.json")))
    modules(config)
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        for group, values in places213(model, "", container):
            own = file.create_group(separator.join([*group, "vars"]) if separator == "/" else separator.join(group) + "/vars")
            for i, value in enumerate(values):
                own.create_dataset(str(i), data=value)
        file.create_group("vars")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.13.1", "date_saved": "2023-10-14@08:58:24"}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", weights.getvalue())
    pack(path)


def modules(layer):
    """Adds what .keras files have beside the classes of .h5 files."""
    nested = "layers" in layer["config"]
    layer["module"] = "keras" if layer["class_name"] == "Sequential" else "keras.src.engine.functional" if nested else "keras.layers"
    layer["registered_name"] = "Functional" if layer["class_name"] == "Functional" else None
    for inner in layer["config"]["layers"] if nested else []:
        modules(inner)


def places213(model, outer, container):
    used = {}
    for layer in model.layers:
        kind = keras.src.utils.naming.to_snake_case(type(layer).__name__)
        n = used[kind] = used.get(kind, -1) + 1
        group = [*(outer or []), container, kind if n == 0 else f"{kind}_{n}"]
        if hasattr(layer, "layers"):
            yield group, []
            yield from places213(layer, group, container)
        else:
            yield group, [w.numpy() for w in layer.weights if "seed_generator" not in w.path]


def weights2(layer, layer_by_layer):
    def leaves(l):
        return [x for inner in l.layers for x in leaves(inner)] if hasattr(l, "layers") else [l]

    def named(leaf, weights):
        kinds = KINDS.get(type(leaf).__name__, {})
        return [(f"{leaf.name}/{kinds.get(w.name, w.name)}:0", w.numpy()) for w in weights if "seed_generator" not in w.path]

    if layer_by_layer:
        return [x for leaf in leaves(layer) for x in named(leaf, leaf.trainable_weights + leaf.non_trainable_weights)]
    return [x for leaf in leaves(layer) for x in named(leaf, leaf.trainable_weights)] + [
        x for leaf in leaves(layer) for x in named(leaf, leaf.non_trainable_weights)]


def grey():
    """A model of pictures with one channel, as for handwritten digits."""
    return keras.Sequential([
        keras.Input((11, 9, 1)), L.Rescaling(1 / 255), L.Conv2D(4, 3, activation="relu", name="conv"), L.MaxPooling2D(2), L.Flatten(),
        L.Dense(3, activation="softmax", name="last"),
    ], name="grey")


def prepared_inside():
    i = keras.Input((12, 10, 3))
    x = keras.applications.mobilenet.preprocess_input(i)
    x = backbone(True)(x)
    x = L.Dense(2, activation="sigmoid", name="last")(L.Flatten(name="flat")(x))
    return keras.Model(i, x, name="operators2")


if __name__ == "__main__":
    keras.utils.set_random_seed(1)
    for build, h5 in [(convolutions, False), (shapes, False), (activations, False), (normalizations, True), (merging, False), (operators, True),
                      (shared, True), (sequential, True), (teachable, True), (windows, False), (preparation, True), (named, True),
                      (tuple_of, True)]:
        keras.backend.clear_session()
        save(build.__name__, build(), h5)
    for policy in ("mixed_float16", "mixed_bfloat16", "float16", "float64"):
        keras.backend.clear_session()
        exact, model = rounded(policy)
        expect(f"rounded-{policy}", exact)
        write(f"rounded-{policy}", model, h5=True)
    for how in (True, False, "partly"):
        keras.backend.clear_session()
        save(f"nested-{'trainable' if how is True else 'partly' if how else 'frozen'}", nested(how), h5=True)
    keras.backend.clear_session()
    save2("keras2-teachable", teachable())
    keras.backend.clear_session()
    save2("keras2-nested", nested("partly"))
    keras.backend.clear_session()
    save2("keras2-layer-by-layer", nested(True), layer_by_layer=True)
    keras.backend.clear_session()
    save2("keras2-operators", prepared_inside())
    for mode in CALLS2:
        keras.backend.clear_session()
        save2_prepared(f"keras2-{mode}", mode)
    keras.backend.clear_session()
    save213("keras213-nested", nested("partly"), "_layer_checkpoint_dependencies")
    keras.backend.clear_session()
    save213("keras213-windows", nested(True), "layers", separator="\\")
    keras.backend.clear_session()
    save("grey", grey(), h5=True)
    for name in sorted(os.listdir(OUT)):
        if name.endswith(".h5"):
            squeeze(os.path.join(OUT, name))
    with open(os.path.join(OUT, "expected.json"), "w") as file:
        json.dump(EXPECTED, file, indent=1)
