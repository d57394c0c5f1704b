using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Imaging.Preprocessing;

/// <summary>
/// Computes one preprocessing mode for single numbers and vectors. All widths perform the same IEEE operations in the same order and agree
/// to the bit. Channels are red 0, green 1 and blue 2.
/// </summary>
internal interface IChannelArithmetic
{
    /// <summary>Returns the plane or position, 0 to 2, of a channel in the result.</summary>
    static abstract int Plane(int channel);

    static abstract float Apply(float x, int channel);

    static abstract Vector128<float> Apply(Vector128<float> x, int channel);

    static abstract Vector256<float> Apply(Vector256<float> x, int channel);
}

internal readonly struct NoMode : IChannelArithmetic
{
    public static int Plane(int channel) => channel;

    public static float Apply(float x, int channel) => x;

    public static Vector128<float> Apply(Vector128<float> x, int channel) => x;

    public static Vector256<float> Apply(Vector256<float> x, int channel) => x;
}

internal readonly struct CaffeMode : IChannelArithmetic
{
    public static int Plane(int channel) => 2 - channel;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Apply(float x, int channel) => x - Mean(channel);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> x, int channel) => x - Vector128.Create(Mean(channel));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Apply(Vector256<float> x, int channel) => x - Vector256.Create(Mean(channel));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Mean(int channel) => channel == 0 ? 123.68f : channel == 1 ? 116.779f : 103.939f;
}

internal readonly struct TfMode : IChannelArithmetic
{
    public static int Plane(int channel) => channel;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Apply(float x, int channel) => (x / 127.5f) - 1f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> x, int channel) =>
        (x / Vector128.Create(127.5f)) - Vector128<float>.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Apply(Vector256<float> x, int channel) =>
        (x / Vector256.Create(127.5f)) - Vector256<float>.One;
}

internal readonly struct TorchMode : IChannelArithmetic
{
    public static int Plane(int channel) => channel;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Apply(float x, int channel) => ((x / 255f) - Mean(channel)) / Deviation(channel);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> x, int channel) =>
        ((x / Vector128.Create(255f)) - Vector128.Create(Mean(channel))) / Vector128.Create(Deviation(channel));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Apply(Vector256<float> x, int channel) =>
        ((x / Vector256.Create(255f)) - Vector256.Create(Mean(channel))) / Vector256.Create(Deviation(channel));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Mean(int channel) => channel == 0 ? 0.485f : channel == 1 ? 0.456f : 0.406f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Deviation(int channel) => channel == 0 ? 0.229f : channel == 1 ? 0.224f : 0.225f;
}
