"""Writes HDF5 files with h5py: new groups, every chunk index, filters, links of every kind, attributes in dense storage."""
import h5py
import numpy as np


def weights(f, **options):
    f.attrs["layer_names"] = np.asarray([b"a", b"b"])
    for name in ("a", "b"):
        g = f.create_group(name)
        g.attrs["weight_names"] = np.asarray([f"{name}/kernel:0".encode(), f"{name}/bias:0".encode()])
        g.create_dataset(f"{name}/kernel:0", data=np.arange(60, dtype="f4").reshape(5, 12), **options)
        g.create_dataset(f"{name}/bias:0", data=np.arange(12, dtype=">f4"))


for name, options in {
    "contiguous": {},
    "chunked": dict(chunks=(2, 5)),
    "one_chunk": dict(chunks=(5, 12), compression="gzip"),
    "growing": dict(chunks=(2, 5), maxshape=(None, 12), compression="gzip", shuffle=True),
    "growing_twice": dict(chunks=(2, 5), maxshape=(None, None), fletcher32=True),
}.items():
    with h5py.File(f"new_{name}.h5", "w", libver="latest") as f:
        weights(f, **options)
    with h5py.File(f"old_{name}.h5", "w") as f:
        weights(f, **options)

with h5py.File("dense.weights.h5", "w", libver="latest", track_order=True) as f:
    for i in range(20):
        f[f"layers/dense_{i}/vars/0"] = np.arange(3, dtype="f2")
        f["layers"].attrs[f"note {i}"] = "x" * 40

with h5py.File("links.h5", "w") as f:
    weights(f)
    f["soft"] = h5py.SoftLink("/a")
    f["loop"] = h5py.SoftLink("/loop")
    f["outside"] = h5py.ExternalLink("other.h5", "/a")
    f["b/again"] = f["a"]

with h5py.File("new_links.h5", "w", libver="latest") as f:
    weights(f)
    f["soft"] = h5py.SoftLink("/a")
    f["outside"] = h5py.ExternalLink("other.h5", "/a")
    layout = h5py.VirtualLayout(shape=(5,), dtype="f4")
    layout[...] = h5py.VirtualSource("other.h5", "x", shape=(5,))
    f.create_virtual_dataset("virtual", layout)
    f.create_dataset("external", shape=(4,), dtype="f4", external=[("other.bin", 0, 16)])
    f.create_dataset("compact", data=np.float64(3))
