"""Writes gradcam.json and its models beside this file, by real Keras 3.16 (torch backend) in double precision.

Each model is saved with floats. Its maps of Grad-CAM are computed from the same weights as doubles: the channels of the last map, weighted
by the mean gradient of a class's score before its activation, where their sum is positive.

    KERAS_SRC=... KERAS_HOME=$(mktemp -d) PYTHONPATH=.../real-keras /usr/bin/python3 -B make-gradcam.py
"""
import real_keras  # noqa: F401, before keras
import json
import os

import keras
import numpy as np
import torch
from keras import layers

HERE = os.path.dirname(os.path.abspath(__file__))
SIDE = 12
PICTURE = (np.arange(SIDE * SIDE * 3) * 37 % 256).reshape(1, SIDE, SIDE, 3)

# The layers up to the last map, and those behind it.
MODELS = {
    "flatten": (
        lambda: [layers.Conv2D(6, 3, padding="same", activation="relu")],
        lambda: [layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(8, "relu"), layers.Dropout(0.5), layers.Dense(4, "softmax")]),
    "mobile": (
        lambda: [layers.Conv2D(5, 3, strides=2, use_bias=False), layers.BatchNormalization(), layers.Activation("hard_swish")],
        lambda: [layers.GlobalAveragePooling2D(keepdims=True), layers.Conv2D(7, 1, activation="hard_swish"), layers.Conv2D(3, 1),
                 layers.Flatten(), layers.Activation("softmax")]),
    "normalized": (
        lambda: [layers.Conv2D(6, 4, strides=2, activation="tanh")],
        lambda: [layers.GlobalAveragePooling2D(), layers.LayerNormalization(epsilon=1e-6), layers.Dense(5, "swish"),
                 layers.BatchNormalization(), layers.Dense(1, "sigmoid")]),
}


def build(front, back, dtype):
    keras.config.set_floatx(dtype)
    return keras.Sequential([keras.Input((SIDE, SIDE, 3)), *front(), *back()])


def maps(model, fronts):
    x = torch.tensor(PICTURE / 127.5 - 1, dtype=torch.float64)
    for layer in model.layers[:fronts]:
        x = layer(x, training=False)
    x = x.detach().requires_grad_(True)
    scores = x
    for layer in model.layers[fronts:]:
        if layer is model.layers[-1]:
            if isinstance(layer, layers.Activation):
                continue
            layer.activation = keras.activations.linear
        scores = layer(scores, training=False)
    for score in range(scores.shape[1]):
        gradient, = torch.autograd.grad(scores[0, score], x, retain_graph=True)
        heat = torch.relu((x * gradient.mean((1, 2), keepdim=True)).sum(-1))[0].detach()
        assert heat.max() > 0 or scores.shape[1] > 1
        yield heat.flatten().tolist()


cases = []
for seed, (name, (front, back)) in enumerate(MODELS.items()):
    keras.utils.set_random_seed(seed + 5)
    model = build(front, back, "float32")
    random = np.random.default_rng(seed)
    model.set_weights([
        (np.abs(w) if i % 2 else w) + (0.3 * random.random(w.shape) if w.ndim == 1 else 0) for i, w in enumerate(model.get_weights())])
    model.save(os.path.join(HERE, f"gradcam-{name}.keras"))
    double = build(front, back, "float64")
    double.set_weights([w.astype(np.float64) for w in model.get_weights()])
    cases.append({"name": name, "maps": list(maps(double, len(front())))})
with open(os.path.join(HERE, "gradcam.json"), "w", encoding="utf-8") as file:
    json.dump({"keras": keras.__version__, "cases": cases}, file)
    file.write("\n")
