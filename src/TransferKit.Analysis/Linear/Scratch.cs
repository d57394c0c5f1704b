using System.Buffers;

namespace TransferKit.Analysis.Linear;

/// <summary>
/// Represents memory of zeros for a part of a computation, from a pool. Large arrays that live for one block of rows would make the system
/// map and clear new pages for each block, and the peak of memory grow.
/// </summary>
internal readonly struct Scratch<T> : IDisposable
{
    /// <param name="length">The number of elements.</param>
    public Scratch(int length)
    {
        (Length, Array) = (length, ArrayPool<T>.Shared.Rent(length));
        Span.Clear();
    }

    /// <summary>Gets the array, which may be longer than was asked for.</summary>
    public T[] Array { get; }

    public int Length { get; }

    public Span<T> Span => Array.AsSpan(0, Length);

    public void Dispose() => ArrayPool<T>.Shared.Return(Array);
}
