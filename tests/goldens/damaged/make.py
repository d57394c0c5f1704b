"""Writes small JPEGs, and `damaged.json`: ways to damage them, and what Pillow makes of each: the SHA-256 of its RGB bytes, or none.

Run it in this folder, with Python and Pillow, and with jpegtran.
"""

import hashlib
import io
import json
import random
import subprocess

from PIL import Image

PICTURES = 300
SIZE = (120, 80)
rng = random.Random(14)
photo = Image.open("../images/coffee.png").convert("RGB").resize(SIZE, Image.BICUBIC)


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def restarts(jpeg):
    return subprocess.run(["jpegtran", "-restart", "6B"], input=jpeg, stdout=subprocess.PIPE, check=True).stdout


bases = {"grey": saved(photo.convert("L"), quality=80), "rough": saved(photo, quality=30)}
for sampling in ("4:2:0", "4:2:2", "4:4:4"):
    name = sampling.replace(":", "")
    bases[f"sequential_{name}"] = saved(photo, quality=80, subsampling=sampling)
    bases[f"progressive_{name}"] = saved(photo, quality=80, subsampling=sampling, progressive=True)
bases["restarts"] = restarts(bases["sequential_420"])
bases["progressive_restarts"] = subprocess.run(
    ["jpegtran", "-progressive", "-restart", "6B"], input=bases["sequential_420"], stdout=subprocess.PIPE, check=True).stdout
for name, jpeg in bases.items():
    with open(f"{name}.jpg", "wb") as file:
        file.write(jpeg)


def damage(jpeg):
    """Draws changes: a byte that is replaced, or bytes that are left out or repeated."""
    first = jpeg.find(b"\xff\xda") + 14
    changes = []
    for _ in range(rng.choice([1, 1, 1, 3, 10])):
        at = rng.randrange(first, len(jpeg) - 40)
        kind = rng.random()
        if kind < 0.85:
            changes.append(["byte", at, jpeg[at] ^ 1 << rng.randrange(8)])
        else:
            changes.append(["cut" if kind < 0.93 else "repeat", at, rng.randrange(1, 30)])
    return changes


def apply(jpeg, changes):
    jpeg = bytearray(jpeg)
    for kind, at, value in changes:
        if kind == "byte":
            jpeg[at] = value
        elif kind == "cut":
            del jpeg[at:at + value]
        else:
            jpeg[at:at] = jpeg[at:at + value]
    return bytes(jpeg)


cases = []
for number in range(PICTURES):
    name = list(bases)[number % len(bases)]
    changes = damage(bases[name])
    try:
        with Image.open(io.BytesIO(apply(bases[name], changes))) as picture:
            sha = hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest()
    except (OSError, SyntaxError):
        sha = None
    cases.append({"picture": name, "changes": changes, "sha256": sha})
with open("damaged.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
print(sum(c["sha256"] is None for c in cases), "of", len(cases), "are refused by Pillow")
