"""Trains small whole models with Keras 3, from the files that it writes, and notes the loss of each step and the predictions after the last.

The files are written in single precision. Keras then loads and trains them in double precision, so that its own rounding is no part of the
expectation. All pictures are one batch.

Usage: python3 train.py [FOLDER]
"""
import json
import os
import sys
import tempfile
import zipfile

from make import L, fill, keras, np, pack, squeeze

OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
STEPS = 6


def picture(i):
    """A picture of 12x10 pixels, the same as in FromTests.cs."""
    return ((np.arange(12 * 10 * 3) * (7 + 4 * i) + 31 * i) % 256).reshape(12, 10, 3).astype("float64")


def base():
    i = keras.Input((12, 10, 3))
    x = L.Conv2D(4, 3, strides=2, use_bias=False, name="conv")(i)
    x = L.BatchNormalization(name="bn", momentum=0.8)(x)
    y = L.ReLU(6.0, name="relu")(x)
    x = L.DepthwiseConv2D(3, padding="same", use_bias=False, name="depthwise")(y)
    x = L.BatchNormalization(name="depthwise_bn", momentum=0.8)(x)
    x = L.Add(name="add")([x, y])
    return keras.Model(i, x, name="base")


def guide():
    """Keras' guide to transfer learning: a frozen backbone, whose normalisations run in inference mode, under a head.

    It is not called with training=False: Keras 3.16 would run the head in inference mode too, and earlier versions of Keras 3 ignore it."""
    inner = base()
    inner.trainable = False
    i = keras.Input((12, 10, 3), name="pictures")
    x = L.Rescaling(1 / 127.5, offset=-1)(i)
    x = L.GlobalAveragePooling2D(name="pool")(inner(x))
    return keras.Model(i, L.Dense(3, activation="softmax", name="last")(L.BatchNormalization(name="head_bn", momentum=0.8)(x)), name="guide")


def deep():
    """A nested backbone of which one layer is frozen, normalisations in training mode, regularizers, a nested head."""
    inner = base()
    inner.get_layer("conv").trainable = False
    i = keras.Input((12, 10, 3), name="pictures")
    x = inner(L.Rescaling(1 / 127.5, offset=-1)(i))
    x = L.GlobalAveragePooling2D(name="pool")(x)
    head = keras.Sequential([
        keras.Input((4,)), L.Dense(5, activation="gelu", kernel_regularizer=keras.regularizers.L2(0.02), name="hidden"),
        L.Dense(3, kernel_regularizer=keras.regularizers.L1L2(0.01, 0.03), bias_regularizer=keras.regularizers.L1(0.01), name="logits"),
    ], name="head")
    return keras.Model(i, L.Activation("softmax", name="softmax")(head(x)), name="deep")


def inference():
    """A nested backbone that trains with its normalisations in inference mode, and one frozen normalisation that was called plainly."""
    i = keras.Input((12, 10, 3), name="pictures")
    x = base()(L.Rescaling(1 / 127.5, offset=-1)(i), training=False)
    x = L.Conv2D(3, 3, padding="same", name="after")(x)
    frozen = L.BatchNormalization(name="frozen_bn", momentum=0.8)
    frozen.trainable = False
    x = L.GlobalMaxPooling2D(name="pool")(L.LeakyReLU(0.1, name="leaky")(frozen(x)))
    return keras.Model(i, L.Dense(2, name="logits")(x), name="inference")


def flat():
    """A flat model, one convolution of which is called twice, with one sigmoid for two classes."""
    i = keras.Input((12, 10, 3), name="pictures")
    conv = L.Conv2D(3, 3, padding="same", activation="relu", name="conv")
    x = conv(conv(L.Rescaling(1 / 255, name="rescaling")(i)))
    x = L.Flatten(name="flat")(L.MaxPooling2D(3, name="max")(L.BatchNormalization(name="bn", momentum=0.8)(x)))
    return keras.Model(i, L.Dense(1, activation="sigmoid", name="last")(x), name="flat")


def double(path):
    """Writes a .keras file again with layers of double precision."""
    changed = os.path.join(tempfile.mkdtemp(), "double.keras")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(changed, "w") as to:
        for name in archive.namelist():
            data = archive.read(name)
            to.writestr(name, data.replace(b'"float32"', b'"float64"') if name == "config.json" else data)
    return changed


def train(name, build, optimizer, loss, labels, h5=False):
    keras.backend.clear_session()
    model = build()
    fill(model, 3)
    model.compile(optimizer(), loss())
    path = os.path.join(OUT, f"train-{name}.keras")
    model.save(path)
    if h5:
        model.save(os.path.join(OUT, f"train-{name}.h5"))
    pack(path)
    keras.config.set_floatx("float64")
    model = keras.models.load_model(double(path))
    model.compile(optimizer(), loss())
    x, y = np.stack([picture(i) for i in range(len(labels))]), np.array(labels)
    assert all(v.dtype == "float64" for v in model.trainable_variables)
    losses = [float(model.train_on_batch(x, y, return_dict=True)["loss"]) for _ in range(STEPS)]
    outputs = np.array(model.predict(x, verbose=0))
    keras.config.set_floatx("float32")
    if h5:
        os.remove(path)
        squeeze(os.path.join(OUT, f"train-{name}.h5"))
    return {"labels": labels, "losses": losses, "outputs": outputs.ravel().tolist()}


if __name__ == "__main__":
    keras.utils.set_random_seed(1)
    softmax = keras.losses.SparseCategoricalCrossentropy
    noted = {
        "guide": train("guide", guide, lambda: keras.optimizers.Adam(0.01), softmax, [0, 1, 2, 0, 1, 2]),
        "deep": train("deep", deep, lambda: keras.optimizers.SGD(0.02), softmax, [0, 1, 2, 0, 1, 2]),
        "inference": train(
            "inference", inference, lambda: keras.optimizers.SGD(0.01, momentum=0.9), lambda: softmax(from_logits=True), [0, 1, 0, 1, 0]),
        "flat": train("flat", flat, lambda: keras.optimizers.SGD(0.02), keras.losses.BinaryCrossentropy, [0, 1, 0, 1], h5=True),
    }
    with open(os.path.join(OUT, "train.json"), "w") as file:
        json.dump(noted, file, indent=1)
