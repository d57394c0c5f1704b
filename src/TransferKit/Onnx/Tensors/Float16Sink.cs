using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace TransferKit.Onnx.Tensors;

/// <summary>Takes floats, and hands them on as the nearest halves of them times <paramref name="scale"/>.</summary>
/// <param name="next">Who takes the halves.</param>
/// <param name="model">The model, and the tensor in it: for who is told of a number that is too large.</param>
/// <param name="tensor">The tensor.</param>
/// <param name="scale">A power of two.</param>
internal sealed class Float16Sink(TensorSink next, string model, string tensor, float scale = 1) : TensorSink
{
    private const int PieceLength = 1 << 14;

    // Halfway from the largest half to what would be the next: from here on it is infinity.
    private const float Beyond = 65520;

    protected override void WriteBytes(ReadOnlySpan<byte> values)
    {
        var floats = MemoryMarshal.Cast<byte, float>(values);
        var scaled = new float[Math.Min(PieceLength, floats.Length)];
        var halves = new Half[scaled.Length];
        while (!floats.IsEmpty)
        {
            var count = Math.Min(scaled.Length, floats.Length);
            TensorPrimitives.Multiply(floats[..count], scale, scaled);
            TensorPrimitives.ConvertToHalf(scaled.AsSpan(0, count), halves);
            if (!TensorPrimitives.IsFiniteAll<Half>(halves.AsSpan(0, count)))
                throw TooLarge(scaled.AsSpan(0, count));
            next.Write<Half>(halves.AsSpan(0, count));
            floats = floats[count..];
        }
    }

    private BackboneOptionsException TooLarge(ReadOnlySpan<float> scaled) => new(model,
        [FormattableString.Invariant($"Precision is Float16, in which the numbers of '{tensor}' must be below {Beyond / scale}, and one is {TensorPrimitives.MaxMagnitude(scaled) / scale}.")]);
}
