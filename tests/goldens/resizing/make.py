"""Makes resizing.json: pixels as Keras' image_dataset_from_directory, Resizing, smart_resize and load_img make them.

    KERAS_SRC=... KERAS_HOME=$(mktemp -d) PYTHONPATH=folder-of-real_keras /usr/bin/python3 -B make.py

Keras runs on torch here, whose bicubic has other constants (a = -0.75, edges repeated) and which has no lanczos, area, gaussian or
mitchellcubic, while training code runs on TensorFlow. So each case says its judge:

- "keras": keras.layers.Resizing, keras.utils.smart_resize or load_img itself, on torch.
- "transcription": TensorFlow's kernels written in numpy from tensorflow/core/kernels/image (resize_bilinear_op.cc,
  resize_nearest_neighbor_op.cc, resize_bicubic_op.cc, resize_area_op.cc, scale_and_translate_op.cc) and tf.image.resize_with_pad.

Where both can judge, this script compares them and stops if they differ by more than 1e-5 of 255.
The source of a case is pixel(y, x, c) = (x * 37 + y * 91 + c * 59 + x * y * (c + 3)) % 256.
"""
import hashlib
import io
import json
import math
import os

import real_keras  # noqa: F401
import keras
import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
F = np.float32
cases = []


def source(height, width):
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return ((x * 37 + y * 91 + c * 59 + x * y * (c + 3)) % 256).astype(np.uint8)


# TensorFlow's kernels ----------------------------------------------------------------------------------------------------------
def half_pixel(i, scale):
    return F(F(F(i) + F(0.5)) * scale) - F(0.5)


def bilinear(image, size):
    (height, width), (h, w) = image.shape[:2], size
    image = image.astype(F)

    def axis(length, total):
        scale = F(total) / F(length)
        for i in range(length):
            at = half_pixel(i, scale)
            yield max(int(math.floor(at)), 0), min(int(math.ceil(at)), total - 1), F(at - F(math.floor(at)))

    out = np.zeros((h, w, 3), F)
    for y, (upper, lower, down) in enumerate(axis(h, height)):
        for x, (left, right, across) in enumerate(axis(w, width)):
            top = image[upper, left] + (image[upper, right] - image[upper, left]) * across
            bottom = image[lower, left] + (image[lower, right] - image[lower, left]) * across
            out[y, x] = top + (bottom - top) * down
    return out


def nearest(image, size):
    def axis(length, total):
        scale = F(total) / F(length)
        return [max(0, min(int(math.floor(F(F(i) + F(0.5)) * scale)), total - 1)) for i in range(length)]

    return image[axis(size[0], image.shape[0])][:, axis(size[1], image.shape[1])].astype(F)


def cubic_table():
    table = np.zeros((1025, 2), F)
    for i in range(1025):
        x, a = F(i * 1.0 / 1024), -0.5
        table[i, 0] = ((a + 2) * x - (a + 3)) * x * x + 1
        x = F(x + 1.0)
        table[i, 1] = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return table


TABLE = cubic_table()


def bicubic(image, size):
    def axis(length, total):
        scale = F(total) / F(length)
        for i in range(length):
            at = half_pixel(i, scale)
            whole = int(math.floor(at))
            offset = int(np.rint(F(at - F(whole)) * F(1024)))
            wanted = [whole - 1, whole, whole + 1, whole + 2]
            weights = [TABLE[offset, 1], TABLE[offset, 0], TABLE[1024 - offset, 0], TABLE[1024 - offset, 1]]
            bound = [min(total - 1, max(0, v)) for v in wanted]
            weights = np.array([w if b == v else 0 for v, b, w in zip(wanted, bound, weights)], F)
            yield bound, weights * (F(1) / weights.sum(dtype=F))

    image = image.astype(F)
    rows = np.stack([sum(image[k] * w for k, w in zip(*taps)) for taps in axis(size[0], image.shape[0])])
    return np.stack([sum(rows[:, k] * w for k, w in zip(*taps)) for taps in axis(size[1], image.shape[1])], 1).astype(F)


def area(image, size):
    def axis(length, total):
        scale = F(total) / F(length)
        for i in range(length):
            start, end = F(F(i) * scale), F(F(i + 1) * scale)
            taps = []
            for v in range(int(math.floor(start)), int(math.ceil(end))):
                share = (scale if v + 1 > end else v + 1 - start) if v < start else (end - v if v + 1 > end else 1.0)
                taps.append((min(v, total - 1), F(share)))
            yield taps, scale

    image = image.astype(F)
    across = list(axis(size[1], image.shape[1]))
    out = np.zeros((*size, 3), F)
    for y, (rows, height) in enumerate(axis(size[0], image.shape[0])):
        for x, (columns, width) in enumerate(across):
            out[y, x] = sum(sum(image[r, c] * w for c, w in columns) * v for r, v in rows) * F(1.0 / (height * width))
    return out


def lanczos(radius):
    def kernel(x):
        if x > radius:
            return F(0)
        return F(1) if x <= 1e-3 else F(radius * math.sin(math.pi * x) * math.sin(math.pi * x / radius) / (math.pi * math.pi * x * x))
    return kernel


def mitchell(x):
    if x >= 2:
        return F(0)
    return F(((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9) if x >= 1 else F((7 / 6 * x - 2) * x * x + 8 / 9)


KERNELS = {"lanczos3": (lanczos(3), 3.0), "lanczos5": (lanczos(5), 5.0), "mitchellcubic": (mitchell, 2.0),
           "gaussian": (lambda x: F(0) if x >= 1.5 else F(math.exp(-x * x / (2.0 * 0.5 * 0.5))), 1.5)}


def scale_and_translate(image, size, name):
    kernel, radius = KERNELS[name]

    def axis(length, total):
        inverse = F(1.0 / (F(length) / F(total)))
        for i in range(length):
            centre = F(F(i + 0.5) * inverse)
            first = min(max(math.ceil(centre - radius - 0.5), 0), total - 1)
            end = min(max(math.floor(centre + radius - 0.5), 0), total - 1) + 1
            weights = np.array([kernel(abs(float(F(v) + F(0.5) - centre))) for v in range(first, end)], F)
            yield range(first, end), weights * (F(1) / weights.sum(dtype=F))

    image = image.astype(F)
    rows = np.stack([sum(image[k] * w for k, w in zip(*taps)) for taps in axis(size[0], image.shape[0])])
    return np.stack([sum(rows[:, k] * w for k, w in zip(*taps)) for taps in axis(size[1], image.shape[1])], 1).astype(F)


def tf_resize(image, size, method):
    own = {"bilinear": bilinear, "nearest": nearest, "bicubic": bicubic, "area": area}.get(method)
    return own(image, size) if own else scale_and_translate(image, size, method)


def crop(image, size):
    (height, width), (h, w) = image.shape[:2], size
    tall = max(min(height, int(F(F(width * h) / F(w)))), 1)
    wide = max(min(width, int(F(F(height * w) / F(h)))), 1)
    top, left = int(F(height - tall) / F(2)), int(F(width - wide) / F(2))
    return image[top:top + tall, left:left + wide]


def pad(image, size):
    (height, width), (h, w) = image.shape[:2], size
    above = int((max(height, int(F(F(width * h) / F(w)))) - height) / 2)
    left = int((max(width, int(F(F(height * w) / F(h)))) - width) / 2)
    return np.pad(image, ((above, above), (left, left), (0, 0)))


def resize_with_pad(image, size, method):
    (height, width), (h, w) = image.shape[:2], size
    ratio = max(F(width) / F(w), F(height) / F(h))
    exact = F(height) / ratio, F(width) / ratio
    inner = tuple(int(math.floor(v)) for v in exact)
    top, left = (max(0, int(math.floor(F(F(t) - v) / F(2)))) for t, v in zip(size, exact))
    out = np.zeros((h, w, 3), F)
    out[top:top + inner[0], left:left + inner[1]] = tf_resize(image, inner, method)
    return out


# Cases -------------------------------------------------------------------------------------------------------------------------
def add(judge, method, interpolation, aspect, shape, size, pixels):
    cases.append({"judge": judge, "method": method, "interpolation": interpolation, "aspect_ratio": aspect, "source": list(shape),
                  "size": list(size), "pixels": [round(float(v), 5) for v in np.asarray(pixels, F).flatten()]})


def compare(a, b):
    worst = float(np.abs(np.asarray(a) - np.asarray(b)).max())
    assert worst <= 255e-5, worst
    return a


SHAPES = [((17, 23), (5, 4)), ((4, 5), (7, 6)), ((40, 9), (5, 5)), ((6, 6), (6, 6))]
for shape, size in SHAPES:
    image = source(*shape)
    floats = image.astype(F)
    for name in ("nearest", "bilinear"):
        layer = lambda **o: keras.layers.Resizing(*size, interpolation=name, **o)(floats[None]).detach().cpu().numpy()[0]  # noqa: E731
        add("keras", "resizing", name, "stretch", shape, size, compare(layer(), tf_resize(image, size, name)))
        add("keras", "resizing", name, "crop", shape, size,
            compare(layer(crop_to_aspect_ratio=True), tf_resize(crop(image, size), size, name)))
        compare(keras.utils.image_utils.smart_resize(floats, size, name) if hasattr(keras.utils, "image_utils")
                else keras.preprocessing.image.smart_resize(floats, size, name), tf_resize(crop(image, size), size, name))
        add("keras", "resizing", name, "pad", shape, size,
            compare(layer(pad_to_aspect_ratio=True), tf_resize(pad(image, size), size, name)))
        add("transcription", "image_dataset_from_directory", name, "pad", shape, size, resize_with_pad(image, size, name))
    for name in ("bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"):
        add("transcription", "image_dataset_from_directory", name, "stretch", shape, size, tf_resize(image, size, name))
    add("transcription", "resizing", "bicubic", "pad", shape, size, tf_resize(pad(image, size), size, "bicubic"))
    add("transcription", "resizing", "area", "pad", shape, size, tf_resize(pad(image, size), size, "area"))

# load_img: keep_aspect_ratio and color_mode, of the same sources as PNG.
loaded = []
for shape, size in SHAPES + [((30, 50), (24, 24)), ((50, 30), (24, 31))]:
    png = io.BytesIO()
    Image.fromarray(source(*shape)).save(png, "PNG")
    for name in ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"):
        for keep in (False, True):
            for mode in ("rgb", "grayscale"):
                image = keras.utils.load_img(io.BytesIO(png.getvalue()), color_mode=mode, target_size=size, interpolation=name,
                                             keep_aspect_ratio=keep)
                array = np.asarray(image)
                array = array if mode == "rgb" else np.repeat(array[..., None], 3, -1)
                loaded.append({"interpolation": name, "aspect_ratio": "crop" if keep else "stretch", "color_mode": mode,
                               "source": list(shape), "size": list(size), "sha256": hashlib.sha256(array.tobytes()).hexdigest()})

with open(os.path.join(HERE, "resizing.json"), "w") as file:
    file.write('{\n"resized": [\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases))
    file.write('\n],\n"load_img": [\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in loaded) + "\n]\n}\n")
