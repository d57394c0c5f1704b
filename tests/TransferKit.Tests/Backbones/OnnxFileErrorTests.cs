using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using TransferKit.Common;

namespace TransferKit.Tests;

/// <summary>Opens files that are no image model, are damaged, or are written to do harm.</summary>
public sealed class OnnxFileErrorTests : IDisposable
{
    private static readonly Dictionary<string, Action<ModelProto>> Changes = new()
    {
        ["it has no input"] = m => m.Graph.Input.Clear(),
        ["it has 2 inputs, 'x'"] = m => m.Graph.Input.Add(new ValueInfoProto(m.Graph.Input[0]) { Name = "mask" }),
        ["is no batch of images"] = m => Dimensions(m).RemoveAt(3),
        ["of floats or bytes"] = m => m.Graph.Input[0].Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Int64,
        ["has 1 channels"] = m => Dimensions(m)[1] = new() { DimValue = 1 },
        ["takes exactly 4 images"] = m => Dimensions(m)[0] = new() { DimValue = 4 },
        ["images of no possible size"] = m => Dimensions(m)[2] = new() { DimValue = 1L << 40 },
        ["the opsets ai.onnx 99"] = m => m.OpsetImport[0].Version = 99,
        ["the IR version 99"] = m => m.IrVersion = 99,
        ["refuses it: "] = m => m.Graph.Node[0].OpType = "Imagined",
        ["is no ONNX model"] = m => m.Graph = null,
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Says => [.. Changes.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Says))]
    public void What_is_no_image_model_is_refused(string says) => Assert.Contains(says, Refused(Changes[says]));

    [Theory]
    [InlineData("../w.bin", "outside of the model's folder")]
    [InlineData("/etc/passwd", "outside of the model's folder")]
    [InlineData("a/../../w.bin", "outside of the model's folder")]
    [InlineData("a\\..\\..\\w.bin", "outside of the model's folder")]
    [InlineData("C:w.bin", "outside of the model's folder")]
    [InlineData("", "outside of the model's folder")]
    [InlineData("absent.bin", "cannot be read")]
    [InlineData("folder", "cannot be read")]
    [InlineData("link.bin", "which is a link")]
    [InlineData("linked/w.bin", "which is a link")]
    [InlineData("short.bin", "takes 3456 bytes from 0 on in 'short.bin', which has 7")]
    public void External_data_must_be_a_file_beside_the_model(string location, string says)
    {
        File.WriteAllBytes(At("w.bin"), new byte[1 << 16]);
        File.WriteAllBytes(At("short.bin"), new byte[7]);
        Directory.CreateDirectory(At("folder"));
        File.CreateSymbolicLink(At("link.bin"), At("w.bin"));
        Directory.CreateSymbolicLink(At("linked"), _folder.Path);

        Assert.Contains(says, Refused(m => External(m, location, ("offset", "0"))));
    }

    [Theory]
    [InlineData("length", "5", "has 5")]
    [InlineData("offset", "-1", "'-1' for the offset")]
    [InlineData("offset", "9223372036854775807", "from 9223372036854775807 on")]
    public void External_data_must_have_the_numbers_of_its_tensor(string key, string value, string says)
    {
        File.WriteAllBytes(At("w.bin"), new byte[1 << 16]);

        Assert.Contains(says, Refused(m => External(m, "w.bin", (key, value))));
    }

    [Fact]
    public void Tensors_that_share_their_bytes_do_not_fill_the_disk()
    {
        File.WriteAllBytes(At("w.bin"), new byte[4000]);

        var message = Refused(m =>
        {
            External(m, "w.bin");
            var tensor = m.Graph.Initializer.First(i => i.DataLocation == TensorProto.Types.DataLocation.External);
            for (var i = 0; i < 5; i++)
                m.Graph.Initializer.Add(new TensorProto(tensor) { Name = $"copy{i}" });
        });

        Assert.Contains("far more space than their file", message);
    }

    [Fact]
    public void External_data_beside_the_model_is_read()
    {
        var numbers = new MemoryStream();
        var path = Save(m =>
        {
            foreach (var tensor in m.Graph.Initializer.Where(i => i.RawData.Length > 0))
            {
                var (offset, length) = (numbers.Length, tensor.RawData.Length);
                tensor.RawData.WriteTo(numbers);
                Refer(tensor, "w.bin", ("offset", $"{offset}"), ("length", $"{length}"));
            }
        });
        File.WriteAllBytes(At("w.bin"), numbers.ToArray());

        using var backbone = Backbone.FromOnnx(path, Options);

        var expected = OnnxGoldens.Outputs("cnn", "rocket.jpg")["features"].Values;
        Assert.InRange(OnnxGoldens.Difference(expected, backbone.Predict(OnnxGoldens.Picture("rocket.jpg"))[0]), 0, 1e-5f);
    }

    [Fact]
    public void Weights_must_have_the_bytes_of_their_dimensions() =>
        Assert.Contains("takes 3456 bytes, and the file has 3455", Refused(m => Shorten(Largest(m))));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2000)]
    [InlineData(5000)]
    public void A_file_that_is_cut_off_is_refused(int length)
    {
        File.WriteAllBytes(At("cut.onnx"), File.ReadAllBytes(OnnxGoldens.Model("cnn"))[..length]);

        Assert.Contains("is no ONNX model", Refused(At("cut.onnx")));
    }

    [Fact]
    public void Another_kind_of_file_is_refused() =>
        Assert.Contains("is no ONNX model", Refused(Goldens.Path("images", "coffee.png")));

    [Fact]
    public void A_small_file_that_would_take_much_memory_is_refused_before_it_is_parsed()
    {
        // A million and a half empty nodes, two bytes each.
        var nodes = new byte[3_000_000];
        for (var i = 0; i < nodes.Length; i += 2)
            nodes[i] = 0x0A;
        File.WriteAllBytes(At("bomb.onnx"), Message(7, nodes));

        Assert.Contains("bytes of memory", Refused(At("bomb.onnx")));
    }

    [Fact]
    public void Graphs_within_graphs_without_end_are_refused()
    {
        // A graph (field 7) of a node (1) with an attribute (5) that is a graph (6), and so on.
        byte[] graph = [];
        for (var depth = 0; depth < 2000; depth++)
            graph = Message(1, Message(5, Message(6, graph)));
        File.WriteAllBytes(At("deep.onnx"), Message(7, graph));

        Assert.Contains("is no ONNX model", Refused(At("deep.onnx")));
    }

    [Fact]
    public void A_missing_file_is_the_systems_error() =>
        Assert.Throws<FileNotFoundException>(() => Backbone.FromOnnx(At("none.onnx"), Options));

    [Fact]
    public void An_output_that_nothing_computes_is_refused_with_the_nearest()
    {
        var thrown = Assert.Throws<UnknownNameException>(
            () => Backbone.FromOnnx(OnnxGoldens.Model("cnn"), new() { Outputs = ["featurs"] }));

        Assert.Equal("features", thrown.Suggestion);
    }

    [Theory]
    [InlineData("cnn", "nothing says how its pixels are scaled", null, false)]
    [InlineData("vit", "takes pictures of any size", null, true)]
    [InlineData("cnn", "takes pictures of 32 x 32, and OnnxOptions.InputSize says 64x64", "64x64", true)]
    public void What_nothing_says_is_asked_for(string model, string says, string? size, bool isScaled)
    {
        File.Copy(OnnxGoldens.Model(model), At("m.onnx"));
        var options = new OnnxOptions
        {
            InputSize = size is null ? null : ImageSize.Parse(size),
            Scaling = isScaled ? PixelScaling.ImageNet : null,
            CacheCompiledModel = false,
        };

        Assert.Contains(says, Assert.Throws<OnnxModelException>(() => Backbone.FromOnnx(At("m.onnx"), options)).Message);
    }

    [Fact]
    public void A_configuration_of_another_size_than_the_files_is_refused()
    {
        File.Copy(OnnxGoldens.Model("cnn"), At("m.onnx"));
        File.WriteAllText(
            At("preprocessor_config.json"), """{"size": 48, "resample": 2, "image_mean": [0, 0, 0], "image_std": [1, 1, 1]}""");

        Assert.Contains("preprocessor_config.json' says 48x48", Refused(At("m.onnx"), new() { CacheCompiledModel = false }));
    }

    [Theory]
    [InlineData("The deviation is (0, 1, 1)", 1, 0)]
    [InlineData("The factor of the pixels is 0", 0, 1)]
    public void Numbers_that_cannot_scale_are_refused(string says, double factor, double deviation)
    {
        var options = new OnnxOptions { Scaling = new() { Rescale = factor, Std = [deviation, 1, 1] } };

        Assert.Contains(
            says, Assert.Throws<ArgumentException>(() => Backbone.FromOnnx(OnnxGoldens.Model("cnn"), options)).Message);
    }

    [Fact]
    public void A_device_that_is_absent_names_its_package_before_the_file_is_read()
    {
        Assert.SkipWhen(OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"), "ONNX Runtime has CUDA here.");

        var error = Assert.Throws<DeviceUnavailableException>(() =>
            Backbone.FromOnnx(At("absent.onnx"), new() { Device = ExecutionDevice.Cuda }));

        Assert.Contains("Reference the package Microsoft.ML.OnnxRuntime.Gpu", error.Message);
        Assert.Contains("Device is 9; it must be", Assert.Throws<ArgumentException>(() =>
            Backbone.FromOnnx(OnnxGoldens.Model("cnn"), new() { Device = (ExecutionDevice)9 })).Message);
    }

    private static OnnxOptions Options => new()
    {
        Outputs = ["features"],
        Images = new() { Interpolation = Interpolation.Bicubic, CropFrom = CropFrom.Size((36, 40)) },
        Scaling = new() { Mean = [0.5, 0.5, 0.5], Std = [0.5, 0.5, 0.5] },
        CacheCompiledModel = false,
    };

    private static IList<TensorShapeProto.Types.Dimension> Dimensions(ModelProto model) => model.Graph.Input[0].Type.TensorType.Shape.Dim;

    private static TensorProto Largest(ModelProto model) => model.Graph.Initializer.MaxBy(i => i.RawData.Length)!;

    private static void Shorten(TensorProto tensor) =>
        tensor.RawData = ByteString.CopyFrom(tensor.RawData.Span[..(tensor.RawData.Length - 1)]);

    private static void External(ModelProto model, string location, params (string Key, string Value)[] entries) =>
        Refer(Largest(model), location, entries);

    private static void Refer(TensorProto tensor, string location, params (string Key, string Value)[] entries)
    {
        tensor.ClearRawData();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        foreach (var (key, value) in entries.Prepend(("location", location)))
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    private static byte[] Message(int field, byte[] content)
    {
        var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(content));
        }
        return stream.ToArray();
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private string Save(Action<ModelProto> change)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(OnnxGoldens.Model("cnn")));
        change(model);
        File.WriteAllBytes(At("changed.onnx"), model.ToByteArray());
        return At("changed.onnx");
    }

    private string Refused(Action<ModelProto> change) => Refused(Save(change));

    private static string Refused(string path, OnnxOptions? options = null)
    {
        var thrown = Assert.Throws<OnnxModelException>(() => Backbone.FromOnnx(path, options ?? Options));
        Assert.Equal(path, thrown.File);
        return thrown.Message;
    }
}
