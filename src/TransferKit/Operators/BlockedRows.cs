using System.Runtime.CompilerServices;

namespace TransferKit.Operators;

/// <summary>
/// The rows that a <see cref="BlockedDepthwise"/> reads, with their activation: those of a map in ONNX Runtime's blocks of 8 or 16
/// channels, or those of its convolution by a 1x1 kernel. The latter are computed where they are read and so never leave the first cache.
/// </summary>
internal unsafe struct BlockedRows
{
    // The places whose sums are in registers at once.
    private const int Many = 14;
    private const int Few = 7;

    // Constant distances of the places are a part of the instructions that add their products.
    private const int ExpandingLanes = 16;

    /// <summary>The number of channels of a block of the maps: 8 or 16.</summary>
    public int Lanes;

    /// <summary>The map of shape <c>(n, inputs / lanes, h, w, lanes)</c>.</summary>
    public float* Input;

    /// <summary>The kernel of shape <c>(channels / lanes, inputs, lanes)</c>; null if the rows are the map's own.</summary>
    public float* Kernel;

    /// <summary>The bias of the kernel.</summary>
    public float* Bias;

    /// <summary>The number of channels of the map.</summary>
    public int Inputs;

    public int Height, Width;

    /// <summary>What is applied to the numbers of the rows.</summary>
    public MapActivation Activation;

    /// <summary>Whether rows may be those of a convolution in blocks of that many channels.</summary>
    public static bool CanExpand(int lanes) => lanes == ExpandingLanes && Vectors512.Fill(lanes);

    /// <summary>Writes the first places of a row in the channels of a vector.</summary>
    public readonly void Fill<T, TVector>(int image, int channel, int row, TVector* to, int count)
        where T : IVectors<TVector>
        where TVector : unmanaged
    {
        switch (Activation.Kind)
        {
            case MapActivationKind.Clip:
                Fill<T, TVector, ClipActivation>(image, channel, row, to, count);
                break;
            case MapActivationKind.Swish:
                Fill<T, TVector, SwishActivation>(image, channel, row, to, count);
                break;
            case MapActivationKind.HardSwish:
                Fill<T, TVector, HardSwishActivation>(image, channel, row, to, count);
                break;
            default:
                Fill<T, TVector, NoActivation>(image, channel, row, to, count);
                break;
        }
    }

    private readonly void Fill<T, TVector, TActivation>(int image, int channel, int row, TVector* to, int count)
        where T : IVectors<TVector>
        where TVector : unmanaged
        where TActivation : IMapActivation
    {
        nint places = (nint)Height * Width;
        if (Kernel == null)
        {
            var inBlock = channel % Lanes;
            var from = Input + (((nint)image * Inputs + channel - inBlock) * places + (nint)row * Width * Lanes) + inBlock;
            Copy<T, TVector, TActivation>((TVector*)from, to, count);
            return;
        }

        var input = Input + (nint)image * Inputs * places + (nint)row * Width * Lanes;
        for (var x = 0; x < count;)
        {
            if (count - x >= Many)
            {
                ProductOfMany<T, TVector, TActivation>(input + x * Lanes, places * Lanes, channel, to + x);
                x += Many;
            }
            else if (count >= Few)
            {
                // The last places may repeat some of those before them.
                x = Math.Min(x, count - Few);
                ProductOfFew<T, TVector, TActivation>(input + x * Lanes, places * Lanes, channel, to + x);
                x += Few;
            }
            else
            {
                ProductOfOne<T, TVector, TActivation>(input + x * Lanes, places * Lanes, channel, to + x);
                x++;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Copy<T, TVector, TActivation>(TVector* from, TVector* to, int count)
        where T : IVectors<TVector>
        where TVector : unmanaged
        where TActivation : IMapActivation
    {
        nint step = Lanes / T.Count;
        var end = to + count;
        for (; to + 4 <= end; to += 4, from += 4 * step)
        {
            var v0 = TActivation.Of<T, TVector>(Activation, from[0]);
            var v1 = TActivation.Of<T, TVector>(Activation, from[step]);
            var v2 = TActivation.Of<T, TVector>(Activation, from[2 * step]);
            var v3 = TActivation.Of<T, TVector>(Activation, from[3 * step]);
            to[0] = v0;
            to[1] = v1;
            to[2] = v2;
            to[3] = v3;
        }
        for (; to < end; to++, from += step)
            *to = TActivation.Of<T, TVector>(Activation, *from);
    }

    // Computes the numbers of 14 places.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ProductOfMany<T, TVector, TActivation>(float* from, nint next, int channel, TVector* to)
        where T : IVectors<TVector>
        where TVector : unmanaged
        where TActivation : IMapActivation
    {
        var inBlock = channel % ExpandingLanes;
        var kernel = Kernel + (nint)(channel - inBlock) * Inputs + inBlock;
        TVector s0 = *(TVector*)(Bias + channel), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0,
            s7 = s0, s8 = s0, s9 = s0, s10 = s0, s11 = s0, s12 = s0, s13 = s0;
        for (var block = 0; block < Inputs; block += ExpandingLanes, from += next)
        {
            float* input = from, end = from + ExpandingLanes;
            for (; input < end; input++, kernel += ExpandingLanes)
            {
                var k = *(TVector*)kernel;
                s0 = T.Sum(k, T.Create(input[0]), s0);
                s1 = T.Sum(k, T.Create(input[ExpandingLanes]), s1);
                s2 = T.Sum(k, T.Create(input[2 * ExpandingLanes]), s2);
                s3 = T.Sum(k, T.Create(input[3 * ExpandingLanes]), s3);
                s4 = T.Sum(k, T.Create(input[4 * ExpandingLanes]), s4);
                s5 = T.Sum(k, T.Create(input[5 * ExpandingLanes]), s5);
                s6 = T.Sum(k, T.Create(input[6 * ExpandingLanes]), s6);
                s7 = T.Sum(k, T.Create(input[7 * ExpandingLanes]), s7);
                s8 = T.Sum(k, T.Create(input[8 * ExpandingLanes]), s8);
                s9 = T.Sum(k, T.Create(input[9 * ExpandingLanes]), s9);
                s10 = T.Sum(k, T.Create(input[10 * ExpandingLanes]), s10);
                s11 = T.Sum(k, T.Create(input[11 * ExpandingLanes]), s11);
                s12 = T.Sum(k, T.Create(input[12 * ExpandingLanes]), s12);
                s13 = T.Sum(k, T.Create(input[13 * ExpandingLanes]), s13);
            }
        }
        to[0] = TActivation.Of<T, TVector>(Activation, s0);
        to[1] = TActivation.Of<T, TVector>(Activation, s1);
        to[2] = TActivation.Of<T, TVector>(Activation, s2);
        to[3] = TActivation.Of<T, TVector>(Activation, s3);
        to[4] = TActivation.Of<T, TVector>(Activation, s4);
        to[5] = TActivation.Of<T, TVector>(Activation, s5);
        to[6] = TActivation.Of<T, TVector>(Activation, s6);
        to[7] = TActivation.Of<T, TVector>(Activation, s7);
        to[8] = TActivation.Of<T, TVector>(Activation, s8);
        to[9] = TActivation.Of<T, TVector>(Activation, s9);
        to[10] = TActivation.Of<T, TVector>(Activation, s10);
        to[11] = TActivation.Of<T, TVector>(Activation, s11);
        to[12] = TActivation.Of<T, TVector>(Activation, s12);
        to[13] = TActivation.Of<T, TVector>(Activation, s13);
    }

    // Computes the numbers of 7 places.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ProductOfFew<T, TVector, TActivation>(float* from, nint next, int channel, TVector* to)
        where T : IVectors<TVector>
        where TVector : unmanaged
        where TActivation : IMapActivation
    {
        var inBlock = channel % ExpandingLanes;
        var kernel = Kernel + (nint)(channel - inBlock) * Inputs + inBlock;
        TVector s0 = *(TVector*)(Bias + channel), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0;
        for (var block = 0; block < Inputs; block += ExpandingLanes, from += next)
        {
            float* input = from, end = from + ExpandingLanes;
            for (; input < end; input++, kernel += ExpandingLanes)
            {
                var k = *(TVector*)kernel;
                s0 = T.Sum(k, T.Create(input[0]), s0);
                s1 = T.Sum(k, T.Create(input[ExpandingLanes]), s1);
                s2 = T.Sum(k, T.Create(input[2 * ExpandingLanes]), s2);
                s3 = T.Sum(k, T.Create(input[3 * ExpandingLanes]), s3);
                s4 = T.Sum(k, T.Create(input[4 * ExpandingLanes]), s4);
                s5 = T.Sum(k, T.Create(input[5 * ExpandingLanes]), s5);
                s6 = T.Sum(k, T.Create(input[6 * ExpandingLanes]), s6);
            }
        }
        to[0] = TActivation.Of<T, TVector>(Activation, s0);
        to[1] = TActivation.Of<T, TVector>(Activation, s1);
        to[2] = TActivation.Of<T, TVector>(Activation, s2);
        to[3] = TActivation.Of<T, TVector>(Activation, s3);
        to[4] = TActivation.Of<T, TVector>(Activation, s4);
        to[5] = TActivation.Of<T, TVector>(Activation, s5);
        to[6] = TActivation.Of<T, TVector>(Activation, s6);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ProductOfOne<T, TVector, TActivation>(float* from, nint next, int channel, TVector* to)
        where T : IVectors<TVector>
        where TVector : unmanaged
        where TActivation : IMapActivation
    {
        var inBlock = channel % ExpandingLanes;
        var kernel = Kernel + (nint)(channel - inBlock) * Inputs + inBlock;
        var sum = *(TVector*)(Bias + channel);
        for (var block = 0; block < Inputs; block += ExpandingLanes, from += next)
        {
            for (var i = 0; i < ExpandingLanes; i++, kernel += ExpandingLanes)
                sum = T.Sum(*(TVector*)kernel, T.Create(from[i]), sum);
        }
        *to = TActivation.Of<T, TVector>(Activation, sum);
    }
}
