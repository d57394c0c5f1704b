using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Imaging.Preprocessing;

/// <summary>Splits interleaved RGB into three planes and preprocesses it.</summary>
/// <remarks>Vector arithmetic also serves floats; a lookup table would serve bytes only.</remarks>
internal static class Planar
{
    // In a field, because machine code of a package cannot depend on the processor.
    private static readonly int PixelsOfStep = Vector256.IsHardwareAccelerated ? 8 : Vector128.IsHardwareAccelerated ? 4 : 1;

    public static void Write<T, TMode>(ReadOnlySpan<T> rgb, Span<float> planes, int area)
        where T : unmanaged
        where TMode : IChannelArithmetic => Write<T, TMode>(rgb, planes, area, PixelsOfStep);

    /// <param name="rgb">Pixels of one image.</param>
    /// <param name="planes">Target of <paramref name="area"/> x 3 values.</param>
    /// <param name="area">Number of pixels.</param>
    /// <param name="width">Number of pixels a step, 8, 4 or 1. The result does not depend on it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Write<T, TMode>(ReadOnlySpan<T> rgb, Span<float> planes, int area, int width)
        where T : unmanaged
        where TMode : IChannelArithmetic
    {
        ref var from = ref MemoryMarshal.GetReference(rgb);
        ref var red = ref Unsafe.Add(ref MemoryMarshal.GetReference(planes), TMode.Plane(0) * area);
        ref var green = ref Unsafe.Add(ref MemoryMarshal.GetReference(planes), TMode.Plane(1) * area);
        ref var blue = ref Unsafe.Add(ref MemoryMarshal.GetReference(planes), TMode.Plane(2) * area);
        nuint at = 0;
        if (width == 8)
        {
            for (; at + 8 <= (nuint)area; at += 8)
            {
                var (r, g, b) = Load256(ref Unsafe.Add(ref from, at * 3));
                TMode.Apply(r, 0).StoreUnsafe(ref red, at);
                TMode.Apply(g, 1).StoreUnsafe(ref green, at);
                TMode.Apply(b, 2).StoreUnsafe(ref blue, at);
            }
        }
        else if (width == 4)
        {
            // A load of bytes takes sixteen, of which twelve are used, so the last two pixels are left to the loop below.
            for (; at + 6 <= (nuint)area; at += 4)
            {
                var (r, g, b) = Load128(ref Unsafe.Add(ref from, at * 3));
                TMode.Apply(r, 0).StoreUnsafe(ref red, at);
                TMode.Apply(g, 1).StoreUnsafe(ref green, at);
                TMode.Apply(b, 2).StoreUnsafe(ref blue, at);
            }
        }
        for (; at < (nuint)area; at++)
        {
            Unsafe.Add(ref red, at) = TMode.Apply(ToSingle(Unsafe.Add(ref from, at * 3)), 0);
            Unsafe.Add(ref green, at) = TMode.Apply(ToSingle(Unsafe.Add(ref from, (at * 3) + 1)), 1);
            Unsafe.Add(ref blue, at) = TMode.Apply(ToSingle(Unsafe.Add(ref from, (at * 3) + 2)), 2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float ToSingle<T>(T value)
        where T : unmanaged =>
        typeof(T) == typeof(byte) ? Unsafe.BitCast<T, byte>(value) : Unsafe.BitCast<T, float>(value);

    /// <summary>Loads eight pixels and reads exactly their 24 values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Red, Vector256<float> Green, Vector256<float> Blue) Load256<T>(ref T from)
        where T : unmanaged
    {
        if (typeof(T) == typeof(byte))
        {
            ref var bytes = ref Unsafe.As<T, byte>(ref from);
            // Pixels 0 to 3 are the first twelve bytes of the head, and pixels 4 to 7 the last twelve of the tail.
            var head = Vector128.LoadUnsafe(ref bytes);
            var tail = Vector128.LoadUnsafe(ref bytes, 8);
            return (
                Vector256.ConvertToSingle(Vector256.Create(Every3rd(head, 0), Every3rd(tail, 4))),
                Vector256.ConvertToSingle(Vector256.Create(Every3rd(head, 1), Every3rd(tail, 5))),
                Vector256.ConvertToSingle(Vector256.Create(Every3rd(head, 2), Every3rd(tail, 6))));
        }
        ref var floats = ref Unsafe.As<T, float>(ref from);
        var a = Vector256.LoadUnsafe(ref floats);
        var b = Vector256.LoadUnsafe(ref floats, 8);
        var c = Vector256.LoadUnsafe(ref floats, 16);
        // The eight values of a channel are three apart and lie in eight different lanes of three vectors. Two blends gather them, and one
        // permutation orders them.
        var every0 = Vector256.Create(-1, 0, 0, -1, 0, 0, -1, 0).AsSingle();
        var every1 = Vector256.Create(0, -1, 0, 0, -1, 0, 0, -1).AsSingle();
        return (
            Vector256.Shuffle(Blend(every0, a, Blend(every1, b, c)), Vector256.Create(0, 3, 6, 1, 4, 7, 2, 5)),
            Vector256.Shuffle(Blend(every1, a, Blend(every0, c, b)), Vector256.Create(1, 4, 7, 2, 5, 0, 3, 6)),
            Vector256.Shuffle(Blend(every0, b, Blend(every1, c, a)), Vector256.Create(2, 5, 0, 3, 6, 1, 4, 7)));
    }

    /// <summary>Loads four pixels of 12 values. For bytes, it reads up to 4 more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<float> Red, Vector128<float> Green, Vector128<float> Blue) Load128<T>(ref T from)
        where T : unmanaged
    {
        if (typeof(T) == typeof(byte))
        {
            var head = Vector128.LoadUnsafe(ref Unsafe.As<T, byte>(ref from));
            return (
                Vector128.ConvertToSingle(Every3rd(head, 0)),
                Vector128.ConvertToSingle(Every3rd(head, 1)),
                Vector128.ConvertToSingle(Every3rd(head, 2)));
        }
        ref var floats = ref Unsafe.As<T, float>(ref from);
        var a = Vector128.LoadUnsafe(ref floats);
        var b = Vector128.LoadUnsafe(ref floats, 4);
        var c = Vector128.LoadUnsafe(ref floats, 8);
        var ends = Vector128.Create(-1, 0, 0, -1).AsSingle();
        var second = Vector128.Create(0, -1, 0, 0).AsSingle();
        var third = Vector128.Create(0, 0, -1, 0).AsSingle();
        return (
            Vector128.Shuffle(Blend(ends, a, Blend(second, c, b)), Vector128.Create(0, 3, 2, 1)),
            Vector128.Shuffle(Blend(ends, b, Blend(second, a, c)), Vector128.Create(1, 0, 3, 2)),
            Vector128.Shuffle(Blend(ends, c, Blend(third, a, b)), Vector128.Create(2, 1, 0, 3)));
    }

    /// <summary>Returns four bytes from <paramref name="first"/> on, three apart, each widened to 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Every3rd(Vector128<byte> bytes, [ConstantExpected] byte first)
    {
        const byte no = 0xFF;
        var (second, third, fourth) = ((byte)(first + 3), (byte)(first + 6), (byte)(first + 9));
        return Vector128.Shuffle(
            bytes,
            Vector128.Create(first, no, no, no, second, no, no, no, third, no, no, no, fourth, no, no, no)).AsInt32();
    }

    private static Vector256<float> Blend(Vector256<float> mask, Vector256<float> yes, Vector256<float> no) =>
        Vector256.ConditionalSelect(mask, yes, no);

    private static Vector128<float> Blend(Vector128<float> mask, Vector128<float> yes, Vector128<float> no) =>
        Vector128.ConditionalSelect(mask, yes, no);
}
