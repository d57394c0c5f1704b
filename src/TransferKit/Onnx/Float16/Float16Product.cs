using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Onnx.Float16;

/// <summary>
/// Vectors times a kernel of 16-bit floats, in 32-bit floats, panel of 64 units by panel. One vector takes as long as reading the
/// kernel does, so half the bytes are half the time. Where the processor has no vectors of 512 bits, .NET makes
/// them of shorter ones.
/// </summary>
internal unsafe struct Float16Product
{
    /// <summary>Units that are computed at once, and whose kernels lie together.</summary>
    public const int Panel = 64;

    /// <summary>
    /// The kernel is kept this many times as large. Halves below 6e-5 have few digits and are subnormal when they are read as
    /// parts of 32-bit floats, which costs Intel's processors a hundred cycles each; so large, next to none of a kernel's numbers are.
    /// </summary>
    public const float Scale = 256;

    private const int Lanes = 16;
    private const int RowsAtOnce = 4;

    // Vectors whose sums are kept at once, and inputs whose part of the panel stays in the first cache for all of them.
    private const int MostRows = 32;
    private const int Block = 128;

    // A half's exponent counts from 15, a float's from 127.
    private const float Rebase = (float)(1L << 56) * (1L << 56) / Scale;
    private const int SignExponentAndDigits = unchecked((int)0x8fffffff);

    /// <summary>Shape <c>(rows, inputs)</c>.</summary>
    public float* Input;

    /// <summary>Halves, shape <c>(panels, inputs, 64)</c>.</summary>
    public short* Kernel;

    public float* Bias;

    /// <summary>Shape <c>(rows, units)</c>.</summary>
    public float* Output;

    public int Rows, Inputs, Units;

    /// <summary>Computes the units of a panel for all rows.</summary>
    public readonly void Run(int panel)
    {
        var sums = stackalloc float[MostRows * Panel];
        var firstUnit = panel * Panel;
        var units = Math.Min(Panel, Units - firstUnit);
        for (var first = 0; first < Rows; first += MostRows)
        {
            var rows = Math.Min(MostRows, Rows - first);
            new Span<float>(sums, rows * Panel).Clear();
            for (var from = 0; from < Inputs; from += Block)
            {
                var kernel = Kernel + ((long)panel * Inputs + from) * Panel;
                var input = Input + (long)first * Inputs + from;
                var count = Math.Min(Block, Inputs - from);
                var row = 0;
                for (; row + RowsAtOnce <= rows; row += RowsAtOnce)
                    AddFour(input + (long)row * Inputs, Inputs, kernel, count, sums + row * Panel);
                for (; row < rows; row++)
                    AddOne(input + (long)row * Inputs, kernel, count, sums + row * Panel);
            }
            for (var row = 0; row < rows; row++)
            {
                TensorPrimitives.Add(
                    new ReadOnlySpan<float>(sums + row * Panel, units), new ReadOnlySpan<float>(Bias + firstUnit, units),
                    new Span<float>(Output + (long)(first + row) * Units + firstUnit, units));
            }
        }
    }

    // Optimised at once: a backbone's first image would wait for it longer than for its kernel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne(float* input, short* kernel, int count, float* sums)
    {
        var (s0, s1, s2, s3) = Load(sums);
        for (var i = 0; i < count; i++, kernel += Panel)
        {
            var (k0, k1, k2, k3) = Widen(kernel);
            Add(input[i], k0, k1, k2, k3, ref s0, ref s1, ref s2, ref s3);
        }
        Store(sums, s0, s1, s2, s3);
    }

    // Each number of the kernel is widened once for four rows, in as many sums as registers hold.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(float* input, long stride, short* kernel, int count, float* sums)
    {
        var (s00, s01, s02, s03) = Load(sums);
        var (s10, s11, s12, s13) = Load(sums + Panel);
        var (s20, s21, s22, s23) = Load(sums + 2 * Panel);
        var (s30, s31, s32, s33) = Load(sums + 3 * Panel);
        for (var i = 0; i < count; i++, kernel += Panel)
        {
            var (k0, k1, k2, k3) = Widen(kernel);
            Add(input[i], k0, k1, k2, k3, ref s00, ref s01, ref s02, ref s03);
            Add(input[i + stride], k0, k1, k2, k3, ref s10, ref s11, ref s12, ref s13);
            Add(input[i + 2 * stride], k0, k1, k2, k3, ref s20, ref s21, ref s22, ref s23);
            Add(input[i + 3 * stride], k0, k1, k2, k3, ref s30, ref s31, ref s32, ref s33);
        }
        Store(sums, s00, s01, s02, s03);
        Store(sums + Panel, s10, s11, s12, s13);
        Store(sums + 2 * Panel, s20, s21, s22, s23);
        Store(sums + 3 * Panel, s30, s31, s32, s33);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        float input, Vector512<float> k0, Vector512<float> k1, Vector512<float> k2, Vector512<float> k3,
        ref Vector512<float> s0, ref Vector512<float> s1, ref Vector512<float> s2, ref Vector512<float> s3)
    {
        var value = Vector512.Create(input);
        s0 = Vector512.FusedMultiplyAdd(value, k0, s0);
        s1 = Vector512.FusedMultiplyAdd(value, k1, s1);
        s2 = Vector512.FusedMultiplyAdd(value, k2, s2);
        s3 = Vector512.FusedMultiplyAdd(value, k3, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) Widen(short* kernel)
    {
        var (k0, k1) = Vector512.Widen(Vector512.Load(kernel));
        var (k2, k3) = Vector512.Widen(Vector512.Load(kernel + 2 * Lanes));
        return (ToFloats(k0), ToFloats(k1), ToFloats(k2), ToFloats(k3));
    }

    // Widened with its sign, a half moved to a float's place has three copies of the sign where the float's exponent begins.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ToFloats(Vector512<int> halves) =>
        ((halves << 13) & Vector512.Create(SignExponentAndDigits)).AsSingle() * Vector512.Create(Rebase);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>) Load(float* sums) =>
        (Vector512.Load(sums), Vector512.Load(sums + Lanes), Vector512.Load(sums + 2 * Lanes), Vector512.Load(sums + 3 * Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* sums, Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3)
    {
        s0.Store(sums);
        s1.Store(sums + Lanes);
        s2.Store(sums + 2 * Lanes);
        s3.Store(sums + 3 * Lanes);
    }
}
