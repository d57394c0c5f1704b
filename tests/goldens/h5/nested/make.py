"""Writes the weight files of this folder with Keras 3 itself. README.md says which file holds what.

The small model of ../make.py without its top lies in each file, nested in the ways of Keras' users. Its n-th weight holds 100 n, 100 n + 1, ….
Run it with the torch backend in a folder of its own.
"""
import h5py
import keras
import numpy as np
from keras import layers
from keras.src.legacy.saving import legacy_h5_format


def base(name="small", tensor=None, shift=0, prefix=""):
    keras.utils.set_random_seed(1)
    x = inputs = layers.Input((8, 8, 3), name=prefix + "input") if tensor is None else tensor
    x = layers.Conv2D(4, 3, name=prefix + "c1")(x)
    x = layers.BatchNormalization(name=prefix + "bn1")(x)
    x = layers.Conv2D(5, 1, use_bias=False, name=prefix + "c2")(x)
    x = layers.Normalization(name=prefix + "norm")(x)
    if tensor is not None:
        return x
    return filled(keras.Model(inputs, x, name=name), shift)


def filled(model, shift=0):
    n = 0
    for layer in model.layers:
        for variable in layer.weights:
            count = int(np.prod(variable.shape, dtype=int))
            variable.assign((np.arange(count) + 100 * n + shift).reshape(variable.shape))
            n += 1
    return model


def called(small):
    x = inputs = layers.Input((8, 8, 3), name="pictures")
    x = layers.RandomFlip("horizontal")(x)
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = small(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(inputs, layers.Dense(3, name="cats")(x), name="called")


def flat(small):
    x = layers.GlobalAveragePooling2D()(small.output)
    x = layers.Dense(6, activation="relu", name="hidden")(x)
    x = layers.BatchNormalization(name="hidden_bn")(x)
    return keras.Model(small.input, layers.Dense(3, name="cats")(x), name="flat")


def twice(small):
    return keras.Sequential([
        keras.Sequential([small, layers.GlobalAveragePooling2D()], name="features"),
        keras.Sequential([layers.Dense(6, activation="relu"), layers.Dense(3, use_bias=False)], name="head"),
    ], name="twice")


def before():
    x = inputs = layers.Input((8, 8, 3), name="pictures")
    x = layers.Normalization(mean=[1., 2., 3.], variance=[4., 4., 4.])(x)
    x = layers.Normalization(name="second")(x)
    x = layers.Conv2D(3, 1, name="colours")(x)
    inside = keras.Model(inputs, base(tensor=x))
    names = ["c1", "bn1", "c2", "norm"]
    n = 0
    for layer in (inside.get_layer(name) for name in names):
        for variable in layer.weights:
            count = int(np.prod(variable.shape, dtype=int))
            variable.assign((np.arange(count) + 100 * n).reshape(variable.shape))
            n += 1
    x = layers.GlobalAveragePooling2D()(inside.output)
    return keras.Model(inputs, layers.Dense(3, name="cats")(x), name="before")


def siblings():
    inputs = layers.Input((8, 8, 3), name="pictures")
    left, right = base("left")(inputs), base("right", shift=7)(inputs)
    x = layers.GlobalAveragePooling2D()(layers.Concatenate()([left, right]))
    return keras.Model(inputs, layers.Dense(3, name="cats")(x), name="siblings")


def compiled(model):
    model.compile(optimizer="adam", loss="mse")
    return model


def weights_alone(path, model):
    with h5py.File(path, "w") as f:
        legacy_h5_format.save_weights_to_hdf5_group(f, model)


def half_frozen(small):
    # The variables of c1 come after those of bn1 and c2, which train.
    small.layers[1].trainable = False
    return small


compiled(called(base())).save("called.keras")
compiled(called(base())).save("called.h5")
called(base()).save_weights("called.weights.h5")
weights_alone("called_weights.h5", called(base()))
called(base()).save_weights("sharded.weights.json", max_shard_size=4.1e-7)

frozen = base()
frozen.trainable = False
called(frozen).save("frozen.h5")
weights_alone("frozen_weights.h5", called(frozen))
called(half_frozen(base())).save("half_frozen.h5")
weights_alone("half_frozen_weights.h5", called(half_frozen(base())))
weights_alone("half_frozen_renamed_weights.h5", called(half_frozen(base(prefix="my_"))))
called(base(prefix="my_")).save("renamed.h5")
weights_alone("renamed_weights.h5", called(base(prefix="my_")))

flat(base()).save("flat.keras")
flat(base()).save("flat.h5")
flat(base()).save_weights("flat.weights.h5")

twice(base()).save("twice.keras")
twice(base()).save("twice.h5")
twice(base()).save_weights("twice.weights.h5")
before().save("before.keras")
before().save("before.h5")
siblings().save("siblings.keras")
siblings().save_weights("siblings.weights.h5")
