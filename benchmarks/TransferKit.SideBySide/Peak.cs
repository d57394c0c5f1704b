using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.SideBySide;

/// <summary>The multiply-adds a second of one core with one set of instructions.</summary>
/// <param name="Numbers">The numbers that are multiplied: fp32 or int8.</param>
/// <param name="Instructions">The name of the instructions.</param>
/// <param name="PerSecond">The measured peak.</param>
internal sealed record Rate(string Numbers, string Instructions, double PerSecond);

/// <summary>
/// Measures the peak of this processor: how many multiply-adds a second one core computes if all operands stay in registers. An
/// instruction set that the processor or the runtime's settings leave out is not measured.
/// </summary>
internal static class Peak
{
    private const int Sums = 12;
    private const int Pieces = 1000;
    private const int StepsOfPiece = 100_000;

    private interface IStep<T>
    {
        /// <summary>Gets the multiply-adds of one step.</summary>
        static abstract int MultiplyAdds { get; }

        static abstract T Add(T sum, T left, T right);
    }

    /// <summary>Gets the peaks, which are measured once in a process.</summary>
    public static IReadOnlyList<Rate> Rates { get; } = [.. Measure()];

    /// <summary>Gets the largest peak of fp32.</summary>
    public static double Floats => Largest("fp32");

    /// <summary>Gets the largest peak of int8.</summary>
    public static double Bytes => Largest("int8");

    /// <summary>Returns the peaks as a line of text, in thousands of millions.</summary>
    public static string Describe() => string.Join(", ", Rates.Select(r => $"{r.Numbers} {r.PerSecond / 1e9:0} with {r.Instructions}"));

    private static double Largest(string numbers) => Rates.Where(r => r.Numbers == numbers).Max(r => r.PerSecond);

    private static IEnumerable<Rate> Measure()
    {
        if (Fma.IsSupported)
            yield return new("fp32", "AVX2", PerSecond<Fma256, Vector256<float>>(Vector256<float>.One));
        if (Avx512F.IsSupported)
            yield return new("fp32", "AVX-512", PerSecond<Fma512, Vector512<float>>(Vector512<float>.One));
        if (Vector128.IsHardwareAccelerated && !Fma.IsSupported)
            yield return new("fp32", "vectors of 128 bits", PerSecond<Fma128, Vector128<float>>(Vector128<float>.One));
        if (Avx2.IsSupported)
            yield return new("int8", "AVX2", PerSecond<Bytes256, Vector256<int>>(Vector256<int>.One));
        if (AvxVnni.IsSupported)
            yield return new("int8", "AVX-VNNI", PerSecond<Vnni256, Vector256<int>>(Vector256<int>.One));
        if (MachineCode.HasDotProducts)
            yield return new("int8", "AVX-512 VNNI", DotProductsPerSecond());
    }

    private static unsafe double DotProductsPerSecond()
    {
        var dotProducts = MachineCode.LoadDotProducts();
        return PerSecond(Vector512<byte>.Count, () => dotProducts(StepsOfPiece));
    }

    private static double PerSecond<TStep, T>(T one)
        where TStep : IStep<T> => PerSecond(TStep.MultiplyAdds, () => Run<TStep, T>(one));

    // Processor time leaves other processes out. They still share the caches, so the fastest piece counts.
    private static double PerSecond(int multiplyAdds, Action run)
    {
        var best = TimeSpan.MaxValue;
        for (var piece = 0; piece < Pieces; piece++)
        {
            var start = Environment.CpuUsage.TotalTime;
            run();
            var time = Environment.CpuUsage.TotalTime - start;
            best = time < best ? time : best;
        }
        return (double)StepsOfPiece * Sums * multiplyAdds / best.TotalSeconds;
    }

    // Twelve independent sums hide the latency of the instructions on all known processors and fit into sixteen registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static T Run<TStep, T>(T one)
        where TStep : IStep<T>
    {
        T s0 = one, s1 = one, s2 = one, s3 = one, s4 = one, s5 = one, s6 = one, s7 = one, s8 = one, s9 = one, s10 = one, s11 = one;
        for (var i = 0; i < StepsOfPiece; i++)
        {
            s0 = TStep.Add(s0, one, one);
            s1 = TStep.Add(s1, one, one);
            s2 = TStep.Add(s2, one, one);
            s3 = TStep.Add(s3, one, one);
            s4 = TStep.Add(s4, one, one);
            s5 = TStep.Add(s5, one, one);
            s6 = TStep.Add(s6, one, one);
            s7 = TStep.Add(s7, one, one);
            s8 = TStep.Add(s8, one, one);
            s9 = TStep.Add(s9, one, one);
            s10 = TStep.Add(s10, one, one);
            s11 = TStep.Add(s11, one, one);
        }
        var (first, second) = (TStep.Add(TStep.Add(s0, s1, s2), s3, s4), TStep.Add(TStep.Add(s5, s6, s7), s8, s9));
        return TStep.Add(TStep.Add(first, second, s10), s11, s11);
    }

    private readonly struct Fma128 : IStep<Vector128<float>>
    {
        public static int MultiplyAdds => Vector128<float>.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Add(Vector128<float> sum, Vector128<float> left, Vector128<float> right) =>
            Vector128.FusedMultiplyAdd(left, right, sum);
    }

    private readonly struct Fma256 : IStep<Vector256<float>>
    {
        public static int MultiplyAdds => Vector256<float>.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Add(Vector256<float> sum, Vector256<float> left, Vector256<float> right) =>
            Vector256.FusedMultiplyAdd(left, right, sum);
    }

    private readonly struct Fma512 : IStep<Vector512<float>>
    {
        public static int MultiplyAdds => Vector512<float>.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Add(Vector512<float> sum, Vector512<float> left, Vector512<float> right) =>
            Vector512.FusedMultiplyAdd(left, right, sum);
    }

    /// <summary>Pairs of products in 16 bits, their sums in 32 bits, and the sum of those: three instructions.</summary>
    private readonly struct Bytes256 : IStep<Vector256<int>>
    {
        public static int MultiplyAdds => Vector256<byte>.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<int> Add(Vector256<int> sum, Vector256<int> left, Vector256<int> right) =>
            sum + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(sum.AsByte(), right.AsSByte()), left.AsInt16());
    }

    private readonly struct Vnni256 : IStep<Vector256<int>>
    {
        public static int MultiplyAdds => Vector256<byte>.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<int> Add(Vector256<int> sum, Vector256<int> left, Vector256<int> right) =>
            AvxVnni.MultiplyWideningAndAdd(sum, left.AsByte(), right.AsSByte());
    }
}
