using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Operators;

/// <summary>
/// The ONNX Runtime operator that multiplies each channel of a map in blocks of 8 or 16 channels by a number, as the excitation of a
/// squeeze-and-excitation block does. Its inputs are the map and the numbers, which have the shape of a map of one place.
/// </summary>
internal static unsafe class BlockedGateOperator
{
    public const string Name = "BlockedGate";

    /// <summary>The name of the attribute, the channels of a block.</summary>
    public static readonly string[] Attributes = ["lanes"];

    private static readonly int[] InputTypes = [CustomOperator.Float, CustomOperator.Float];

    public static CustomOperator* Create() => CustomOperator.Create(Name, Attributes, InputTypes, CustomOperator.Float, null, &Compute);

    private static void Compute(long* attributes, nint context)
    {
        var shape = stackalloc long[4];
        var other = stackalloc long[1];
        var work = new Gate
        {
            Lanes = (int)attributes[0],
            Input = CustomOperator.Input<float>(context, 0, shape, 4),
            Factors = CustomOperator.Input<float>(context, 1, other, 1),
            Output = CustomOperator.Output<float>(context, shape, 4),
            Places = checked((int)(shape[2] * shape[3])),
        };
        var blocks = shape[0] * shape[1] / work.Lanes;
        OrtFunctions.Check(OrtFunctions.ParallelFor(context, &Run, (nuint)blocks, 0, &work));
    }

    // Multiplies a block of channels of an image.
    [UnmanagedCallersOnly]
    private static void Run(void* work, nuint item)
    {
        var gate = (Gate*)work;
        if (Vectors512.Fill(gate->Lanes))
            Multiply<Vectors512, Vector512<float>>(gate, (nint)item);
        else
            Multiply<Vectors256, Vector256<float>>(gate, (nint)item);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<T, TVector>(Gate* gate, nint block)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        nint step = gate->Lanes / T.Count;
        var places = gate->Places * step;
        for (nint i = 0; i < step; i++)
        {
            var factors = ((TVector*)gate->Factors)[block * step + i];
            TVector* from = (TVector*)gate->Input + block * places, to = (TVector*)gate->Output + block * places;
            for (var place = i; place < places; place += step)
                to[place] = T.Multiply(from[place], factors);
        }
    }

    private struct Gate
    {
        public int Lanes, Places;
        public float* Input, Factors, Output;
    }
}
