using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace TransferKit.Analysis.Similarity;

/// <summary>Holds what is known of a row beside its codes. A row minus the mean is its codes times the scale, plus an error.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RowScale
{
    /// <summary>The value of one step of the codes.</summary>
    public float Scale;

    /// <summary>An upper bound of the error's length.</summary>
    public float Error;

    /// <summary>An upper bound of the length of the row minus the mean.</summary>
    public float Length;

    /// <summary>The part of the rank that does not depend on the query.</summary>
    public float Offset;

    /// <summary>The sum of the codes.</summary>
    public int Sum;
}

/// <summary>Represents the arrays of an index, in memory or in a mapped file.</summary>
internal sealed unsafe class IndexData : IDisposable
{
    private readonly IDisposable[] _owners;
    private bool _isDisposed;

    private IndexData(float* mean, RowScale* scales, sbyte* codes, float* vectors, params IDisposable[] owners)
    {
        Mean = mean;
        Scales = scales;
        Codes = codes;
        Vectors = vectors;
        _owners = owners;
    }

    public float* Mean { get; }

    public RowScale* Scales { get; }

    public sbyte* Codes { get; }

    public float* Vectors { get; }

    /// <summary>Returns the length of a row of codes.</summary>
    public static int Stride(int dimensions) => (dimensions + CodeProduct.Alignment - 1) / CodeProduct.Alignment * CodeProduct.Alignment;

    /// <summary>Uses arrays in memory.</summary>
    public static IndexData Of(float[] mean, RowScale[] scales, sbyte[] codes, ReadOnlyMemory<float> vectors)
    {
        MemoryHandle[] pins = [mean.AsMemory().Pin(), scales.AsMemory().Pin(), codes.AsMemory().Pin(), vectors.Pin()];
        return new(
            (float*)pins[0].Pointer, (RowScale*)pins[1].Pointer, (sbyte*)pins[2].Pointer, (float*)pins[3].Pointer,
            Array.ConvertAll(pins, p => (IDisposable)p));
    }

    /// <summary>Maps a part of a file that holds the arrays one after another.</summary>
    /// <param name="file">The file, which the new instance disposes.</param>
    /// <param name="start">The place of the first array.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="dimensions">The length of a vector.</param>
    public static IndexData Map(FileStream file, long start, int count, int dimensions)
    {
        var map = MemoryMappedFile.CreateFromFile(
            file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        var view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* at = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref at);
        at += view.PointerOffset + start;
        var mean = (float*)at;
        var scales = (RowScale*)(mean + dimensions);
        var codes = (sbyte*)(scales + count);
        var vectors = (float*)(codes + (long)count * Stride(dimensions));
        return new(mean, scales, codes, vectors, new Pointer(view), view, map, file);
    }

    /// <summary>Returns the number of bytes of the arrays in a file.</summary>
    public static long Bytes(int count, int dimensions) =>
        sizeof(float) * (long)dimensions + count * (sizeof(RowScale) + Stride(dimensions) + sizeof(float) * (long)dimensions);

    public ReadOnlySpan<float> Vector(int row, int dimensions) => new(Vectors + (long)row * dimensions, dimensions);

    /// <summary>Returns all vectors, valid until this instance is disposed.</summary>
    /// <exception cref="InvalidOperationException">There are more numbers than memory can have.</exception>
    public ReadOnlyMemory<float> VectorsOf(int count, int dimensions) => (long)count * dimensions <= int.MaxValue
        ? new AllVectors(this, count * dimensions).Memory
        : throw new InvalidOperationException(
            $"{count:N0} x {dimensions} features exceed a table, which has at most {int.MaxValue:N0} numbers. Divide the set.");

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        foreach (var owner in _owners)
            owner.Dispose();
    }

    // The memory of a file is no longer mapped after the index was disposed, and reading it would end the process.
    private sealed class AllVectors(IndexData data, int length) : MemoryManager<float>
    {
        public override Span<float> GetSpan() => new(Numbers, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(Numbers + elementIndex);

        private float* Numbers
        {
            get
            {
                ObjectDisposedException.ThrowIf(data._isDisposed, typeof(FeatureIndex));
                return data.Vectors;
            }
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }

    private sealed class Pointer(MemoryMappedViewAccessor view) : IDisposable
    {
        public void Dispose() => view.SafeMemoryMappedViewHandle.ReleasePointer();
    }
}
