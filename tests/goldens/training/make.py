"""Trains small models with real Keras 3 and writes what its optimisers, heads, freezes, schedules and callbacks do.

It needs Keras 3 (3.16 was used) with torch, and writes the four JSON files beside itself. The judge is Keras in float64.
Two runs of steps.json are made in float32 too; "keras_float32" says how far they part from float64.
"""
import json
import os

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras  # noqa: E402
import numpy as np  # noqa: E402

SIDE, IMAGES, CLASSES, STEPS = 64, 12, 3, 8
HERE = os.path.dirname(os.path.abspath(__file__))
WEIGHTS = os.path.join(
    HERE, "../../../src/TransferKit.Weights.MobileNetV2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5")


def uniform(name, count):
    """SplitMix64, seeded with the name's FNV-1a hash: FormulaWeights of the tests."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)) / 2**24


def weight(path, shape):
    kind = path.split("/")[-1]
    u = uniform(path, int(np.prod(shape)))
    if kind == "kernel":
        values = (2 * u - 1) * np.sqrt(6 / np.prod(shape[:-1]))
    elif kind == "depthwise_kernel":
        values = (2 * u - 1) * np.sqrt(6 / (shape[0] * shape[1]))
    elif kind == "gamma":
        values = 0.8 + 0.4 * u
    elif kind == "moving_variance":
        values = 0.5 + u
    else:
        values = (2 * u - 1) * 0.1
    return values.astype("float32").reshape(shape)


def pictures():
    """Noise upon a coarse pattern of the same formula, so that pictures differ in more than noise."""
    noise = np.floor(uniform("input", IMAGES * SIDE * SIDE * 3) * 256).astype(int).reshape(IMAGES, SIDE, SIDE, 3)
    coarse = np.floor(uniform("input", IMAGES * 4 * 4 * 3) * 256).astype(int).reshape(IMAGES, 4, 4, 3)
    coarse = coarse.repeat(SIDE // 4, axis=1).repeat(SIDE // 4, axis=2)
    return (3 * coarse + noise) // 4


# A rate is low where the loss would jump otherwise, because a jump multiplies the rounding of any single precision.
OPTIMIZERS = {
    "sgd": (2e-5, lambda o, rate: o.SGD(rate)),
    "momentum": (1e-5, lambda o, rate: o.SGD(rate, momentum=0.9)),
    "nesterov": (1e-5, lambda o, rate: o.SGD(rate, momentum=0.9, nesterov=True)),
    "adam": (5e-6, lambda o, rate: o.Adam(rate)),
    "adamw": (5e-6, lambda o, rate: o.AdamW(rate, weight_decay=100.0)),
    "rmsprop": (2e-6, lambda o, rate: o.RMSprop(rate)),
    "rmsprop momentum centered": (1e-6, lambda o, rate: o.RMSprop(rate, momentum=0.5, centered=True)),
    "sgd decay": (1e-5, lambda o, rate: o.SGD(rate, weight_decay=100.0)),
    "clip norm": (1e-3, lambda o, rate: o.SGD(rate, clipnorm=0.1)),
    "clip global norm": (3e-3, lambda o, rate: o.SGD(rate, global_clipnorm=0.5)),
    "clip value": (1e-3, lambda o, rate: o.SGD(rate, clipvalue=0.01)),
    "cosine warm-up": (2e-5, lambda o, rate: o.SGD(
        o.schedules.CosineDecay(0.0, 5, alpha=0.1, warmup_target=rate, warmup_steps=3), momentum=0.9)),
}
HEADS = [
    "linear", "dense:8", "dense:8:swish,batch_normalization,dense:6:gelu", "flatten,dense:4:sigmoid,dense:4:linear",
]
FREEZES = ["frozen", "block", "block inference", "all", "all inference"]


def run(optimizer="adam", head="dense:8", freeze="block", task="multi_class", l2=0.0, smoothing=0.0, class_weights=None):
    rate = OPTIMIZERS[optimizer][0] / (5 if freeze.startswith("all") else 1)
    return locals()


RUNS = (
    [run(optimizer=o) for o in OPTIMIZERS]
    + [run(optimizer=o, freeze=f) for o in ("sgd", "adam") for f in FREEZES if f != "block"]
    + [run(head=h) for h in HEADS if h != "dense:8"]
    + [run(l2=0.05, head=h) for h in ("linear", "dense:8")]
    + [run(task=t) for t in ("binary", "multi_label", "regression")]
    + [run(task=t, smoothing=0.1) for t in ("multi_class", "binary", "multi_label")]
    + [run(class_weights=[0.5, 1.0, 3.0]), run(task="binary", class_weights=[0.5, 2.0])]
)
STATISTICS = ["bn_Conv1", "block_8_depthwise_BN", "block_16_expand_BN", "block_16_project_BN"]


def compute_in(floatx):
    """Keras remembers the precision of its first layer, so it must forget that before another is set."""
    keras.backend.clear_session()
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(floatx)


def build(head, freeze, task, l2):
    flat = head.startswith("flatten")
    base = keras.applications.MobileNetV2(
        input_shape=(SIDE, SIDE, 3), alpha=0.35, include_top=False, weights=WEIGHTS, pooling=None if flat else "avg")
    names = [layer.name for layer in base.layers]
    first = {"frozen": len(names), "all": 0}.get(freeze.split()[0], names.index("block_16_expand"))
    for at, layer in enumerate(base.layers):
        layer.trainable = at >= first
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9
    image = keras.Input((SIDE, SIDE, 3))
    x = base(image, training=False) if freeze.endswith("inference") else base(image)
    dense = 0
    regularizer = keras.regularizers.L2(l2) if l2 else None
    for text in head.split(","):
        kind, *rest = text.split(":")
        if kind == "flatten":
            x = keras.layers.Flatten()(x)
        elif kind == "batch_normalization":
            x = keras.layers.BatchNormalization(momentum=0.9, name="batch_normalization")(x)
        elif kind == "dense":
            name = "dense" if dense == 0 else f"dense_{dense}"
            activation = rest[1] if len(rest) > 1 else "relu"
            # TransferKit's gelu is the exact one, which is Keras' default too.
            x = keras.layers.Dense(int(rest[0]), activation=activation, name=name, kernel_regularizer=regularizer)(x)
            dense += 1
    units, activation = {
        "multi_class": (CLASSES, "softmax"), "binary": (1, "sigmoid"), "multi_label": (CLASSES, "sigmoid"), "regression": (2, None),
    }[task]
    x = keras.layers.Dense(units, activation=activation, name="predictions", kernel_regularizer=regularizer)(x)
    model = keras.Model(image, x)
    for layer in model.layers:
        if layer is not base and layer.weights:
            layer.set_weights([weight(f"{layer.name}/{w.name}", tuple(w.shape)) for w in layer.weights])
    return base, model


def targets(task):
    at = np.arange(IMAGES)
    if task == "multi_class":
        return np.eye(CLASSES)[at % CLASSES]
    if task == "binary":
        return (at % 2).astype(float)[:, None]
    if task == "multi_label":
        return np.stack([(at >> bit) & 1 for bit in range(CLASSES)], axis=1).astype(float)
    return np.stack([at / 4 - 1, (at % 5) / 2], axis=1)


def train(r, floatx):
    compute_in(floatx)
    base, model = build(r["head"], r["freeze"], r["task"], r["l2"])
    losses = keras.losses
    loss = {
        "multi_class": lambda: losses.CategoricalCrossentropy(label_smoothing=r["smoothing"]),
        "binary": lambda: losses.BinaryCrossentropy(label_smoothing=r["smoothing"]),
        "multi_label": lambda: losses.BinaryCrossentropy(label_smoothing=r["smoothing"]),
        "regression": losses.MeanSquaredError,
    }[r["task"]]()
    model.compile(OPTIMIZERS[r["optimizer"]][1](keras.optimizers, r["rate"]), loss, jit_compile=False)
    x, y = (pictures() / 127.5 - 1).astype(floatx), targets(r["task"]).astype(floatx)
    weights = dict(enumerate(r["class_weights"])) if r["class_weights"] else None
    found, after = [], []
    for step in range(STEPS):
        found.append(float(model.train_on_batch(x, y, class_weight=weights)))
        if step == 0:
            after.append({
                name: [[float(f"{v:.9g}") for v in np.asarray(w.numpy(), "float64")] for w in base.get_layer(name).weights[2:]]
                for name in STATISTICS})
    return np.array(found), after


def farthest(a, b):
    """The largest difference of statistics, relative to a moving mean's or variance's largest value."""
    return max(
        np.abs(np.subtract(v, w)).max() / np.abs(w).max() for name in a for v, w in zip(a[name], b[name]))


def write(name, value):
    with open(os.path.join(HERE, name), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]\n")


def steps():
    rows = []
    for r in RUNS:
        losses, statistics = train(r, "float64")
        row = {**r, "losses": [float(f"{v:.9g}") for v in losses]}
        # Statistics are large, so the two freezes that move them have them once.
        if r["optimizer"] == "sgd" and r["freeze"] in ("block", "all"):
            rounded, near = train(r, "float32")
            row |= {
                "after_first": statistics[0],
                "keras_float32": {
                    "losses": float(f"{np.abs(losses - rounded).max():.2g}"),
                    "after_first": float(f"{farthest(near[0], statistics[0]):.2g}"),
                },
            }
        print({k: v for k, v in r.items() if v}, losses[0], losses[-1], row.get("keras_float32"), flush=True)
        rows.append(row)
        write("steps.json", rows)


FITS = [
    # An oscillating loss: the epochs after the best one are worse, and the best one returns.
    dict(rate=0.002, momentum=0.9, epochs=14, monitor="loss", early=dict(patience=2, min_delta=0.0)),
    dict(rate=0.002, momentum=0.9, epochs=14, monitor="loss", early=dict(patience=3, min_delta=0.3)),
    dict(rate=0.002, momentum=0.9, epochs=6, monitor="val_loss", early=dict(patience=9, min_delta=0.0)),
    dict(rate=0.002, momentum=0.9, epochs=14, monitor="val_loss", early=dict(patience=0, min_delta=0.0)),
    dict(rate=0.002, momentum=0.9, epochs=14, monitor="loss", reduce=dict(factor=0.5, patience=1)),
    dict(rate=0.002, momentum=0.9, epochs=14, monitor="val_loss", reduce=dict(factor=0.1, patience=2, min_lr=0.0001)),
    # Improvements below the default min_delta of 0.0001 do not count.
    dict(rate=1e-8, momentum=0.0, epochs=6, monitor="loss", reduce=dict(factor=0.5, patience=2)),
]


def fits():
    """Whole fits of a linear head on the frozen backbone, with callbacks; the loss is convex, so rounding does not carry."""
    rows = []
    compute_in("float64")
    x, y = pictures() / 127.5 - 1, targets("regression")
    for fit in FITS:
        _, model = build("linear", "frozen", "regression", 0.0)
        model.compile(keras.optimizers.SGD(fit["rate"], momentum=fit["momentum"]), "mse", jit_compile=False)
        callbacks = keras.callbacks
        watch = (
            callbacks.EarlyStopping(fit["monitor"], restore_best_weights=True, **fit["early"]) if "early" in fit
            else callbacks.ReduceLROnPlateau(fit["monitor"], **fit["reduce"]))
        logs = model.fit(
            x, y, IMAGES, fit["epochs"], verbose=0, callbacks=[watch], shuffle=False,
            validation_data=(x, y) if fit["monitor"].startswith("val_") else None).history
        end = float(model.evaluate(x, y, IMAGES, verbose=0))
        print(fit, logs, end, flush=True)
        rows.append({**fit, "logs": {k: [float(f"{v:.9g}") for v in values] for k, values in logs.items()}, "end": float(f"{end:.9g}")})
    write("fits.json", rows)


def schedules():
    rows = []
    compute_in("float64")
    for rate, alpha, decay, warm in ((0.1, 0.0, 8, 0), (0.1, 0.1, 8, 0), (0.02, 0.0, 5, 3), (0.003, 0.25, 7, 4)):
        of = keras.optimizers.schedules.CosineDecay
        schedule = of(rate, decay, alpha) if warm == 0 else of(0.0, decay, alpha, warmup_target=rate, warmup_steps=warm)
        rates = [float(f"{float(schedule(step)):.9g}") for step in range(decay + warm + 3)]
        rows.append(dict(rate=rate, alpha=alpha, decay_steps=decay, warm_up_steps=warm, rates=rates))
    write("schedules.json", rows)


def augmentation():
    """Each layer with its random number fixed: a range of one value, or the transformation itself."""
    compute_in("float32")
    # Debian's torch takes indices of 64 bits only.
    fixers = keras.src.backend.torch.image._INDEX_FIXERS
    fixers.update({name: lambda index, size, fix=fix: fix(index, size).long() for name, fix in fixers.items()})
    height, width = 6, 5
    image = np.floor(uniform("input", height * width * 3) * 256).astype("float32").reshape(1, height, width, 3)
    layers, rows = keras.layers, []

    def row(name, argument, value, fill="reflect"):
        values = np.asarray(value.detach().cpu().numpy(), "float64").reshape(-1)
        rows.append(dict(layer=name, factors=argument, fill=fill, pixels=[float(f"{v:.7g}") for v in values]))

    for fill in ("reflect", "constant", "wrap", "nearest"):
        for f in (0.05, -0.3):
            row("rotation", [f], layers.RandomRotation((f, f), fill_mode=fill)(image, training=True), fill)
        for f, g in ((0.4, None), (-0.3, 0.5)):
            wide = None if g is None else (g, g)
            row("zoom", [f] if g is None else [f, g], layers.RandomZoom((f, f), wide, fill_mode=fill)(image, training=True), fill)
        for f, g in ((0.2, -0.5), (-0.9, 0.33)):
            row("translation", [f, g], layers.RandomTranslation((f, f), (g, g), fill_mode=fill)(image, training=True), fill)
    for f in (0.3, -0.7):
        row("brightness", [f], layers.RandomBrightness((f, f))(image, training=True))
        row("contrast", [f], layers.RandomContrast(0.9).transform_images(
            keras.ops.convert_to_tensor(image), {"contrast_factor": keras.ops.convert_to_tensor([[[[1 + f]]]], "float32")}))
    for mode in ("horizontal", "vertical"):
        layer = layers.RandomFlip(mode)
        flips = keras.ops.convert_to_tensor([[[[True]]]])
        row(f"flip:{mode}", [], layer.transform_images(image, {"flips": flips, "input_shape": image.shape}))
    write("augmentation.json", rows)


if __name__ == "__main__":
    augmentation()
    schedules()
    fits()
    steps()
