"""Makes the small pictures of this folder, a kind each, and kinds.json with what Pillow 9.4 (libtiff 4.5) makes of them.

    /usr/bin/python3 make.py

For each file: the size and the SHA-256 of the bytes of convert("RGB"), and Pillow's mode; or the error where Pillow refuses it. Where
Pillow 9.4 refuses a file that later versions read, the pixels that the file was made of stand instead. The table of docs/images.md names the
files, and a test compares it with what the decoder does.
"""
import hashlib
import io
import json
import os
import struct
import zlib

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, HEIGHT = 13, 9
ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
rgb = np.stack([xs * 19 % 256, ys * 27 % 256, (xs * 7 + ys * 3) % 256], -1).astype(np.uint8)
rgb16 = (rgb.astype(np.uint16) << 8) + (np.uint16(97) * rgb[..., ::-1]) % 256
grey16 = rgb16[..., 0]
facts = {}


def describe(name, content, expected=None):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(content)
    if expected is not None:
        facts[name] = {"size": [expected.shape[1], expected.shape[0]], "sha256": hashlib.sha256(expected.tobytes()).hexdigest()}
        return
    try:
        image = Image.open(io.BytesIO(content))
        mode = image.mode
        image = image.convert("RGB")
        facts[name] = {"mode": mode, "size": list(image.size), "sha256": hashlib.sha256(image.tobytes()).hexdigest()}
    except Exception as error:  # Pillow has many ways to refuse a file.
        facts[name] = {"error": f"{type(error).__name__}: {error}"}


def tiff(data, photometric, bits, order="<", big=False, compression=1, planar=1, rows=HEIGHT, more=(), pieces=None, size=(WIDTH, HEIGHT)):
    """A TIFF of one strip, or of the given pieces as strips or tiles."""
    pieces = pieces or [data]
    start = 16 if big else 8
    body, offsets = b"", []
    for piece in pieces:
        offsets.append(start + len(body))
        body += piece + b"\0" * (len(piece) % 2)
    tags = {256: (4, [size[0]]), 257: (4, [size[1]]), 258: (3, bits), 259: (3, [compression]), 262: (3, [photometric]),
            277: (3, [len(bits)]), 284: (3, [planar])}
    if not any(tag == 322 for tag, *_ in more):
        tags.update({273: (16 if big else 4, offsets), 278: (4, [rows]), 279: (16 if big else 4, [len(p) for p in pieces])})
    else:
        tags.update({324: (16 if big else 4, offsets), 325: (16 if big else 4, [len(p) for p in pieces])})
    for tag, kind, values in more:
        tags[tag] = (kind, values)
    letter = {1: "B", 3: "H", 4: "I", 7: "B", 16: "Q"}
    inline, entry = (8, "HHQ") if big else (4, "HHI")
    entries, extra = b"", b""
    at = start + len(body)
    table = (8 if big else 2) + len(tags) * (20 if big else 12) + (8 if big else 4)
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(values)}{letter[kind]}", *values)
        entries += struct.pack(order + entry, tag, kind, len(values))
        if len(packed) <= inline:
            entries += packed.ljust(inline, b"\0")
        else:
            entries += struct.pack(order + ("Q" if big else "I"), at + table + len(extra))
            extra += packed + b"\0" * (len(packed) % 2)
    head = b"II" if order == "<" else b"MM"
    head += struct.pack(order + "HHHQ", 43, 8, 0, at) if big else struct.pack(order + "HI", 42, at)
    count = struct.pack(order + ("Q" if big else "H"), len(tags))
    return head + body + count + entries + struct.pack(order + ("Q" if big else "I"), 0) + extra


def samples(values, order):
    return values.astype(order + "u2").tobytes()


def later(order, pixels=rgb):
    """Pillow 9.4 does not know these of the byte order of Motorola."""
    return pixels if order == ">" else None


RGB8, RGB16 = [8, 8, 8], [16, 16, 16]
for order, letters in (("<", "ii"), (">", "mm")):
    describe(f"big_{letters}_rgb.tif", tiff(rgb.tobytes(), 2, RGB8, order, big=True), later(order))
    describe(f"big_{letters}_rgb_deflate.tif", tiff(zlib.compress(rgb.tobytes()), 2, RGB8, order, big=True, compression=8), later(order))
    describe(f"big_{letters}_grey_strips.tif", tiff(None, 1, [8], order, big=True, rows=4, pieces=[rgb[i:i + 4, :, 0].tobytes() for i in (0, 4, 8)]),
             later(order, np.repeat(rgb[..., :1], 3, -1)))
    describe(f"rgb16_{letters}.tif", tiff(samples(rgb16, order), 2, RGB16, order))
    describe(f"rgb16_{letters}_deflate.tif", tiff(zlib.compress(samples(rgb16, order)), 2, RGB16, order, compression=8))
    difference = rgb16.copy()
    difference[:, 1:] -= rgb16[:, :-1]
    describe(f"rgb16_{letters}_predictor.tif", tiff(zlib.compress(samples(difference, order)), 2, RGB16, order, compression=8, more=[(317, 3, [2])]))
    describe(f"rgb16_{letters}_planes.tif", tiff(None, 2, RGB16, order, compression=8, planar=2, pieces=[zlib.compress(samples(rgb16[..., c], order)) for c in range(3)]))
    four = np.concatenate([rgb16, grey16[..., None] | 0x0101], -1)
    for extra in (None, 0, 1, 2):
        describe(f"rgba16_{letters}_{'none' if extra is None else extra}.tif",
                 tiff(samples(four, order), 2, [16] * 4, order, more=[] if extra is None else [(338, 3, [extra])]))
    describe(f"cmyk16_{letters}.tif", tiff(samples(four, order), 5, [16] * 4, order),
             later(order, np.asarray(Image.frombytes("CMYK", (WIDTH, HEIGHT), (four >> 8).astype(np.uint8).tobytes()).convert("RGB"))))
    describe(f"grey16_{letters}.tif", tiff(samples(grey16, order), 1, [16], order))
    describe(f"grey16_{letters}_deflate.tif", tiff(zlib.compress(samples(grey16, order)), 1, [16], order, compression=8))
    describe(f"grey16_{letters}_white.tif", tiff(samples(grey16, order), 0, [16], order))
    describe(f"grey16_{letters}_signed.tif", tiff(samples(grey16, order), 1, [16], order, more=[(339, 3, [2])]))
    describe(f"grey32_{letters}_float.tif", tiff(grey16.astype(order + "f4").tobytes(), 1, [32], order, more=[(339, 3, [3])]))
describe("grey12.tif", tiff(b"\x12\x34\x56" * 7 * HEIGHT, 1, [12]))
tile = np.zeros((16, 16, 3), np.uint16)
tile[:HEIGHT, :WIDTH] = rgb16
describe("rgb16_tile.tif", tiff(None, 2, RGB16, compression=8, pieces=[zlib.compress(samples(tile, "<"))], more=[(322, 4, [16]), (323, 4, [16])]))
describe("big_tile.tif", tiff(None, 2, RGB8, big=True, compression=8, pieces=[zlib.compress((tile >> 8).astype(np.uint8).tobytes())],
                              more=[(322, 4, [16]), (323, 4, [16])]))

# YCbCr, whole or with halved chroma: blocks of 2 x 2 luminances, then one of each chroma.
ycc = np.asarray(Image.fromarray(rgb).convert("YCbCr"))
describe("ycc.tif", tiff(ycc.tobytes(), 6, RGB8, more=[(530, 3, [1, 1])]))
describe("ycc_deflate.tif", tiff(zlib.compress(ycc.tobytes()), 6, RGB8, compression=8, more=[(530, 3, [1, 1])]))
padded = np.pad(ycc, ((0, 1), (0, 1), (0, 0)), "edge")
blocks = b"".join(padded[y:y + 2, x:x + 2, 0].tobytes() + padded[y, x, 1:].tobytes() for y in range(0, 10, 2) for x in range(0, 14, 2))
describe("ycc_halved.tif", tiff(zlib.compress(blocks), 6, RGB8, compression=8, more=[(530, 3, [2, 2])]))

# Compressions that Pillow's libtiff has.
for compression in ("zstd", "lzma", "webp", "jpeg", "tiff_lzw", "packbits", "tiff_adobe_deflate"):
    out = io.BytesIO()
    try:
        Image.fromarray(rgb).save(out, "TIFF", compression=compression)
        describe(f"pillow_{compression}.tif", out.getvalue())
    except Exception as error:
        print(compression, error)

# Old-style JPEG: a whole JPEG that the tag JPEGInterchangeFormat points to.
out = io.BytesIO()
Image.fromarray(rgb).save(out, "JPEG", quality=90, subsampling=0)
jpeg = out.getvalue()
describe("old_jpeg.tif", tiff(jpeg, 6, RGB8, compression=6, more=[(513, 4, [8]), (514, 4, [len(jpeg)]), (530, 3, [1, 1])]))
describe("lab.tif", tiff(rgb.tobytes(), 8, RGB8))

# PNG, WebP, PGM ----------------------------------------------------------------------------------------------------------------
def png(kind, bits, rows, *chunks):
    """A PNG of rows that are not filtered."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, kind, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunk(*c) for c in chunks) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


rows16 = lambda values: [row.astype(">u2").tobytes() for row in values.reshape(HEIGHT, -1)]  # noqa: E731
rows8 = lambda values: [row.tobytes() for row in values.reshape(HEIGHT, -1)]  # noqa: E731
colours = (b"PLTE", bytes(range(48)))
indices = ((xs + ys) % 16).astype(np.uint8)
describe("png_grey.png", png(0, 8, rows8(rgb[..., 0])))
describe("png_grey_1_bit.png", png(0, 1, [np.packbits(row & 1).tobytes() for row in indices]))
describe("png_grey_alpha.png", png(4, 8, rows8(rgb[..., :2].copy())))
describe("png_grey_16_bits.png", png(0, 16, rows16(grey16)))
describe("png_grey_alpha_16_bits.png", png(4, 16, rows16(rgb16[..., :2].copy())))
describe("png_rgb.png", png(2, 8, rows8(rgb)))
describe("png_rgb_transparent_colour.png", png(2, 8, rows8(rgb), (b"tRNS", bytes(6))))
describe("png_rgb_16_bits.png", png(2, 16, rows16(rgb16)))
describe("png_rgba_16_bits.png", png(6, 16, rows16(four)))
describe("png_palette.png", png(3, 8, rows8(indices), colours))
describe("png_palette_alpha.png", png(3, 8, rows8(indices), colours, (b"tRNS", bytes(range(0, 160, 10)))))
describe("png_no_palette.png", png(3, 8, rows8(indices)))


def saved(format, **options):
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, format, **options)
    return out.getvalue()


describe("webp_lossy.webp", saved("WEBP", quality=80))
describe("webp_lossless.webp", saved("WEBP", lossless=True))
describe("pgm_16_bits.pgm", b"P5 %d %d 65535\n" % (WIDTH, HEIGHT) + grey16.astype(">u2").tobytes())
describe("bmp_png.bmp", b"BM" + struct.pack("<IHHI", 0, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 0, 5, 0, 0, 0, 0, 0)
         + png(2, 8, rows8(rgb)))

with open(os.path.join(HERE, "..", "kinds.json"), "w") as file:
    file.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(facts.items())) + "\n}\n")
