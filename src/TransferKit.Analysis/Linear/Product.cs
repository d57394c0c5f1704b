using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Analysis.Linear;

/// <summary>Represents a matrix in memory by the distances of its rows and columns, so that a transposed one needs no copy.</summary>
internal readonly ref struct Strided<T>(Span<T> numbers, int rowStride, int columnStride = 1)
{
    public Span<T> Numbers { get; } = numbers;
    public int RowStride { get; } = rowStride;
    public int ColumnStride { get; } = columnStride;

    public Strided<T> Transposed => new(Numbers, ColumnStride, RowStride);
}

/// <summary>Multiplies matrices in one thread. Tiles of 4 rows and up to 3 registers of columns stay in registers.</summary>
internal static class Product<T>
    where T : unmanaged, INumberBase<T>
{
    private const int TileRows = 4;

    // As many rows of a tile's columns fit the first cache.
    private const int DepthBlock = 256;

    /// <summary>Gets the number that the columns of <c>b</c> and <c>c</c> must be a multiple of.</summary>
    public static int Lanes { get; } = Vector512.IsHardwareAccelerated ? Vector512<T>.Count : Vector<T>.Count;

    /// <summary>Returns the next number of columns that the product takes.</summary>
    public static int Padded(int columns) => (columns + Lanes - 1) / Lanes * Lanes;

    /// <summary>Adds the product of two matrices to a third.</summary>
    /// <param name="a">The first matrix, <c>rows x depth</c>.</param>
    /// <param name="b">The second matrix, <c>depth x columns</c>, whose columns are adjacent.</param>
    /// <param name="c">The sum, <c>rows x columns</c>, whose columns are adjacent.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="depth">The number of terms of each sum.</param>
    /// <param name="columns">The number of columns, a multiple of <see cref="Lanes"/>.</param>
    public static void Add(Strided<T> a, Strided<T> b, Strided<T> c, int rows, int depth, int columns)
    {
        if (rows == 0 || depth == 0)
            return;
        // The kernel reads by reference, so the last element of each matrix is checked here.
        _ = a.Numbers[(rows - 1) * a.RowStride + (depth - 1) * a.ColumnStride];
        _ = b.Numbers[(depth - 1) * b.RowStride + columns - 1];
        _ = c.Numbers[(rows - 1) * c.RowStride + columns - 1];
        if (Vector512.IsHardwareAccelerated)
            Add<WideLanes<T>>(a, b, c, rows, depth, columns);
        else
            Add<UsualLanes<T>>(a, b, c, rows, depth, columns);
    }

    private static void Add<TLanes>(Strided<T> a, Strided<T> b, Strided<T> c, int rows, int depth, int columns)
        where TLanes : struct, ILanes<TLanes, T>
    {
        for (var k = 0; k < depth; k += DepthBlock)
        {
            var terms = Math.Min(DepthBlock, depth - k);
            for (var column = 0; column < columns;)
            {
                var registers = Math.Min(3, (columns - column) / TLanes.Count);
                for (var row = 0; row < rows;)
                {
                    var tall = rows - row >= TileRows;
                    ref var fromA = ref a.Numbers[row * a.RowStride + k * a.ColumnStride];
                    ref var fromB = ref b.Numbers[k * b.RowStride + column];
                    ref var toC = ref c.Numbers[row * c.RowStride + column];
                    switch (tall, registers)
                    {
                        case (true, 3):
                            Tile<TLanes, Three>(
                                ref fromA, a.RowStride, a.ColumnStride, ref fromB, b.RowStride, ref toC, c.RowStride, terms);
                            break;
                        case (true, 2):
                            Tile<TLanes, Two>(
                                ref fromA, a.RowStride, a.ColumnStride, ref fromB, b.RowStride, ref toC, c.RowStride, terms);
                            break;
                        case (true, _):
                            Tile<TLanes, One>(
                                ref fromA, a.RowStride, a.ColumnStride, ref fromB, b.RowStride, ref toC, c.RowStride, terms);
                            break;
                        default:
                            Row<TLanes>(ref fromA, a.ColumnStride, ref fromB, b.RowStride, ref toC, terms, registers);
                            break;
                    }
                    row += tall ? TileRows : 1;
                }
                column += registers * TLanes.Count;
            }
        }
    }

    // The width is a type, so the compiler removes what a narrow tile has no use for. Unoptimised code would hold up the first products.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TLanes, TWidth>(
        ref T a, nint aRow, nint aDepth, ref T b, nint bDepth, ref T c, nint cRow, int terms)
        where TLanes : struct, ILanes<TLanes, T>
        where TWidth : struct, IWidth
    {
        ref var c1 = ref Unsafe.Add(ref c, cRow);
        ref var c2 = ref Unsafe.Add(ref c1, cRow);
        ref var c3 = ref Unsafe.Add(ref c2, cRow);
        var (n, n2) = (TLanes.Count, 2 * TLanes.Count);
        TLanes s00 = TLanes.Load(ref c), s10 = TLanes.Load(ref c1), s20 = TLanes.Load(ref c2), s30 = TLanes.Load(ref c3);
        TLanes s01 = default, s11 = default, s21 = default, s31 = default, s02 = default, s12 = default, s22 = default, s32 = default;
        if (TWidth.Registers > 1)
        {
            (s01, s11) = (TLanes.Load(ref Unsafe.Add(ref c, n)), TLanes.Load(ref Unsafe.Add(ref c1, n)));
            (s21, s31) = (TLanes.Load(ref Unsafe.Add(ref c2, n)), TLanes.Load(ref Unsafe.Add(ref c3, n)));
        }
        if (TWidth.Registers > 2)
        {
            (s02, s12) = (TLanes.Load(ref Unsafe.Add(ref c, n2)), TLanes.Load(ref Unsafe.Add(ref c1, n2)));
            (s22, s32) = (TLanes.Load(ref Unsafe.Add(ref c2, n2)), TLanes.Load(ref Unsafe.Add(ref c3, n2)));
        }
        for (var k = 0; k < terms; k++)
        {
            var b0 = TLanes.Load(ref b);
            var b1 = TWidth.Registers > 1 ? TLanes.Load(ref Unsafe.Add(ref b, n)) : default;
            var b2 = TWidth.Registers > 2 ? TLanes.Load(ref Unsafe.Add(ref b, n2)) : default;

            var a0 = TLanes.Broadcast(a);
            s00 = TLanes.MultiplyAdd(a0, b0, s00);
            if (TWidth.Registers > 1)
                s01 = TLanes.MultiplyAdd(a0, b1, s01);
            if (TWidth.Registers > 2)
                s02 = TLanes.MultiplyAdd(a0, b2, s02);

            var a1 = TLanes.Broadcast(Unsafe.Add(ref a, aRow));
            s10 = TLanes.MultiplyAdd(a1, b0, s10);
            if (TWidth.Registers > 1)
                s11 = TLanes.MultiplyAdd(a1, b1, s11);
            if (TWidth.Registers > 2)
                s12 = TLanes.MultiplyAdd(a1, b2, s12);

            var a2 = TLanes.Broadcast(Unsafe.Add(ref a, 2 * aRow));
            s20 = TLanes.MultiplyAdd(a2, b0, s20);
            if (TWidth.Registers > 1)
                s21 = TLanes.MultiplyAdd(a2, b1, s21);
            if (TWidth.Registers > 2)
                s22 = TLanes.MultiplyAdd(a2, b2, s22);

            var a3 = TLanes.Broadcast(Unsafe.Add(ref a, 3 * aRow));
            s30 = TLanes.MultiplyAdd(a3, b0, s30);
            if (TWidth.Registers > 1)
                s31 = TLanes.MultiplyAdd(a3, b1, s31);
            if (TWidth.Registers > 2)
                s32 = TLanes.MultiplyAdd(a3, b2, s32);

            a = ref Unsafe.Add(ref a, aDepth);
            b = ref Unsafe.Add(ref b, bDepth);
        }
        s00.Store(ref c);
        s10.Store(ref c1);
        s20.Store(ref c2);
        s30.Store(ref c3);
        if (TWidth.Registers > 1)
        {
            s01.Store(ref Unsafe.Add(ref c, n));
            s11.Store(ref Unsafe.Add(ref c1, n));
            s21.Store(ref Unsafe.Add(ref c2, n));
            s31.Store(ref Unsafe.Add(ref c3, n));
        }
        if (TWidth.Registers > 2)
        {
            s02.Store(ref Unsafe.Add(ref c, n2));
            s12.Store(ref Unsafe.Add(ref c1, n2));
            s22.Store(ref Unsafe.Add(ref c2, n2));
            s32.Store(ref Unsafe.Add(ref c3, n2));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<TLanes>(ref T a, nint aDepth, ref T b, nint bDepth, ref T c, int terms, int registers)
        where TLanes : struct, ILanes<TLanes, T>
    {
        for (var r = 0; r < registers; r++)
        {
            ref var to = ref Unsafe.Add(ref c, r * TLanes.Count);
            var sum = TLanes.Load(ref to);
            for (var k = 0; k < terms; k++)
            {
                var factor = TLanes.Broadcast(Unsafe.Add(ref a, k * aDepth));
                sum = TLanes.MultiplyAdd(factor, TLanes.Load(ref Unsafe.Add(ref b, k * bDepth + r * TLanes.Count)), sum);
            }
            sum.Store(ref to);
        }
    }

    private interface IWidth
    {
        static abstract int Registers { get; }
    }

    private readonly struct One : IWidth
    {
        public static int Registers => 1;
    }

    private readonly struct Two : IWidth
    {
        public static int Registers => 2;
    }

    private readonly struct Three : IWidth
    {
        public static int Registers => 3;
    }
}
