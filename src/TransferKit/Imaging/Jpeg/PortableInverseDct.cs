using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Imaging.Jpeg;

/// <summary>Computes the transform on any processor, four columns and then four rows at a time.</summary>
internal static unsafe class PortableInverseDct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Transform(short* blocks, int count, byte* samples, nint stride)
    {
        var between = stackalloc int[64];
        var largest = Vector128<int>.Zero;
        for (var i = 0; i < count; i++, blocks += 64, samples += 8)
        {
            for (var half = 0; half < 8; half += 4)
            {
                var rows = Vectors.Load(blocks + half);
                rows.Pass(InverseDct.FactorBits - InverseDct.FirstPassBits);
                rows.StoreTransposed(between + (half * 8));
            }
            for (var half = 0; half < 8; half += 4)
            {
                var columns = Vectors.Load(between + half);
                columns.Pass(InverseDct.FactorBits + InverseDct.FirstPassBits + InverseDct.BothPassesBits);
                largest = columns.StoreSamples(samples + (half * stride), stride, largest);
            }
        }
        return InverseDct.IsNear(Math.Max(Math.Max(largest[0], largest[1]), Math.Max(largest[2], largest[3])));
    }

    /// <summary>Represents eight values of each of four columns or rows.</summary>
    private struct Vectors
    {
        private Vector128<int> _0, _1, _2, _3, _4, _5, _6, _7;

        public static Vectors Load(short* from) => new()
        {
            _0 = Four(from),
            _1 = Four(from + 8),
            _2 = Four(from + 16),
            _3 = Four(from + 24),
            _4 = Four(from + 32),
            _5 = Four(from + 40),
            _6 = Four(from + 48),
            _7 = Four(from + 56),
        };

        public static Vectors Load(int* from) => new()
        {
            _0 = Vector128.Load(from),
            _1 = Vector128.Load(from + 8),
            _2 = Vector128.Load(from + 16),
            _3 = Vector128.Load(from + 24),
            _4 = Vector128.Load(from + 32),
            _5 = Vector128.Load(from + 40),
            _6 = Vector128.Load(from + 48),
            _7 = Vector128.Load(from + 56),
        };

        /// <summary>Transforms in one dimension and rounds the results to <paramref name="shift"/> bits fewer.</summary>
        public void Pass(int shift)
        {
            var half = Vector128.Create(1 << (shift - 1));
            var even = (_2 + _6) * InverseDct.F0541;
            var inner = even - (_6 * InverseDct.F1847);
            var outer = even + (_2 * InverseDct.F0765);
            var sum = ((_0 + _4) << InverseDct.FactorBits) + half;
            var difference = ((_0 - _4) << InverseDct.FactorBits) + half;
            var (even0, even3) = (sum + outer, sum - outer);
            var (even1, even2) = (difference + inner, difference - inner);

            var both = (_7 + _3 + _5 + _1) * InverseDct.F1175;
            var a = (_7 + _1) * -InverseDct.F0899;
            var b = (_5 + _3) * -InverseDct.F2562;
            var c = both - ((_7 + _3) * InverseDct.F1961);
            var d = both - ((_5 + _1) * InverseDct.F0390);
            var odd3 = (_7 * InverseDct.F0298) + a + c;
            var odd2 = (_5 * InverseDct.F2053) + b + d;
            var odd1 = (_3 * InverseDct.F3072) + b + c;
            var odd0 = (_1 * InverseDct.F1501) + a + d;

            (_0, _7) = ((even0 + odd0) >> shift, (even0 - odd0) >> shift);
            (_1, _6) = ((even1 + odd1) >> shift, (even1 - odd1) >> shift);
            (_2, _5) = ((even2 + odd2) >> shift, (even2 - odd2) >> shift);
            (_3, _4) = ((even3 + odd3) >> shift, (even3 - odd3) >> shift);
        }

        /// <summary>Stores four columns as rows.</summary>
        public readonly void StoreTransposed(int* to)
        {
            // The columns become adjacent for the other dimension, eight values apart.
            for (var lane = 0; lane < 4; lane++)
            {
                Vector128.Create(_0[lane], _1[lane], _2[lane], _3[lane]).Store(to + (lane * 8));
                Vector128.Create(_4[lane], _5[lane], _6[lane], _7[lane]).Store(to + (lane * 8) + 4);
            }
        }

        public readonly Vector128<int> StoreSamples(byte* to, nint stride, Vector128<int> largest)
        {
            for (var lane = 0; lane < 4; lane++, to += stride)
            {
                var left = Vector128.Create(_0[lane], _1[lane], _2[lane], _3[lane]);
                var right = Vector128.Create(_4[lane], _5[lane], _6[lane], _7[lane]);
                largest = Vector128.Max(largest, Vector128.Max(Vector128.Abs(left), Vector128.Abs(right)));
                var wide = Vector128.Narrow(Sample(left), Sample(right));
                Unsafe.WriteUnaligned(to, Vector128.Narrow(wide, wide).AsUInt64().ToScalar());
            }
            return largest;
        }

        private static Vector128<int> Four(short* from) =>
            Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(from)).AsInt16());

        private static Vector128<uint> Sample(Vector128<int> value) =>
            Vector128.Min(Vector128.Max(value + Vector128.Create(128), Vector128<int>.Zero), Vector128.Create(255)).AsUInt32();
    }
}
