using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Operators;

/// <summary>
/// The ONNX Runtime operator that adds a bias to each channel of a map with channels last, and computes GELU by the error function. Its
/// inputs are the map and the bias.
/// </summary>
internal static unsafe class BiasGeluOperator
{
    public const string Name = "BiasGelu";

    /// <summary>The number of channels must be a multiple of it.</summary>
    public const int ChannelsAtOnce = 16;

    // An item has about that many numbers, beside which its call costs little.
    private const int NumbersOfItem = 4096;

    // Beyond this number the error function is 1 in floats.
    private const float LargestArgument = 4;
    private const float RootOfHalf = 0.707106781f;

    private static readonly int[] InputTypes = [CustomOperator.Float, CustomOperator.Float];

    public static CustomOperator* Create() => CustomOperator.Create(Name, [], InputTypes, CustomOperator.Float, null, &Compute);

    private static void Compute(long* attributes, nint context)
    {
        var rank = CustomOperator.Rank(context, 0);
        var shape = stackalloc long[rank];
        var channels = stackalloc long[1];
        var work = new Work
        {
            Input = CustomOperator.Input<float>(context, 0, shape, rank),
            Bias = CustomOperator.Input<float>(context, 1, channels, 1),
            Output = CustomOperator.Output<float>(context, shape, rank),
        };
        work.Channels = (nint)channels[0];
        work.Places = 1;
        for (var i = 0; i < rank - 1; i++)
            work.Places = checked(work.Places * (nint)shape[i]);
        var items = (work.Places + work.PlacesOfItem - 1) / work.PlacesOfItem;
        OrtFunctions.Check(OrtFunctions.ParallelFor(context, &Run, (nuint)items, 0, &work));
    }

    // Computes some places.
    [UnmanagedCallersOnly]
    private static void Run(void* work, nuint item)
    {
        var map = (Work*)work;
        var from = (nint)item * map->PlacesOfItem;
        var to = Math.Min(from + map->PlacesOfItem, map->Places);
        if (Vectors512.Fill(ChannelsAtOnce))
            Gelu<Vectors512, Vector512<float>>(*map, from, to);
        else
            Gelu<Vectors256, Vector256<float>>(*map, from, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gelu<T, TVector>(in Work work, nint from, nint to)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var vectors = work.Channels / T.Count;
        var bias = (TVector*)work.Bias;
        TVector* input = (TVector*)work.Input + from * vectors, output = (TVector*)work.Output + from * vectors;
        for (var place = from; place < to; place++, input += vectors, output += vectors)
        {
            for (nint i = 0; i < vectors; i++)
                output[i] = Gelu<T, TVector>(T.Add(input[i], bias[i]));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Gelu<T, TVector>(TVector value)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        var half = T.Multiply(T.Create(0.5f), value);
        return T.Sum(half, ErrorFunction<T, TVector>(T.Multiply(T.Create(RootOfHalf), value)), half);
    }

    // The quotient of polynomials that Eigen uses; it is off by at most 7e-8.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector ErrorFunction<T, TVector>(TVector value)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        value = T.AtMost(T.Create(LargestArgument), T.AtLeast(T.Create(-LargestArgument), value));
        var square = T.Multiply(value, value);
        var above = T.Sum(T.Create(-2.72614225801306e-10f), square, T.Create(2.77068142495902e-08f));
        above = T.Sum(above, square, T.Create(-2.10102402082508e-06f));
        above = T.Sum(above, square, T.Create(-5.69250639462346e-05f));
        above = T.Sum(above, square, T.Create(-7.34990630326855e-04f));
        above = T.Sum(above, square, T.Create(-2.95459980854025e-03f));
        above = T.Sum(above, square, T.Create(-1.60960333262415e-02f));
        var below = T.Sum(T.Create(-1.45660718464996e-05f), square, T.Create(-2.13374055278905e-04f));
        below = T.Sum(below, square, T.Create(-1.68282697438203e-03f));
        below = T.Sum(below, square, T.Create(-7.37332916720468e-03f));
        below = T.Sum(below, square, T.Create(-1.42647390514189e-02f));
        return T.Divide(T.Multiply(value, above), below);
    }

    private struct Work
    {
        public float* Input, Bias, Output;
        public nint Places, Channels;

        public readonly nint PlacesOfItem => Math.Max(1, NumbersOfItem / Channels);
    }
}
