using PureHDF;
using TransferKit.Architectures;
using TransferKit.Backbones;
using TransferKit.Tests.Architectures;

namespace TransferKit.Tests.WeightSources;

/// <summary>
/// Tests that weights of old files bind in every family. Their names are missing or wrong, and they contain weights that
/// newer models do not use. Only the order of Keras' own tables is reliable.
/// </summary>
public sealed class OldFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transferkit-").FullName;

    public static TheoryData<string> Families => AllArchitectures.Families;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(Families))]
    public async Task Layers_are_bound_by_position_whatever_their_names(string name)
    {
        var golden = BackboneGolden.Load(name);
        // VGG's top has nearly all parameters.
        var includeTop = golden.TotalParams < 2 * golden.NotopParams;
        var layers = includeTop
            ? golden.LayersTop
            : [.. golden.LayerOrderNotop.Join(golden.LayersTop, n => n, l => l.Name, (_, layer) => layer)];
        var path = Path.Combine(_folder, "old.h5");
        Write(path, layers);

        var plan = BackbonePlan.Of(name, new() { Weights = path, IncludeTop = includeTop });
        using var weights = await BackboneLoader.OpenWeightsAsync(plan, WeightStore.Default, null, TestContext.Current.CancellationToken);

        var number = 0;
        foreach (var kerasLayer in layers)
        {
            Assert.True(plan.Graph.TryFind(kerasLayer.Name, out var layer));
            foreach (var slot in layer.Weights)
            {
                var found = weights.Read(layer, slot);
                Assert.True(Numbers(number++, (int)slot.Count).AsSpan().SequenceEqual(found), $"{layer.Name}/{slot.Kind}");
            }
        }
        Assert.Equal(layers.Sum(l => l.Weights.Length), number);
    }

    // Every layer has the name of another layer, and weights have names of Keras 1 or meaningless ones.
    private static void Write(string path, GoldenLayer[] layers)
    {
        string[] names = [.. layers.Select(l => l.Name)];
        new Random(7).Shuffle(names);
        var file = new H5File { Attributes = { ["layer_names"] = names } };
        var number = 0;
        for (var i = 0; i < layers.Length; i++)
        {
            var group = new H5Group();
            file[names[i]] = group;
            if (layers[i].Weights.Length == 0)
            {
                group.Attributes["weight_names"] = Array.Empty<double>();
                continue;
            }
            var inner = new H5Group();
            group[names[^(i + 1)]] = inner;
            var weightNames = new List<string>();
            foreach (var weight in layers[i].Weights)
            {
                var weightName = $"{names[i]}_W_{number}:0";
                inner[weightName] = Dataset(number++, [.. weight[1].EnumerateArray().Select(d => d.GetUInt64())]);
                weightNames.Add($"{names[^(i + 1)]}/{weightName}");
            }
            group.Attributes["weight_names"] = weightNames.ToArray();
        }
        file.Write(path);
    }

    // Files of TensorFlow 2 store the count of a Normalization as a 64-bit integer.
    private static H5Dataset Dataset(int number, ulong[] shape) => shape.Length == 0
        ? new H5Dataset(data: (long)Numbers(number, 1)[0])
        : new H5Dataset(data: Numbers(number, (int)shape.Aggregate((product, d) => product * d)), fileDims: shape);

    /// <summary>Creates numbers that no other weight of the model has and that a float represents exactly.</summary>
    private static float[] Numbers(int weight, int count)
    {
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
            numbers[i] = weight * 1000 + i % 997;
        return numbers;
    }
}
