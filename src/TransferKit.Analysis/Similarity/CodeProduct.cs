using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Analysis.Similarity;

/// <summary>Multiplies rows of signed bytes by queries of unsigned bytes. Sums are exact.</summary>
internal static unsafe class CodeProduct
{
    /// <summary>The number that the length of rows and queries is a multiple of.</summary>
    public const int Alignment = 32;

    private const int Together = 4;

    /// <summary>Computes the dot products of rows and queries.</summary>
    /// <param name="codes">The rows, one after another.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="queries">The queries, one after another.</param>
    /// <param name="queryCount">The number of queries.</param>
    /// <param name="length">The length of rows and queries.</param>
    /// <param name="products">Receives a row of products for each row.</param>
    public static void Multiply(sbyte* codes, int rows, byte* queries, int queryCount, int length, int* products)
    {
        for (var row = 0; row < rows; row++)
        {
            var own = codes + (long)row * length;
            var query = 0;
            for (; query + Together <= queryCount; query += Together)
                Four(own, queries + (long)query * length, length).Store(products + (long)row * queryCount + query);
            for (; query < queryCount; query++)
                products[(long)row * queryCount + query] = One(own, queries + (long)query * length, length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<int> Four(sbyte* row, byte* queries, int length)
    {
        var (first, second, third, fourth) = (Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero);
        for (var i = 0; i < length; i += Alignment)
        {
            var codes = Vector256.Load(row + i);
            first = Add(first, Vector256.Load(queries + i), codes);
            second = Add(second, Vector256.Load(queries + length + i), codes);
            third = Add(third, Vector256.Load(queries + 2 * length + i), codes);
            fourth = Add(fourth, Vector256.Load(queries + 3 * length + i), codes);
        }
        return Vector128.Create(Vector256.Sum(first), Vector256.Sum(second), Vector256.Sum(third), Vector256.Sum(fourth));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int One(sbyte* row, byte* query, int length)
    {
        var (first, second, i) = (Vector256<int>.Zero, Vector256<int>.Zero, 0);
        for (; i + 2 * Alignment <= length; i += 2 * Alignment)
        {
            first = Add(first, Vector256.Load(query + i), Vector256.Load(row + i));
            second = Add(second, Vector256.Load(query + i + Alignment), Vector256.Load(row + i + Alignment));
        }
        if (i < length)
            first = Add(first, Vector256.Load(query + i), Vector256.Load(row + i));
        return Vector256.Sum(first + second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Vector256<int> sum, Vector256<byte> query, Vector256<sbyte> codes)
    {
        if (AvxVnni.IsSupported)
            return AvxVnni.MultiplyWideningAndAdd(sum, query, codes);
        // A product is at most 255 x 127, which a short holds; a sum of two is not.
        var (q, c) = (Vector256.Widen(query), Vector256.Widen(codes));
        var (low, high) = (q.Lower.AsInt16() * c.Lower, q.Upper.AsInt16() * c.Upper);
        var (a, b) = (Vector256.Widen(low), Vector256.Widen(high));
        return sum + a.Lower + a.Upper + b.Lower + b.Upper;
    }
}
