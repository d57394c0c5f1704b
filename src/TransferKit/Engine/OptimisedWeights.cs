using System.Runtime.InteropServices;
using Onnx;
using TransferKit.Onnx.Files;
using TransferKit.Operators;

namespace TransferKit.Engine;

/// <summary>Rewrites the weights file of an optimised model with some kernels transformed for <see cref="WinogradConvolution"/>.</summary>
internal static class OptimisedWeights
{
    private const int PieceLength = 1 << 20;

    /// <summary>Writes <paramref name="target"/> and makes the model refer to it instead of <paramref name="source"/>.</summary>
    public static void Write(ModelProto model, string folder, string source, string target, IReadOnlySet<string> kernels, int lanes)
    {
        var path = Path.Combine(folder, source);
        // ONNX Runtime writes no weights file if all tensors are small.
        using var from = File.Exists(path) ? File.OpenRead(path) : Stream.Null;
        using var to = new FileStream(Path.Combine(folder, target), FileMode.CreateNew, FileAccess.Write);
        var file = new ExternalFile(to, target);
        foreach (var tensor in model.Graph.Initializer)
        {
            if (kernels.Contains(tensor.Name))
                Transform(tensor, lanes, from, to, file);
            else if (ExternalFile.PlaceOf(tensor) is var (offset, length))
                file.Add(tensor, length, () => Copy(from, offset, length, to));
        }
    }

    private static void Transform(TensorProto kernel, int lanes, Stream from, Stream to, ExternalFile file)
    {
        var (filters, channels) = ((int)kernel.Dims[0], (int)kernel.Dims[1]);
        var blocked = Read(kernel, from);
        var dimensions = WinogradKernel.Dimensions(filters, channels);
        kernel.Dims.Clear();
        kernel.Dims.Add(dimensions);
        var panel = new float[dimensions[1] * dimensions[2] * dimensions[3]];
        file.Add(kernel, dimensions[0] * panel.LongLength * sizeof(float), () =>
        {
            for (var i = 0; i < dimensions[0]; i++)
            {
                WinogradKernel.Transform(blocked, lanes, channels, i, panel);
                to.Write(MemoryMarshal.AsBytes(panel.AsSpan()));
            }
        });
    }

    private static float[] Read(TensorProto tensor, Stream from)
    {
        if (ExternalFile.PlaceOf(tensor) is not var (offset, length))
            return MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
        var numbers = new float[length / sizeof(float)];
        from.Position = offset;
        from.ReadExactly(MemoryMarshal.AsBytes(numbers.AsSpan()));
        return numbers;
    }

    private static void Copy(Stream from, long offset, long length, Stream to)
    {
        var piece = new byte[Math.Min(length, PieceLength)];
        from.Position = offset;
        for (var left = length; left > 0; left -= piece.Length)
        {
            var part = piece.AsSpan(0, (int)Math.Min(piece.Length, left));
            from.ReadExactly(part);
            to.Write(part);
        }
    }
}
