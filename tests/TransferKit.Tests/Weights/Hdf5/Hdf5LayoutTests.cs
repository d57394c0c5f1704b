using System.Text.Json;
using TransferKit.Architectures;
using TransferKit.WeightSources.Files;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.Tests.WeightSources.Hdf5;

/// <summary>Each way in which HDF5 can store an array, a group or a list of names gives what h5py and numpy read.</summary>
public class Hdf5LayoutTests
{
    private static readonly string Folder = Goldens.Path("h5", "layouts");

    private static readonly JsonElement Expected =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json"))).RootElement;

    public static TheoryData<string> Files => [.. Expected.EnumerateObject().Select(f => f.Name)];

    [Theory, MemberData(nameof(Files))]
    public void Every_array_has_the_shape_and_the_numbers_that_numpy_reads(string name)
    {
        using var stream = File.OpenRead(Path.Combine(Folder, name));
        CheckAll(name, stream);
    }

    [Theory, MemberData(nameof(Files))]
    public void A_stream_in_memory_gives_the_same(string name) =>
        CheckAll(name, new MemoryStream(File.ReadAllBytes(Path.Combine(Folder, name))));

    [Theory, MemberData(nameof(Files))]
    public void Pieces_of_an_array_equal_the_whole(string name)
    {
        using var stream = File.OpenRead(Path.Combine(Folder, name));
        var root = Hdf5File.Open(name, stream).Root;
        foreach (var array in Expected.GetProperty(name).EnumerateObject().Take(30))
        {
            var dataset = Assert.IsType<Hdf5Dataset>(root.Find(array.Name));
            var whole = new float[dataset.Count];
            dataset.Read(0, whole);
            var length = Math.Max(7, whole.Length / 5);
            for (var at = 0; at < whole.Length; at += length)
            {
                var piece = new float[Math.Min(length, whole.Length - at)];
                dataset.Read(at, piece);
                Assert.Equal(whole[at..(at + piece.Length)], piece);
            }
        }
    }

    [Theory, MemberData(nameof(Files))]
    public void All_arrays_are_listed_as_the_weights_of_layers(string name)
    {
        using var file = WeightFile.Open(Path.Combine(Folder, name));
        var numbers = file.Layers.Sum(l => l.Weights.Sum(w => w.Count));
        Assert.Equal(Expected.GetProperty(name).EnumerateObject().Sum(a => a.Value.GetProperty("numbers").GetArrayLength()), numbers);
    }

    [Fact]
    public void Layers_and_weights_have_their_names_in_the_order_of_the_lists()
    {
        foreach (var name in Expected.EnumerateObject().Select(f => f.Name).Where(n => n.StartsWith("legacy.", StringComparison.Ordinal)))
        {
            using var file = WeightFile.Open(Path.Combine(Folder, name));
            string[] expected = file.Layers.Length == 2
                ? ["one", "two"] : [.. Enumerable.Range(0, file.Layers.Length).Select(i => $"layer_{(i % 2 == 1 ? 'ä' : 'b')}_{i}")];
            Assert.Equal(expected, file.Layers.Select(l => l.Name));
            Assert.All(file.Layers.SelectMany(l => l.Weights), w => Assert.EndsWith("kernel:0", w.Name));
        }
    }

    [Fact]
    public void An_index_with_pages_finds_the_chunks_at_its_far_end()
    {
        const int Count = 135_000, Written = 1_500;
        using var stream = File.OpenRead(Path.Combine(Folder, "far_end.weights.h5"));
        var dataset = (Hdf5Dataset)Hdf5File.Open("far", stream).Root.Find("layers/dense/vars/0")!;
        var numbers = new float[Written];
        dataset.Read(Count - Written, numbers);
        Assert.Equal(Enumerable.Range(0, Written).Select(i => (float)(i % 120)), numbers);
        var e = Assert.Throws<WeightsFormatException>(() => dataset.Read(Count - Written - 1, numbers));
        Assert.Contains("'/layers/dense/vars/0' has numbers that were never written", e.Message);
    }

    private static void CheckAll(string name, Stream stream)
    {
        var root = Hdf5File.Open(name, stream).Root;
        foreach (var array in Expected.GetProperty(name).EnumerateObject())
        {
            var dataset = Assert.IsType<Hdf5Dataset>(root.Find(array.Name));
            Assert.Equal(array.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()), dataset.Shape);
            var numbers = new float[dataset.Count];
            dataset.Read(0, numbers);
            Assert.Equal(array.Value.GetProperty("numbers").EnumerateArray().Select(v => v.GetSingle()), numbers);
        }
    }
}
