using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.Imaging.Jpeg;

/// <summary>
/// Provides the instructions of one kind of processor for <see cref="LanedInverseDct{TLanes, TVector}"/>. A vector has a block in each lane
/// of 128 bits, and no lane depends on another one.
/// </summary>
/// <typeparam name="TVector">The processor's vector.</typeparam>
internal unsafe interface IBlockLanes<TVector>
    where TVector : struct
{
    /// <summary>Gets the number of lanes.</summary>
    static abstract int Count { get; }

    /// <summary>Loads a row of each block.</summary>
    static abstract TVector Load(short* blocks, int row);

    /// <summary>Replaces the first number of each lane by zero.</summary>
    static abstract TVector WithoutFirst(TVector value);

    static abstract bool IsZero(TVector value);

    static abstract TVector Or(TVector a, TVector b);

    // These interleave numbers of some bits in the lower or the upper halves of the lanes.
    static abstract TVector Low8(TVector a, TVector b);

    static abstract TVector High8(TVector a, TVector b);

    static abstract TVector Low16(TVector a, TVector b);

    static abstract TVector High16(TVector a, TVector b);

    static abstract TVector Low32(TVector a, TVector b);

    static abstract TVector High32(TVector a, TVector b);

    static abstract TVector Low64(TVector a, TVector b);

    static abstract TVector High64(TVector a, TVector b);

    /// <summary>Returns the sums of 32 bits of the products of pairs of 16 bits.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="factors">Factor of the first of each pair in the lower 16 bits, of the second in the upper.</param>
    static abstract TVector Products(TVector pairs, int factors);

    /// <summary>Returns a vector of 32-bit numbers.</summary>
    static abstract TVector Create(int value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Shift(TVector value, int bits);

    /// <summary>Narrows numbers of 32 bits to 16.</summary>
    static abstract TVector Narrow32(TVector a, TVector b);

    /// <summary>Narrows numbers of 16 bits to 8.</summary>
    static abstract TVector Narrow16(TVector a, TVector b);

    /// <summary>Returns the larger of <paramref name="largest"/> and the magnitude of each number of 16 bits.</summary>
    static abstract TVector Largest(TVector largest, TVector value);

    /// <summary>Returns the largest number of 16 bits without a sign.</summary>
    static abstract int Largest(TVector value);

    /// <summary>Stores two rows of samples, which each lane holds one after the other, and adds 128 to them.</summary>
    static abstract void StoreTwoRows(TVector rows, byte* samples, nint stride);
}

/// <summary>Transforms two blocks at once with AVX2.</summary>
internal readonly unsafe struct Avx2Lanes : IBlockLanes<Vector256<short>>
{
    public static int Count => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Load(short* blocks, int row) =>
        Vector256.Create(Vector128.Load(blocks + (row * 8)), Vector128.Load(blocks + 64 + (row * 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> WithoutFirst(Vector256<short> value) =>
        value & Vector256.Create(0, -1, -1, -1, -1, -1, -1, -1, 0, -1, -1, -1, -1, -1, -1, -1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsZero(Vector256<short> value) => value == Vector256<short>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Or(Vector256<short> a, Vector256<short> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Low8(Vector256<short> a, Vector256<short> b) => Avx2.UnpackLow(a.AsByte(), b.AsByte()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> High8(Vector256<short> a, Vector256<short> b) => Avx2.UnpackHigh(a.AsByte(), b.AsByte()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Low16(Vector256<short> a, Vector256<short> b) => Avx2.UnpackLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> High16(Vector256<short> a, Vector256<short> b) => Avx2.UnpackHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Low32(Vector256<short> a, Vector256<short> b) => Avx2.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> High32(Vector256<short> a, Vector256<short> b) => Avx2.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Low64(Vector256<short> a, Vector256<short> b) => Avx2.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> High64(Vector256<short> a, Vector256<short> b) => Avx2.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Products(Vector256<short> pairs, int factors) =>
        Avx2.MultiplyAddAdjacent(pairs, Vector256.Create(factors).AsInt16()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Create(int value) => Vector256.Create(value).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Add(Vector256<short> a, Vector256<short> b) => (a.AsInt32() + b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Subtract(Vector256<short> a, Vector256<short> b) => (a.AsInt32() - b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Shift(Vector256<short> value, int bits) => (value.AsInt32() >> bits).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Narrow32(Vector256<short> a, Vector256<short> b) => Avx2.PackSignedSaturate(a.AsInt32(), b.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Narrow16(Vector256<short> a, Vector256<short> b) => Avx2.PackSignedSaturate(a, b).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Largest(Vector256<short> largest, Vector256<short> value) =>
        Vector256.Max(largest.AsUInt16(), Avx2.Abs(value)).AsInt16();

    public static int Largest(Vector256<short> value)
    {
        var most = 0;
        for (var i = 0; i < Vector256<short>.Count; i++)
        {
            most = Math.Max(most, (ushort)value[i]);
        }
        return most;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreTwoRows(Vector256<short> rows, byte* samples, nint stride)
    {
        const byte nextToOneAnother = 0b11_01_10_00;
        var ordered = Avx2.Permute4x64(rows.AsInt64(), nextToOneAnother).AsByte() ^ Vector256.Create((byte)128);
        ordered.GetLower().Store(samples);
        ordered.GetUpper().Store(samples + stride);
    }
}

/// <summary>Transforms four blocks at once with AVX-512.</summary>
internal readonly unsafe struct Avx512Lanes : IBlockLanes<Vector512<short>>
{
    /// <summary>Gets whether the processor runs such vectors at full speed.</summary>
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Load(short* blocks, int row) =>
        Vector512.Create(Avx2Lanes.Load(blocks, row), Avx2Lanes.Load(blocks + 128, row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> WithoutFirst(Vector512<short> value)
    {
        var half = Avx2Lanes.WithoutFirst(Vector256<short>.AllBitsSet);
        return value & Vector512.Create(half, half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsZero(Vector512<short> value) => value == Vector512<short>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Or(Vector512<short> a, Vector512<short> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Low8(Vector512<short> a, Vector512<short> b) => Avx512BW.UnpackLow(a.AsByte(), b.AsByte()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> High8(Vector512<short> a, Vector512<short> b) => Avx512BW.UnpackHigh(a.AsByte(), b.AsByte()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Low16(Vector512<short> a, Vector512<short> b) => Avx512BW.UnpackLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> High16(Vector512<short> a, Vector512<short> b) => Avx512BW.UnpackHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Low32(Vector512<short> a, Vector512<short> b) => Avx512F.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> High32(Vector512<short> a, Vector512<short> b) => Avx512F.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Low64(Vector512<short> a, Vector512<short> b) => Avx512F.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> High64(Vector512<short> a, Vector512<short> b) => Avx512F.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Products(Vector512<short> pairs, int factors) =>
        Avx512BW.MultiplyAddAdjacent(pairs, Vector512.Create(factors).AsInt16()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Create(int value) => Vector512.Create(value).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Add(Vector512<short> a, Vector512<short> b) => (a.AsInt32() + b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Subtract(Vector512<short> a, Vector512<short> b) => (a.AsInt32() - b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Shift(Vector512<short> value, int bits) => (value.AsInt32() >> bits).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Narrow32(Vector512<short> a, Vector512<short> b) =>
        Avx512BW.PackSignedSaturate(a.AsInt32(), b.AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Narrow16(Vector512<short> a, Vector512<short> b) => Avx512BW.PackSignedSaturate(a, b).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Largest(Vector512<short> largest, Vector512<short> value) =>
        Vector512.Max(largest.AsUInt16(), Avx512BW.Abs(value)).AsInt16();

    public static int Largest(Vector512<short> value) =>
        Avx2Lanes.Largest(Vector256.Max(value.GetLower().AsUInt16(), value.GetUpper().AsUInt16()).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreTwoRows(Vector512<short> rows, byte* samples, nint stride)
    {
        var nextToOneAnother = Vector512.Create(0L, 2, 4, 6, 1, 3, 5, 7);
        var ordered = Avx512F.PermuteVar8x64(rows.AsInt64(), nextToOneAnother).AsByte() ^ Vector512.Create((byte)128);
        ordered.GetLower().Store(samples);
        ordered.GetUpper().Store(samples + stride);
    }
}
