using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransferKit.Analysis.Linear;

/// <summary>Represents a vector register of numbers, so that one kernel serves registers of any width.</summary>
internal interface ILanes<TSelf, T>
    where TSelf : struct, ILanes<TSelf, T>
{
    static abstract int Count { get; }
    static abstract TSelf Load(ref T source);
    static abstract TSelf Broadcast(T value);
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);
    void Store(ref T destination);
}

/// <summary>Holds 512 bits, for processors with AVX-512. <see cref="Vector{T}"/> has 256 there.</summary>
internal readonly struct WideLanes<T>(Vector512<T> value) : ILanes<WideLanes<T>, T>
{
    private readonly Vector512<T> _value = value;

    public static int Count => Vector512<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes<T> Load(ref T source) => new(Vector512.LoadUnsafe(ref source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes<T> Broadcast(T value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes<T> MultiplyAdd(WideLanes<T> a, WideLanes<T> b, WideLanes<T> c) => typeof(T) == typeof(float)
        ? new(Vector512.FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).As<float, T>())
        : new(Vector512.FusedMultiplyAdd(a._value.AsDouble(), b._value.AsDouble(), c._value.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref T destination) => _value.StoreUnsafe(ref destination);
}

/// <summary>Holds as many bits as the processor's usual vectors.</summary>
internal readonly struct UsualLanes<T>(Vector<T> value) : ILanes<UsualLanes<T>, T>
{
    private readonly Vector<T> _value = value;

    public static int Count => Vector<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UsualLanes<T> Load(ref T source) => new(Vector.LoadUnsafe(ref source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UsualLanes<T> Broadcast(T value) => new(new Vector<T>(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UsualLanes<T> MultiplyAdd(UsualLanes<T> a, UsualLanes<T> b, UsualLanes<T> c) => typeof(T) == typeof(float)
        ? new(Vector.FusedMultiplyAdd(a._value.As<T, float>(), b._value.As<T, float>(), c._value.As<T, float>()).As<float, T>())
        : new(Vector.FusedMultiplyAdd(a._value.As<T, double>(), b._value.As<T, double>(), c._value.As<T, double>()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref T destination) => _value.StoreUnsafe(ref destination);
}
