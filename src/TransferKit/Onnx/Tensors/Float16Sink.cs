using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace TransferKit.Onnx.Tensors;

/// <summary>Rounds floats to the nearest halves and passes them to another sink.</summary>
/// <param name="next">The sink for the halves.</param>
/// <param name="model">The model's name, for the error if a number is too large.</param>
/// <param name="tensor">The tensor's name, for the same error.</param>
internal sealed class Float16Sink(TensorSink next, string model, string tensor) : TensorSink
{
    private const int PieceLength = 1 << 14;

    // Numbers from here on round to infinity; it lies halfway between the largest half and the next power of two.
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
            $"Precision is Float16, in which the numbers of '{tensor}' must be below {Beyond}; ")
        + FormattableString.Invariant($"one is {TensorPrimitives.MaxMagnitude(floats)}.")]);
}
