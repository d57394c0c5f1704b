using System.ComponentModel;
using System.Diagnostics;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.Tests.WeightSources.Hdf5;

/// <summary>The library that Keras reads with, on what the writer makes; left out where python3 has no h5py.</summary>
public sealed class Hdf5WriterH5pyTests : IDisposable
{
    // Reads all that Hdf5WriterTests.Sample holds, checks it, and lets libhdf5 add to each group and delete from it.
    private const string Check = """
        import sys
        import h5py, numpy as np

        with h5py.File(sys.argv[1], "r+") as f:
            assert [n.decode() for n in f.attrs["layer_names"]] == ["conv", "größe", "层"]
            assert f.attrs["layer_names"].dtype.kind == "S"
            assert f.attrs["backend"] == "tensorflow"
            assert f.attrs["model_config"] == "m" * 100_000
            assert f.attrs["note"] == "größe 层 😀"
            assert f["empty/"].attrs["weight_names"].shape == (0,) and len(f["empty"]) == 0
            for name in ("a", "ab", "Z", "größe", "слой", "\uff5e", "\U0001f600"):
                assert len(f["order"][name]) == 0
            shapes = [(), (0,), (3,), (0, 3), (2, 3), (2, 3, 4), (3, 3, 2, 5), (2, 1, 3, 2, 2)]
            for i, shape in enumerate(shapes):
                d = f[f"shapes/größe/层_{i}:0"]
                assert d.shape == shape and d.dtype == np.dtype("<f4") and d.chunks is None, (i, d)
                assert np.array_equal(d[...], np.arange(np.prod(shape, dtype=int)).reshape(shape) + i), i
            assert len(f["layers"]) == 3000
            for i in range(3000):
                assert list(f[f"layers/dense_{i}/vars/0"][...]) == [i, i + 1], i
            assert list(f["layers"]) == sorted(f["layers"])
            for i in range(0, 3000, 3):
                del f[f"layers/dense_{i}"]
                f[f"layers/new_{i}/vars/0"] = np.float32(i)
            f.attrs["layer_names"] = [b"other"]
        with h5py.File(sys.argv[1]) as f:
            assert len(f["layers"]) == 3000 and f["layers/new_2997/vars/0"][()] == 2997 and f["layers/dense_2998/vars/0"][0] == 2998
        """;

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void The_library_of_Keras_reads_and_changes_what_was_written()
    {
        Assert.SkipUnless(Python("import h5py", out _), "python3 with h5py is not installed");
        using (var stream = File.Create(_path))
            Hdf5Writer.Write(stream, Hdf5WriterTests.Sample(), TestContext.Current.CancellationToken);
        Assert.True(Python(Check, out var errors), errors);
    }

    // Debian's python3 first: another one on the path may lack the package.
    private bool Python(string program, out string errors)
    {
        errors = "";
        foreach (var python in (string[])["/usr/bin/python3", "python3", "python"])
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", program, _path]) { RedirectStandardError = true })!;
                errors = process.StandardError.ReadToEnd();
                process.WaitForExit();
                return process.ExitCode == 0;
            }
            catch (Win32Exception)
            {
                continue;
            }
        }
        return false;
    }
}
