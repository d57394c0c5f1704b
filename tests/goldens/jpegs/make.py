"""Makes the JPEGs here, with cjpeg of libjpeg-turbo, and jpegs.json: what Pillow makes of each.

    python3 make.py
"""
import hashlib
import json
import os
import random
import subprocess
import tempfile
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLINGS = {"444": "1x1", "422": "2x1", "420": "2x2", "440": "1x2"}
BY_COMPONENT = "0;\n1;\n2;\n"
CHROMA_TOGETHER = "0;\n1,2;\n"
# A script that never sends the last bit of some coefficients, which libjpeg smooths.
UNFINISHED = "0,1,2: 0-0, 0, 0;\n0: 1-63, 0, 1;\n1: 1-63, 0, 0;\n2: 1-63, 0, 0;\n"


def picture(width, height):
    """A corner of a photo with stripes and noise: smooth, sharp and random parts."""
    photo = Image.open(os.path.join(HERE, "..", "images", "rocket.jpg")).convert("RGB").crop((250, 60, 250 + width, 60 + height))
    noise = random.Random(width * 1000 + height)
    for y in range(height):
        for x in range(width):
            if x > width * 2 // 3:
                photo.putpixel((x, y), tuple(noise.randrange(256) for _ in range(3)))
            elif y > height * 3 // 4:
                photo.putpixel((x, y), (255, 0, 0) if (x + y) % 5 < 2 else (0, 255, 255))
    return photo


def make(name, size, *options, scans=None):
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "source.ppm")
        picture(*size).save(source)
        if scans:
            script = os.path.join(folder, "scans.txt")
            with open(script, "w") as file:
                file.write(scans)
            options += ("-scans", script)
        subprocess.run(["cjpeg", *options, "-outfile", os.path.join(HERE, name + ".jpg"), source], check=True)


def make_all():
    for name, sampling in SAMPLINGS.items():
        for width, height in (67, 53), (48, 32), (33, 17), (6, 5), (5, 40):
            make(f"{name}_{width}x{height}", (width, height), "-quality", "90", "-sample", sampling)
        for kind in "optimize", "progressive":
            make(f"{name}_{kind}", (61, 45), "-quality", "85", "-sample", sampling, "-" + kind)
        make(f"{name}_restart", (61, 45), "-quality", "85", "-sample", sampling, "-restart", "3B")
        make(f"{name}_progressive_restart", (61, 45), "-quality", "85", "-sample", sampling, "-progressive", "-restart", "2")
        make(f"{name}_by_component", (61, 45), "-quality", "85", "-sample", sampling, scans=BY_COMPONENT)
        make(f"{name}_by_component_restart", (61, 45), "-quality", "85", "-sample", sampling, "-restart", "5B", scans=BY_COMPONENT)
    for width, height in (1, 1), (7, 9), (50, 31):
        make(f"grey_{width}x{height}", (width, height), "-grayscale")
    make("grey_sampled_2x2", (50, 31), "-grayscale", "-sample", "2x2")
    make("grey_progressive", (50, 31), "-grayscale", "-progressive")
    make("grey_restart", (50, 31), "-grayscale", "-restart", "1")
    make("rgb", (50, 31), "-rgb")
    make("rgb_progressive", (50, 31), "-rgb", "-progressive")
    make("chroma_together", (50, 31), scans=CHROMA_TOGETHER)
    make("wide_quantisers", (50, 31), "-quality", "8")
    make("quality_100", (50, 31), "-quality", "100")
    make("quality_2_baseline", (50, 31), "-quality", "2", "-baseline")
    # What is left to libjpeg.
    make("left_arithmetic", (50, 31), "-arithmetic")
    make("left_411", (50, 31), "-sample", "4x1")
    make("left_odd_sampling", (50, 31), "-sample", "2x2,1x2,2x1")
    make("left_narrow", (4, 31), "-sample", "2x2")
    make("left_unfinished", (50, 31), scans=UNFINISHED)
    Image.open(os.path.join(HERE, "..", "images", "rocket.jpg")).convert("CMYK").crop((250, 60, 300, 91)).save(os.path.join(HERE, "left_cmyk.jpg"))


def facts(path):
    image = Image.open(path).convert("RGB")
    return {"width": image.width, "height": image.height, "rgb_sha256": hashlib.sha256(image.tobytes()).hexdigest()}


make_all()
with open(os.path.join(HERE, "..", "jpegs.json"), "w") as file:
    json.dump({name: facts(os.path.join(HERE, name)) for name in sorted(os.listdir(HERE)) if name.endswith(".jpg")}, file, indent=1)
    file.write("\n")
