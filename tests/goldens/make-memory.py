"""Writes the pictures of `memory`: large, of one colour, so that their files are small. Run it with Python and Pillow, in this folder."""

import struct
import zlib

from PIL import Image

SIZE = (3000, 2000)
rgb = Image.new("RGB", SIZE, (200, 100, 50))
rgb.save("memory/sequential.jpg", quality=75, optimize=True)
rgb.save("memory/progressive_420.jpg", quality=75, progressive=True, subsampling="4:2:0")
rgb.save("memory/progressive_444.jpg", quality=75, progressive=True, subsampling="4:4:4")
rgb.save("memory/plain.png")
rgb.save("memory/lossy.webp", quality=75)
# With few colours libwebp would keep a palette.
red, green = Image.linear_gradient("L").resize(SIZE), Image.radial_gradient("L").resize(SIZE)
Image.merge("RGB", (red, green, red.rotate(180))).save("memory/lossless.webp", lossless=True)
rgb.save("memory/plain.gif", interlace=0)
rgb.save("memory/interlaced.gif", interlace=1)
rgb.save("memory/deflate.tif", compression="tiff_adobe_deflate")
rgb.convert("CMYK").save("memory/cmyk.tif", compression="tiff_adobe_deflate")

# Pillow writes no interlaced PNG: seven passes, each a smaller picture, whose rows begin with the number of a filter.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def length(whole, first, step):
    return (whole - first + step - 1) // step


rows = b"".join(
    (b"\0" + bytes((200, 100, 50)) * length(SIZE[0], x, dx)) * length(SIZE[1], y, dy) for x, y, dx, dy in PASSES
)
with open("memory/interlaced.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", *SIZE, 8, 2, 0, 0, 1)))
    file.write(chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
assert Image.open("memory/interlaced.png").convert("RGB").getcolors() == [(SIZE[0] * SIZE[1], (200, 100, 50))]
