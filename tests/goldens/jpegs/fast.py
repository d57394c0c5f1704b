"""Makes ../fast_dct.json: the SHA-256 of the RGB bytes of each JPEG here by libjpeg-turbo's fast integer transform, which TensorFlow takes.

    python3 fast.py      # needs djpeg of libjpeg-turbo
"""
import hashlib
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
hashes = {}
for name in sorted(os.listdir(HERE)):
    if name.endswith(".jpg") and not name.startswith("left_"):
        pnm = subprocess.run(["djpeg", "-dct", "fast", "-rgb", "-pnm", os.path.join(HERE, name)], capture_output=True, check=True).stdout
        magic, size, maximum, pixels = pnm.split(b"\n", 3)
        assert magic == b"P6" and maximum == b"255" and len(pixels) == 3 * eval(size.replace(b" ", b"*")), name
        hashes[name] = hashlib.sha256(pixels).hexdigest()
with open(os.path.join(HERE, "..", "fast_dct.json"), "w") as file:
    json.dump(hashes, file, indent=1)
    file.write("\n")
