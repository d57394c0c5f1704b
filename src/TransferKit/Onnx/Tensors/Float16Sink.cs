using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace TransferKit.Onnx.Tensors;

/// <summary>Takes floats, and hands them on as the nearest halves.</summary>
/// <param name="next">The sink that takes the halves.</param>
/// <param name="model">The model that the error names when a number is too large.</param>
/// <param name="tensor">The tensor in it.</param>
internal sealed class Float16Sink(TensorSink next, string model, string tensor) : TensorSink
{
    private const int PieceLength = 1 << 14;

    // Halfway from the largest half to what would be the next: from here on it is infinity.
    private const float Beyond = 65520;

    protected override void WriteBytes(ReadOnlySpan<byte> values)
    {
        var floats = MemoryMarshal.Cast<byte, float>(values);
        var halves = new Half[Math.Min(PieceLength, floats.Length)];
        while (!floats.IsEmpty)
        {
            var count = Math.Min(halves.Length, floats.Length);
            TensorPrimitives.ConvertToHalf(floats[..count], halves);
            if (!TensorPrimitives.IsFiniteAll<Half>(halves.AsSpan(0, count)))
                throw TooLarge(floats[..count]);
            next.Write<Half>(halves.AsSpan(0, count));
            floats = floats[count..];
        }
    }

    private BackboneOptionsException TooLarge(ReadOnlySpan<float> floats) => new(model,
        [FormattableString.Invariant(
            $"Precision is Float16, in which the numbers of '{tensor}' must be below {Beyond}; one is {TensorPrimitives.MaxMagnitude(floats)}.")]);
}
