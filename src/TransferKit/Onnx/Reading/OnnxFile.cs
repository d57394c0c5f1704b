using System.Collections.Immutable;
using System.Security.Cryptography;
using Google.Protobuf;
using Onnx;
using TransferKit.Common;
using TransferKit.Graph;
using TransferKit.Onnx.Tensors;
using TransferKit.WeightSources;

namespace TransferKit.Onnx.Reading;

/// <summary>
/// Represents an open <c>.onnx</c> file that another program wrote. ONNX Runtime never sees the file itself: what it loads is written from
/// this, after the names and sizes inside were checked.
/// </summary>
internal sealed class OnnxFile : IWeightSource
{
    // Smaller tensors stay in the graph, because shape inference and constant folding need their values.
    private const int LargestInside = 1024;
    private const long LeastBudget = 256L << 20;

    private readonly ExternalData _external;

    private OnnxFile(string path, ModelProto proto, byte[] hash)
    {
        (Path, Proto, _external) = (path, proto, new(path));
        try
        {
            Weights = TakeWeights();
            foreach (var tensor in TensorsOf(proto.Graph).Concat(proto.Functions.SelectMany(f => TensorsOf(f.Node))))
                Embed(tensor);
            Fingerprint = $"sha256:{Convert.ToHexStringLower(WithFiles(hash))}";
        }
        catch
        {
            _external.Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>Gets the name of the file without its extension.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Gets the model without the tensors of <see cref="Weights"/>.</summary>
    public ModelProto Proto { get; }

    /// <summary>Gets the large tensors in the order of the file.</summary>
    public ImmutableArray<WeightTensor> Weights { get; }

    /// <summary>Gets the SHA-256 of the file and of the files of its external data.</summary>
    public string Fingerprint { get; }

    /// <exception cref="OnnxModelException">The file is no ONNX model, damaged, or refers to data that it must not.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a folder, or the user may not read the file.</exception>
    public static OnnxFile Open(string path)
    {
        var bytes = Read(path);
        var memory = MessageBudget.Estimate(bytes, ModelProto.Descriptor) ?? throw NotOnnx(path);
        if (memory > LeastBudget + (4L * bytes.Length))
        {
            throw new OnnxModelException(
                path, $"its {bytes.Length:N0} bytes would take {memory:N0} bytes of memory, as no exporter writes them.");
        }
        ModelProto proto;
        try
        {
            proto = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw NotOnnx(path, e);
        }
        if (proto.Graph is null || proto.Graph.Node.Count == 0)
            throw NotOnnx(path);
        return new(path, proto, SHA256.HashData(bytes));
    }

    public void Read(Layer layer, WeightSlot slot, long start, Span<float> destination) =>
        throw new NotSupportedException("The tensors of an ONNX file belong to no layer of Keras.");

    public void Dispose() => _external.Dispose();

    private static byte[] Read(string path)
    {
        using var file = InputFile.Open(path, bufferSize: 0);
        if (file.Length > Array.MaxLength)
        {
            throw new OnnxModelException(
                path, $"it has {file.Length:N0} bytes, and an ONNX file has at most 2 GB. Export it with external data.");
        }
        var bytes = GC.AllocateUninitializedArray<byte>((int)file.Length);
        file.ReadExactly(bytes);
        return bytes;
    }

    private static OnnxModelException NotOnnx(string path, Exception? inner = null) =>
        new(path, "it is no ONNX model, or it is damaged. Export or download it again.", inner);

    private ImmutableArray<WeightTensor> TakeWeights()
    {
        var (weights, inside) = (ImmutableArray.CreateBuilder<WeightTensor>(), new List<TensorProto>());
        foreach (var tensor in Proto.Graph.Initializer)
        {
            var type = (TensorProto.Types.DataType)tensor.DataType;
            var isExternal = tensor.DataLocation == TensorProto.Types.DataLocation.External;
            if (!isExternal && (tensor.RawData.Length <= LargestInside || WeightTensor.SizeOf(type) is null))
            {
                inside.Add(tensor);
                continue;
            }
            var length = LengthOf(tensor);
            if (!isExternal && tensor.RawData.Length != length)
            {
                throw new OnnxModelException(
                    Path, $"the tensor '{tensor.Name}' takes {length} bytes, and the file has {tensor.RawData.Length} for it.");
            }
            weights.Add(isExternal
                ? new ExternalTensor(tensor.Name, [.. tensor.Dims], type, _external.Find(tensor, length))
                : new EmbeddedTensor(tensor.Name, [.. tensor.Dims], type, tensor.RawData));
        }
        Proto.Graph.Initializer.Clear();
        Proto.Graph.Initializer.Add(inside);
        return weights.ToImmutable();
    }

    // Tensors inside of nodes are constants, which are small.
    private void Embed(TensorProto tensor)
    {
        if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
            return;
        var part = _external.Find(tensor, LengthOf(tensor));
        var numbers = new byte[checked((int)part.Length)];
        if (RandomAccess.Read(part.File, numbers, part.Offset) != numbers.Length)
            throw new OnnxModelException(Path, $"the external data of the tensor '{tensor.Name}' is cut off.");
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(numbers);
        tensor.ExternalData.Clear();
        tensor.ClearDataLocation();
    }

    private long LengthOf(TensorProto tensor)
    {
        var type = (TensorProto.Types.DataType)tensor.DataType;
        try
        {
            if (WeightTensor.SizeOf(type) is { } size && tensor.Dims.All(d => d >= 0))
                return tensor.Dims.Aggregate((long)size, (product, d) => checked(product * d));
        }
        catch (OverflowException)
        {
        }
        throw new OnnxModelException(
            Path, $"the tensor '{tensor.Name}' has the type {type} and the dimensions ({string.Join(", ", tensor.Dims)}), "
            + "which cannot be read.");
    }

    private static IEnumerable<TensorProto> TensorsOf(GraphProto graph) =>
        graph.Initializer.Concat(graph.SparseInitializer.SelectMany(Parts)).Concat(TensorsOf(graph.Node));

    private static IEnumerable<TensorProto> TensorsOf(IEnumerable<NodeProto> nodes)
    {
        foreach (var attribute in nodes.SelectMany(n => n.Attribute))
        {
            TensorProto[] tensors =
            [
                .. attribute.Tensors, .. attribute.SparseTensors.SelectMany(Parts), .. Parts(attribute.SparseTensor),
                .. attribute.T is { } one ? [one] : Array.Empty<TensorProto>(),
            ];
            foreach (var tensor in tensors)
                yield return tensor;
            foreach (var tensor in attribute.Graphs.Concat(attribute.G is { } graph ? [graph] : []).SelectMany(TensorsOf))
                yield return tensor;
        }
    }

    private static IEnumerable<TensorProto> Parts(SparseTensorProto? sparse) =>
        new[] { sparse?.Values, sparse?.Indices }.OfType<TensorProto>();

    private byte[] WithFiles(byte[] hash)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        foreach (var file in _external.Files)
        {
            for (long at = 0; RandomAccess.Read(file, buffer, at) is > 0 and var read; at += read)
                all.AppendData(buffer, 0, read);
        }
        if (!_external.Files.Any())
            return hash;
        all.AppendData(hash);
        return all.GetHashAndReset();
    }
}
