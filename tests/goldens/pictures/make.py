"""Makes the small pictures of this folder, a kind each, and pictures.json with what Pillow 9.4 makes of them.

    python3 make.py

For each file: the size and the SHA-256 of the bytes of convert("RGB"), or the error where Pillow refuses it, or the size and hash
after ImageOps.exif_transpose as "upright". Where Pillow 9.4 is known to be wrong and a later version right, EXPECTED holds the pixels.
"""
import hashlib
import io
import json
import os
import random
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin

HERE = os.path.dirname(os.path.abspath(__file__))
facts = {}
random.seed(5)
WIDTH, HEIGHT = 23, 17
ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH]
rgb = np.stack([xs * 11 % 256, ys * 15 % 256, (xs * 7 + ys * 3) % 256], -1).astype(np.uint8)
indices = ((xs // 2 + ys) % 16).astype(np.uint8)


def describe(name, content, upright=False, expected=None):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(content)
    if expected is not None:
        facts[name] = {"size": [expected.shape[1], expected.shape[0]], "sha256": hashlib.sha256(expected.tobytes()).hexdigest()}
        return
    try:
        image = Image.open(io.BytesIO(content))
        if upright:
            image = ImageOps.exif_transpose(image)
        image = image.convert("RGB")
        facts[name] = {"size": list(image.size), "sha256": hashlib.sha256(image.tobytes()).hexdigest()}
        if upright:
            facts[name]["upright"] = True
    except Exception as error:  # Pillow has many ways to refuse a file.
        facts[name] = {"error": f"{type(error).__name__}: {error}"}


def saved(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


# GIF ---------------------------------------------------------------------------------------------------------------------------
def lzw(pixels, bits, clear_each=0):
    """Codes as an encoder writes them, with a growing table; a clear code each so many pixels."""
    out, count = 0, 0
    clear = 1 << bits
    size, table, following = bits + 1, {}, clear + 2

    def emit(code):
        nonlocal out, count
        out |= code << count
        count += size

    emit(clear)
    table = {(p,): p for p in range(clear)}
    word = ()
    for i, pixel in enumerate(pixels):
        longer = word + (pixel,)
        if longer in table:
            word = longer
            continue
        emit(table[word])
        if following < 4096:
            table[longer] = following
            if following == 1 << size and size < 12:
                size += 1
            following += 1
        if clear_each and i % clear_each == 0:
            emit(clear)
            size, following = bits + 1, clear + 2
            table = {(p,): p for p in range(clear)}
        word = (pixel,)
    emit(table[word])
    emit(clear + 1)
    data = out.to_bytes((count + 7) // 8, "little")
    return bytes([bits]) + b"".join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255)) + b"\0"


def gif(canvas, frame, pixels, bits, global_colours=None, local_colours=None, transparent=None, interlaced=False, clear_each=0, more=b""):
    def flags(colours):
        return 0 if colours is None else 0x80 | ((len(colours) // 3).bit_length() - 2)

    head = b"GIF89a" + struct.pack("<HH", *canvas) + bytes([flags(global_colours), 0, 0]) + (global_colours or b"")
    control = b"" if transparent is None else bytes([0x21, 0xF9, 4, 1, 0, 0, transparent, 0])
    if interlaced:
        rows = [pixels[y * frame[2]:(y + 1) * frame[2]] for y in range(frame[3])]
        order = [y for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(start, frame[3], step)]
        pixels = [p for y in order for p in rows[y]]
    descriptor = b"," + struct.pack("<HHHH", *frame) + bytes([flags(local_colours) | (0x40 if interlaced else 0)]) + (local_colours or b"")
    return head + control + descriptor + lzw(pixels, bits, clear_each) + more + b";"


colours16 = bytes(random.randrange(256) for _ in range(48))
colours256 = bytes(random.randrange(256) for _ in range(768))
flat = [int(i) for i in indices.flatten()]
noise = [random.randrange(256) for _ in range(90 * 80)]
describe("gif_plain.gif", gif((WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT), flat, 4, colours16))
describe("gif_interlaced.gif", gif((WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT), flat, 4, colours16, interlaced=True))
for height in (1, 2, 3, 5):
    describe(f"gif_interlaced_{height}.gif", gif((WIDTH, height), (0, 0, WIDTH, height), flat[:WIDTH * height], 4, colours16, interlaced=True))
describe("gif_local_palette.gif", gif((WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT), flat, 4, colours256, colours16))
describe("gif_no_palette.gif", gif((WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT), flat, 4))
describe("gif_short_palette.gif", gif((WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT), flat, 4, colours16[:12]))
describe("gif_offset_frame.gif", gif((WIDTH + 9, HEIGHT + 7), (4, 3, WIDTH, HEIGHT), flat, 4, colours16))
describe("gif_offset_transparent.gif", gif((WIDTH + 9, HEIGHT + 7), (4, 3, WIDTH, HEIGHT), flat, 4, colours16, transparent=5))
describe("gif_frame_leaves_canvas.gif", gif((WIDTH, HEIGHT), (4, 3, WIDTH, HEIGHT), flat, 4, colours16))
describe("gif_full_table.gif", gif((90, 80), (0, 0, 90, 80), noise, 8, colours256))
describe("gif_cleared.gif", gif((90, 80), (0, 0, 90, 80), noise, 8, colours256, clear_each=100))
describe("gif_long_strings.gif", gif((90, 80), (0, 0, 90, 80), [3] * 7200, 2, colours16[:12]))
describe("gif_one_bit.gif", gif((WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT), [p & 1 for p in flat], 1, colours16[:6]))
describe("gif_too_few_pixels.gif", gif((WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT), flat[:100], 4, colours16))
describe("gif_two_frames.gif", gif((WIDTH, HEIGHT), (0, 0, WIDTH, HEIGHT), flat, 4, colours16,
                                   more=b"," + struct.pack("<HHHH", 2, 2, 3, 3) + b"\0" + lzw([1] * 9, 4)))


# BMP ---------------------------------------------------------------------------------------------------------------------------
def bmp(bits, data, width=WIDTH, height=HEIGHT, compression=0, palette=b"", colours=0, masks=b"", header=40, tail=b"", offset=None):
    info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(data), 0, 0, colours, 0) + tail
    at = 14 + len(info) + len(masks) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at if offset is None else offset) + info + masks + palette + data


def packed(rows, bits):
    """Rows of integers of so many bits, padded to four bytes."""
    out = b""
    for row in rows:
        if bits >= 8:
            line = b"".join(int(v).to_bytes(bits // 8, "little") for v in row)
        else:
            number = 0
            for v in row:
                number = number << bits | int(v)
            unused = -len(row) * bits % 8
            line = (number << unused).to_bytes((len(row) * bits + unused) // 8, "big")
        out += line + b"\0" * (-len(line) % 4)
    return out


palette16 = b"".join(colours16[i:i + 3] + b"\0" for i in range(0, 48, 3))
values16 = (rgb[..., 0].astype(int) >> 3 << 11) | (rgb[..., 1].astype(int) >> 2 << 5) | rgb[..., 2] >> 3
values15 = (rgb[..., 0].astype(int) >> 3 << 10) | (rgb[..., 1].astype(int) >> 3 << 5) | rgb[..., 2] >> 3
values24 = (rgb[..., 0].astype(int) << 16) | (rgb[..., 1].astype(int) << 8) | rgb[..., 2]
swapped = (rgb[..., 2].astype(int) << 16) | (rgb[..., 1].astype(int) << 8) | rgb[..., 0]
describe("bmp_1.bmp", bmp(1, packed(indices & 1, 1), palette=palette16[:8]))
describe("bmp_4.bmp", bmp(4, packed(indices, 4), palette=palette16))
describe("bmp_4_few_colours.bmp", bmp(4, packed(indices, 4), palette=palette16[:40], colours=10))
describe("bmp_8.bmp", bmp(8, packed(indices, 8), palette=palette16, colours=16))
describe("bmp_8_offset_of_palette.bmp", bmp(8, packed(indices, 8), palette=palette16, colours=16, offset=54))
describe("bmp_16_555.bmp", bmp(16, packed(values15, 16)))
describe("bmp_16_565.bmp", bmp(16, packed(values16, 16), compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F)))
describe("bmp_16_555_masks.bmp", bmp(16, packed(values15, 16), compression=3, masks=struct.pack("<III", 0x7C00, 0x3E0, 0x1F)))
describe("bmp_16_565_v5.bmp", bmp(16, packed(values16, 16), compression=3, header=124, tail=struct.pack("<IIII", 0xF800, 0x7E0, 0x1F, 0) + b"\0" * 68))
describe("bmp_16_444.bmp", bmp(16, packed(values15, 16), compression=3, masks=struct.pack("<III", 0xF00, 0xF0, 0xF)))
describe("bmp_24.bmp", bmp(24, packed(values24, 24)))
describe("bmp_24_top_down.bmp", bmp(24, packed(values24, 24), height=-HEIGHT))
describe("bmp_24_cut.bmp", bmp(24, packed(values24, 24))[:-80])
describe("bmp_32.bmp", bmp(32, packed(values24 | 0x55000000, 32)))
describe("bmp_32_masks.bmp", bmp(32, packed(swapped | 0x55000000, 32), compression=3, header=108,
                                 tail=struct.pack("<IIII", 0xFF, 0xFF00, 0xFF0000, 0xFF000000) + b"\0" * 52))
describe("bmp_32_high_masks.bmp", bmp(32, packed(values24 << 8, 32), compression=3, masks=struct.pack("<III", 0xFF000000, 0xFF0000, 0xFF00)))
os2 = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, 8)
describe("bmp_os2.bmp", b"BM" + struct.pack("<IHHI", 0, 0, 0, 26 + 768) + os2 + colours256 + packed(indices, 8))
runs8 = b"".join(bytes([WIDTH, y, 0, 0]) for y in range(HEIGHT)) + b"\0\1"
describe("bmp_rle8.bmp", bmp(8, runs8, compression=1, palette=palette16 + b"\x99\x88\x77\0", colours=17))
rows8 = b"".join(bytes([0, WIDTH]) + bytes(indices[y]) + b"\0" + b"\0\0" for y in range(HEIGHT)) + b"\0\1"
describe("bmp_rle8_absolute.bmp", bmp(8, rows8, compression=1, palette=palette16, colours=16))
rows4 = b"".join(bytes([WIDTH - 3, 0x25, 3, 0x71, 0, 0]) for y in range(HEIGHT)) + b"\0\1"
describe("bmp_rle4.bmp", bmp(4, rows4, compression=2, palette=palette16))
describe("bmp_rle8_short.bmp", bmp(8, runs8[:20] + b"\0\1", compression=1, palette=palette16, colours=16))
table = np.frombuffer(palette16, np.uint8).reshape(16, 4)[:, 2::-1]
# A delta, an early end of a row: Pillow 9.4 reads two bytes too many after a delta.
gapped = np.zeros((3, 6), np.uint8)
gapped[0, :2] = 3
gapped[1, 3:5] = 4
gapped[2] = 5
describe("bmp_rle8_gaps.bmp", bmp(8, bytes([2, 3, 0, 2, 1, 1, 2, 4, 0, 0, 6, 5, 0, 0, 0, 1]), 6, 3, 1, palette16, 16), expected=table[gapped[::-1]])
# An odd count of single pixels: Pillow takes a byte too few.
odd = np.array([[1, 2, 3, 4, 4]] * 2, np.uint8)
describe("bmp_rle4_odd.bmp", bmp(4, bytes([0, 3, 0x12, 0x30, 2, 0x44, 0, 0]) * 2 + b"\0\1", 5, 2, 2, palette16), expected=table[odd])

# PBM, PGM, PPM -----------------------------------------------------------------------------------------------------------------
size = b"%d %d\n" % (WIDTH, HEIGHT)
grey = rgb[..., 0]
text = lambda values: b"\n".join(b" ".join(b"%d" % v for v in row) for row in values.reshape(HEIGHT, -1))
describe("p1.pbm", b"P1\n# a comment\n" + size + text(indices & 1))
describe("p1_tight.pbm", b"P1 " + size + text(indices & 1).replace(b" ", b""))
describe("p2.pgm", b"P2\n" + size + b"255\n" + text(grey) + b"\n")
describe("p2_maximum_15.pgm", b"P2\n" + size + b"15\n# a comment\n" + text(indices) + b"\n")
describe("p2_too_large.pgm", b"P2\n" + size + b"15\n" + text(grey) + b"\n")
describe("p3.ppm", b"P3\n" + size + b"255\n" + text(rgb) + b"\n")
describe("p3_maximum_999.ppm", b"P3\n" + size + b"999\n" + text(rgb.astype(int) * 3) + b"\n")
describe("p4.pbm", b"P4\n" + size + np.packbits(indices & 1, axis=1).tobytes())
describe("p5.pgm", b"P5\n" + size + b"255\n" + grey.tobytes())
describe("p5_maximum_100.pgm", b"P5\n" + size + b"100\n" + (grey % 101).tobytes())
describe("p6.ppm", b"P6\n# a comment\n%d # another\n %d\n255\n" % (WIDTH, HEIGHT) + rgb.tobytes())
describe("p6_maximum_77.ppm", b"P6 " + size + b"77\n" + (rgb % 78).tobytes())
describe("p6_16_bits.ppm", b"P6 " + size + b"65535\n" + (rgb.astype(">u2") * 257).tobytes())
describe("p6_maximum_1000.ppm", b"P6 " + size + b"1000\n" + (rgb.astype(">u2") * 3).tobytes())
describe("p6_cut.ppm", b"P6 " + size + b"255\n" + rgb.tobytes()[:-5])
describe("p3_cut.ppm", b"P3 " + size + b"255\n" + text(rgb)[:-50] + b"\n")

# WebP --------------------------------------------------------------------------------------------------------------------------
image = Image.fromarray(rgb)
clear = np.dstack([rgb, (xs * 9 % 256).astype(np.uint8)])
small = Image.fromarray(clear[3:12, 4:15])


def chunk(kind, data):
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def webp_parts(content):
    at, parts = 12, {}
    while at < len(content):
        length = struct.unpack("<I", content[at + 4:at + 8])[0]
        parts.setdefault(content[at:at + 4], content[at + 8:at + 8 + length])
        at += 8 + length + length % 2
    return parts


def animated(canvas, left, top, frame):
    """An animation of one frame, smaller than its canvas."""
    content = saved(frame, "WEBP", lossless=True) if frame.mode == "RGB" else saved(frame, "WEBP", quality=80)
    parts = webp_parts(content)
    inner = b"".join(chunk(kind, parts[kind]) for kind in (b"ALPH", b"VP8 ", b"VP8L") if kind in parts)
    three = lambda value: struct.pack("<I", value)[:3]
    head = bytes([0x12, 0, 0, 0]) + three(canvas[0] - 1) + three(canvas[1] - 1)
    body = three(left // 2) + three(top // 2) + three(frame.width - 1) + three(frame.height - 1) + three(100) + b"\0"
    riff = b"WEBP" + chunk(b"VP8X", head) + chunk(b"ANIM", b"\x10\x20\x30\xff\0\0") + chunk(b"ANMF", body + inner)
    return b"RIFF" + struct.pack("<I", len(riff)) + riff


describe("webp_frame_lossless.webp", animated((40, 30), 6, 8, image))
describe("webp_frame_lossy_alpha.webp", animated((40, 30), 6, 8, small))
describe("webp_frame_covers.webp", animated((WIDTH, HEIGHT), 0, 0, image))
describe("webp_two_frames.webp", saved(image, "WEBP", save_all=True, append_images=[ImageOps.invert(image)], lossless=True))

# Orientation -------------------------------------------------------------------------------------------------------------------
exif = lambda orientation: b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", orientation, 0) + b"\0\0\0\0"
for orientation in range(1, 9):
    describe(f"webp_exif_{orientation}.webp", saved(image, "WEBP", lossless=True, exif=exif(orientation)), upright=True)
    describe(f"webp_exif_prefix_{orientation}.webp", saved(image, "WEBP", quality=90, exif=b"Exif\0\0" + exif(orientation)), upright=True)
    describe(f"webp_alpha_exif_prefix_{orientation}.webp", saved(small, "WEBP", quality=90, exif=b"Exif\0\0" + exif(orientation)), upright=True)


def raw_profile(data):
    return "\nexif\n%8d\n" % len(data) + "".join(data.hex()[i:i + 72] + "\n" for i in range(0, 2 * len(data), 72))


def png_with(*texts):
    info = PngImagePlugin.PngInfo()
    for add in texts:
        add(info)
    return saved(image, "PNG", pnginfo=info)


profile = "Raw profile type exif"
xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation%s/></x:xmpmeta>'
describe("png_exif_chunk.png", saved(image, "PNG", exif=exif(6)), upright=True)
describe("png_raw_profile.png", png_with(lambda i: i.add_text(profile, raw_profile(b"Exif\0\0" + exif(6)))), upright=True)
describe("png_raw_profile_compressed.png", png_with(lambda i: i.add_text(profile, raw_profile(b"Exif\0\0" + exif(8)), zip=True)), upright=True)
describe("png_raw_profile_no_prefix.png", png_with(lambda i: i.add_text(profile, raw_profile(exif(5)))), upright=True)
describe("png_xmp.png", png_with(lambda i: i.add_itxt("XML:com.adobe.xmp", xmp % '="3"')), upright=True)
describe("png_xmp_compressed.png", png_with(lambda i: i.add_itxt("XML:com.adobe.xmp", xmp % '="7"', zip=True)), upright=True)
describe("png_xmp_element.png", png_with(lambda i: i.add_itxt("XML:com.adobe.xmp", "<tiff:Orientation>6</tiff:Orientation>")), upright=True)
describe("png_profile_before_xmp.png", png_with(
    lambda i: i.add_itxt("XML:com.adobe.xmp", xmp % '="3"'), lambda i: i.add_text(profile, raw_profile(exif(6)))), upright=True)

# TIFF --------------------------------------------------------------------------------------------------------------------------
photo = Image.open(os.path.join(HERE, "..", "images", "grace_hopper.jpg")).convert("RGB").crop((180, 40, 255, 101))
for mode in ("RGB", "YCbCr", "L"):
    for rows in (16, 64):
        describe(f"tiff_jpeg_{mode}_{rows}.tif".lower(), saved(
            photo.convert(mode), "TIFF", compression="jpeg", quality=85, tiffinfo={278: rows}))
for compression in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate"):
    describe(f"tiff_{compression}.tif", saved(photo, "TIFF", compression=compression))
plain = saved(photo.convert("L"), "TIFF")
at = plain.index(struct.pack("<HHI", 262, 3, 1))
describe("tiff_no_photometric.tif", plain[:at] + struct.pack("<HHII", 65000, 3, 1, 0) + plain[at + 12:])

# Damaged JPEGs: a marker in the data of one scan ---------------------------------------------------------------------------------
def jpeg_with(marker, **options):
    content = saved(photo, "JPEG", quality=85, **options)
    start = content.index(b"\xff\xda") + 14
    at = start + (len(content) - start) // 3
    return content[:at] + b"\xff" + bytes([marker]) + content[at + 2:]


for marker in (0x02, 0x37, 0xBF, 0xC0, 0xC1, 0xC3, 0xC8, 0xD0, 0xD5, 0xD8, 0xDA, 0xDE, 0xDF, 0xE0, 0xE5, 0xED, 0xF0, 0xF7, 0xFD, 0xFE):
    describe(f"jpeg_marker_{marker:02x}.jpg", jpeg_with(marker))
    describe(f"jpeg_marker_{marker:02x}_420.jpg", jpeg_with(marker, subsampling=2, optimize=True))

# Long pictures, resized: their rows pass through a window ------------------------------------------------------------------------
long = np.fromfunction(lambda y, x, c: (x * 11 + y * 7 + c * 5 + x * y % 13) % 256, (4000, 9, 3)).astype(np.uint8)
filters = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
for target in ((5, 37), (12, 4000), (9, 5000), (4, 3), (200, 700)):
    for name, number in filters.items():
        resized = Image.fromarray(long).resize(target, number)
        facts[f"long {target[0]}x{target[1]} {name}"] = hashlib.sha256(resized.tobytes()).hexdigest()

with open(os.path.join(HERE, "..", "pictures.json"), "w") as file:
    json.dump(facts, file, indent=1, sort_keys=True)
    file.write("\n")
