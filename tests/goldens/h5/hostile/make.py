"""
Writes the hostile weight files of this folder with h5py: /usr/bin/python3 make.py
Each is legacy.h5 (see ../README.md), in which something else stands in the place of the kernel of c1, unless it says otherwise.
self_link.h5 and folder_within_itself.weights.h5 are not made here.
"""
import ctypes
import glob

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

HDF5 = ctypes.CDLL(glob.glob("/usr/lib/*/libhdf5_serial.so.*")[0])  # for what h5py does not expose
KERNEL = "c1/c1/kernel:0"
SHAPE = (3, 3, 3, 4)


def changed(name, change, source="../legacy.h5", place=KERNEL):
    with h5py.File(source) as old, h5py.File(name, "w") as new:
        for key, value in old.attrs.items():
            new.attrs[key] = value
        for key in old:
            old.copy(key, new)
        if place:
            del new[place]
        change(new, place)


def created(*, chunks=None, change=lambda properties: None, written=True):
    """An array with creation properties that h5py's own interface does not have."""
    def create(f, place):
        properties = h5p.create(h5p.DATASET_CREATE)
        if chunks:
            properties.set_chunk(chunks)
        change(properties)
        group, name = place.rsplit("/", 1)
        dataset = h5d.create(f[group].id, name.encode(), h5t.IEEE_F32LE, h5s.create_simple(SHAPE), properties)
        if written:
            dataset.write(h5s.ALL, h5s.ALL, np.ones(SHAPE, "f4"))
    return create


def holding(data):
    return lambda f, place: f.create_dataset(place, data=data)


def virtual(source):
    def create(f, place):
        layout = h5py.VirtualLayout(shape=SHAPE, dtype="f4")
        layout[...] = h5py.VirtualSource(source, KERNEL, shape=SHAPE)
        f.create_virtual_dataset(place, layout)
    return create


def partly(f, place):
    f.create_dataset(place, shape=SHAPE, dtype="f4", chunks=(1, 3, 3, 4))[:2] = 1


def committed(f, place):
    f["type"] = np.dtype("f4")
    f.create_dataset(place, data=np.ones(SHAPE, "f4"), dtype=f["type"])


def one(index, value):
    data = np.ones(SHAPE, "f4")
    data[index] = value
    return data


def plug_in(properties):
    properties.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (1,))


def nbit(properties):
    assert HDF5.H5Pset_nbit(ctypes.c_int64(properties.id)) >= 0


changed("external_storage.h5", lambda f, p: f.create_dataset(p, shape=SHAPE, dtype="f4", external=[("README.md", 0, 432)]))
changed("virtual.h5", virtual("../legacy.h5"))
changed("virtual_missing.h5", virtual("absent.h5"))
changed("soft_link.h5", lambda f, p: f.__setitem__(p, h5py.SoftLink("/c1/c1/bias:0")))
changed("external_link.h5", lambda f, p: f.__setitem__(p, h5py.ExternalLink("../legacy.h5", KERNEL)))
changed("external_link_to_layer.h5", lambda f, p: f.__setitem__(p, h5py.ExternalLink("../legacy.h5", "/c1")), place="c1")
changed("never_written.h5", lambda f, p: f.create_dataset(p, shape=SHAPE, dtype="f4"))
changed("never_written_chunks.h5", lambda f, p: f.create_dataset(p, shape=SHAPE, dtype="f4", chunks=SHAPE))
changed("partly_written.h5", partly)
changed("nan.h5", holding(one((2, 0, 1, 3), np.nan)))
changed("infinite.h5", holding(one((0, 1, 2, 0), -np.inf)))
changed("infinite_as_float.h5", holding(one((0, 0, 0, 1), 1).astype("f8") * 1e300))
changed("committed_type.h5", committed)
changed("plug_in_filter.h5", created(chunks=SHAPE, change=plug_in))
changed("nbit.h5", created(chunks=SHAPE, change=nbit))
changed("scale_offset.h5", lambda f, p: f.create_dataset(p, data=np.ones(SHAPE, "i4"), chunks=SHAPE, scaleoffset=0))
changed("null_space.h5", holding(h5py.Empty("f4")))
changed("records.h5", holding(np.zeros(SHAPE, [("a", "f4"), ("b", "f4")])))
changed("opaque.h5", holding(np.zeros(SHAPE, "V2")))
changed("long_double.h5", holding(np.ones(SHAPE, np.longdouble)))
changed("texts.h5", holding(np.full(SHAPE, b"text")))
changed("type_in_place.h5", lambda f, p: f.__setitem__(p, np.dtype("f4")))
changed("names_as_numbers.h5", lambda f, p: f.attrs.__setitem__("layer_names", np.arange(7)), place=None)
changed("layer_twice.h5", lambda f, p: f.attrs.__setitem__("layer_names", [b"bn1", b"bn1"]), place=None)
changed("weight_twice.h5", lambda f, p: f["bn1"].attrs.__setitem__("weight_names", [b"bn1/gamma:0"] * 4), place=None)
with h5py.File("two_links.h5", "w") as f:
    f["layers"], f["b"] = h5py.SoftLink("/b"), h5py.SoftLink("/layers")
with h5py.File("two_links.latest.h5", "w", libver="latest") as f:
    f["layers"], f["b"] = h5py.SoftLink("/b"), h5py.SoftLink("/layers")
for levels, name in ((40, "forty_levels"), (20, "twenty_levels")):
    with h5py.File(f"{name}.weights.h5", "w", libver="latest") as f:
        below = f.create_group(f"n{levels}")
        below.create_group("layers")
        for level in range(levels - 1, 0, -1):
            twice = f.create_group(f"c{level}")
            twice["a"] = twice["b"] = below
            below = f.create_group(f"n{level}")
            below["layers"] = twice
        f["layers"] = f["c1"]
with h5py.File("deep.weights.h5", "w", libver="latest") as f:
    f["/layers/a" * 50 + "/vars/0"] = np.float32(1)
with h5py.File("long_path.h5", "w", libver="latest") as f:
    f["a"] = f["/"]
    f.attrs["layer_names"] = ["/".join("a" * 20_000)]
with h5py.File("user_block.h5", "w", userblock_size=512) as f:
    f["layers/dense/vars/0"] = np.float32(1)
