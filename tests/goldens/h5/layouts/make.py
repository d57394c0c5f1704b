"""
Writes one weight file for each way in which HDF5 can store what Keras writes, with h5py: /usr/bin/python3 make.py
Each file has Keras 3's layout; expected.json says for each file which arrays it holds, as numpy reads them back as floats.
"""
import ctypes
import glob
import json
import os

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

EARLIEST, V108, LATEST = ("earliest", "latest"), ("v108", "v108"), ("latest", "latest")
HDF5 = ctypes.CDLL(glob.glob("/usr/lib/*/libhdf5_serial.so.*")[0])  # for what h5py does not expose


def numbers(shape, dtype="f4"):
    """0, 1, 2, … with a fraction where the type has one; small enough for the narrow types."""
    count = int(np.prod(shape, dtype=int))
    values = np.arange(count) % 120
    if np.dtype(dtype).kind == "f":
        values = values + 0.25
    return values.reshape(shape).astype(dtype)


def vars_of(f):
    return f.create_group("layers/dense/vars")


def types(f):
    g = vars_of(f)
    names = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
    for i, dtype in enumerate(order + name for name in names for order in "<>"):
        g.create_dataset(str(i), data=numbers((5, 3), dtype))
    g.create_dataset("22", data=np.array([True, False, True]))
    g.create_dataset("23", data=np.float32(7.5))
    g.create_dataset("24", data=np.array([2**40 + 1, -3], "i8"))
    g.create_dataset("25", data=np.array([2**63 + 2**40, 3], ">u8"))
    g.create_dataset("26", data=np.zeros((0, 4), "f4"))


def chunked(shape, chunks, maxshape=None, dtype="f4", **options):
    return lambda f: vars_of(f).create_dataset("0", data=numbers(shape, dtype), chunks=chunks, maxshape=maxshape, **options)


def low_level(shape, chunks, change, maxshape=None):
    """An array with creation properties that h5py's own interface does not have."""
    def write(f):
        g = vars_of(f)
        properties = h5p.create(h5p.DATASET_CREATE)
        if chunks:
            properties.set_chunk(chunks)
        change(properties)
        data = numbers(shape)
        space = h5s.create_simple(shape, maxshape or shape)
        dataset = h5d.create(g.id, b"0", h5t.IEEE_F32LE, space, properties)
        dataset.write(h5s.ALL, h5s.ALL, data)
    return write


def early(properties):
    properties.set_alloc_time(h5d.ALLOC_TIME_EARLY)


def edges_unfiltered(properties):
    properties.set_deflate(4)
    assert HDF5.H5Pset_chunk_opts(ctypes.c_int64(properties.id), ctypes.c_uint(2)) >= 0


def shrunk(f):
    d = vars_of(f).create_dataset("0", data=numbers((9, 8)), chunks=(2, 3), maxshape=(None, 8))
    d.resize((5, 8))


def many_layers(count):
    """So many names in a group and so many attributes that both leave the header."""
    def write(f):
        for i in range(count):
            f[f"layers/dense_{i:04}/vars/0"] = numbers((i % 5,)) + i
        for i in range(20):
            f["layers"].attrs[f"note_{i}"] = "x" * i
    return write


def legacy(names_type, many_attributes=False, long_list=False):
    def write(f):
        count = 400 if long_list else 3
        names = [f"layer_{'ä' if i % 2 else 'b'}_{i}" for i in range(count)]
        if many_attributes:
            for i in range(30):
                f.attrs[f"a_{i}"] = np.arange(i, dtype="i4")
        if names_type == "variable":
            f.attrs["layer_names"] = names
        else:
            f.attrs["layer_names"] = np.array([n.encode() for n in names])
        for i, name in enumerate(names):
            g = f.create_group(name)
            g.attrs["weight_names"] = [f"{name}/kernel:0"] if names_type == "variable" else np.array([f"{name}/kernel:0".encode()])
            g[f"{name}/kernel:0"] = numbers((2, 2)) + i
    return write


def padded(padding):
    """Names of fixed length that are filled up in one of HDF5's ways."""
    def write(f):
        kind = h5t.C_S1.copy()
        kind.set_size(8)
        kind.set_strpad(padding)
        fill = b" " if padding == h5t.STR_SPACEPAD else b"\0"
        data = np.array([b"one".ljust(8, fill), b"two".ljust(8, fill)], "S8")
        a = h5py.h5a.create(f.id, b"layer_names", kind, h5s.create_simple((2,)))
        a.write(data, mtype=kind)
        for name in ("one", "two"):
            f.create_group(name).attrs["weight_names"] = np.array([])
        f["one"].attrs.create("weight_names", "kernel:0")
        f["one/kernel:0"] = numbers((3,))
    return write


FILES = {
    "types.earliest": (EARLIEST, types),
    "types.latest": (LATEST, types),
    "compact": (EARLIEST, low_level((3, 5), None, lambda p: p.set_layout(h5d.COMPACT))),
    "compact.latest": (LATEST, low_level((3, 5), None, lambda p: p.set_layout(h5d.COMPACT))),
    "superblock_1": (EARLIEST, chunked((7, 5), (2, 3))),
    "superblock_2": (V108, chunked((7, 5), (2, 3))),
    "btree_1": (EARLIEST, chunked((70, 5), (2, 1))),
    "btree_1.gzip": (EARLIEST, chunked((7, 5, 3), (2, 3, 3), compression="gzip", shuffle=True)),
    "btree_1.whole": (EARLIEST, chunked((7, 5, 3), (7, 5, 3), compression="gzip")),
    "btree_1.larger": (EARLIEST, chunked((3, 5), (4, 8), maxshape=(None, None))),
    "fletcher32": (EARLIEST, chunked((7, 5), (3, 4), fletcher32=True)),
    "fletcher32.odd": (EARLIEST, chunked((7, 5), (3, 3), dtype="i1", fletcher32=True)),
    "fletcher32.latest": (LATEST, chunked((40, 50), (20, 30), fletcher32=True)),
    "all_filters": (EARLIEST, chunked((7, 5), (3, 4), fletcher32=True, shuffle=True, compression="gzip", dtype=">f8")),
    "lzf": (EARLIEST, chunked((40, 50), (20, 30), compression="lzf", shuffle=True)),
    "lzf.latest": (LATEST, chunked((40, 50), (20, 30), compression="lzf", fletcher32=True)),
    "single": (LATEST, chunked((7, 5), (7, 5))),
    "single.gzip": (LATEST, chunked((7, 5), (7, 5), compression="gzip", shuffle=True)),
    "implicit": (LATEST, low_level((7, 5), (2, 3), early)),
    "implicit.may_grow": (LATEST, low_level((7, 5), (2, 3), early, maxshape=(9, 11))),
    "fixed_array": (LATEST, chunked((7, 5), (2, 3))),
    "fixed_array.gzip": (LATEST, chunked((7, 5), (2, 3), compression="gzip")),
    "fixed_array.may_grow": (LATEST, chunked((7, 5), (2, 3), maxshape=(20, 9))),
    "fixed_array.pages": (LATEST, chunked((50, 45), (1, 1), dtype="i1")),
    "fixed_array.pages.gzip": (LATEST, chunked((1100,), (1,), dtype="i1", compression="gzip")),
    "extensible_array": (LATEST, chunked((7, 5), (2, 3), maxshape=(None, 5))),
    "extensible_array.second": (LATEST, chunked((7, 50), (2, 3), maxshape=(7, None))),
    "extensible_array.gzip": (LATEST, chunked((70, 5), (1, 3), maxshape=(None, 9), compression="gzip")),
    "extensible_array.pages": (LATEST, chunked((9000,), (1,), maxshape=(None,), dtype="i1")),
    "extensible_array.shrunk": (LATEST, shrunk),
    "btree_2": (LATEST, chunked((7, 5), (2, 3), maxshape=(None, None))),
    "btree_2.gzip": (LATEST, chunked((7, 5), (2, 3), maxshape=(None, None), compression="gzip")),
    "btree_2.deep": (LATEST, chunked((60, 50), (1, 1), maxshape=(None, None), dtype="i1")),
    "edges_unfiltered": (LATEST, low_level((7, 5), (2, 3), edges_unfiltered)),
    "groups.earliest": (EARLIEST, many_layers(300)),
    "groups.latest": (LATEST, many_layers(300)),
    "groups.compact": (LATEST, many_layers(5)),
    "legacy.fixed": (EARLIEST, legacy("fixed")),
    "legacy.variable": (EARLIEST, legacy("variable")),
    "legacy.fixed.latest": (LATEST, legacy("fixed")),
    "legacy.variable.latest": (LATEST, legacy("variable")),
    "legacy.many_attributes": (EARLIEST, legacy("fixed", many_attributes=True)),
    "legacy.dense_attributes": (LATEST, legacy("variable", many_attributes=True)),
    "legacy.dense_huge_attribute": (LATEST, legacy("fixed", many_attributes=True, long_list=True)),
    "legacy.null_terminated": (EARLIEST, padded(h5t.STR_NULLTERM)),
    "legacy.space_padded": (EARLIEST, padded(h5t.STR_SPACEPAD)),
    "creation_order": (LATEST, legacy("fixed")),
}


def open_file(name, libver):
    if name == "superblock_1":
        # Only B-trees of chunks with nodes of an unusual size need version 1.
        creation = h5p.create(h5p.FILE_CREATE)
        assert HDF5.H5Pset_istore_k(ctypes.c_int64(creation.id), ctypes.c_uint(8)) >= 0
        return h5py.File(h5py.h5f.create(b"superblock_1.weights.h5", fcpl=creation))
    return h5py.File(f"{name}.weights.h5", "w", libver=libver, track_order=name == "creation_order")


def far_end():
    """An index so long that its blocks have pages: only the last 1,500 of 135,000 numbers are there."""
    with h5py.File("far_end.weights.h5", "w", libver="latest") as f:
        d = vars_of(f).create_dataset("0", shape=(135_000,), dtype="i1", chunks=(1,), maxshape=(None,))
        d[-1_500:] = numbers((1_500,), "i1")


def main():
    for old in glob.glob("*.weights.h5"):
        os.remove(old)
    far_end()
    expected = {}
    for name, (libver, write) in FILES.items():
        with open_file(name, libver) as f:
            write(f)
        arrays = {}
        with h5py.File(f"{name}.weights.h5") as f:
            f.visititems(lambda path, o: arrays.__setitem__(
                path, {"shape": o.shape, "numbers": [float(np.float32(v)) for v in np.ravel(o[()])]}) if isinstance(o, h5py.Dataset) else None)
        expected[name + ".weights.h5"] = arrays
    with open("expected.json", "w") as f:
        json.dump(expected, f, separators=(",", ":"))


main()
