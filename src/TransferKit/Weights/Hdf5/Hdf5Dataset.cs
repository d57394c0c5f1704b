using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents an array of numbers, which stay in the file until they are read.</summary>
internal sealed class Hdf5Dataset : Hdf5Object
{
    private const int ConvertedAtOnce = 1 << 20;

    private readonly Datatype _type;
    private readonly DataLayout _layout;
    private readonly FilterPipeline _filters;
    private readonly ChunkGrid? _grid;
    private StoredChunk[]? _chunks;

    public Hdf5Dataset(Hdf5File file, string path, int depth, ObjectHeader header) : base(file, path, depth)
    {
        if (header.Has(MessageType.ExternalFiles))
            throw Hdf5Exception.Refused("has its numbers in other files (external storage)");
        _type = Datatype.Parse(header.Get(MessageType.Datatype).Span);
        var space = Dataspace.Parse(header.Get(MessageType.Dataspace).Span);
        (Shape, Count) = ([.. space.Dimensions], space.Count);
        _layout = DataLayout.Parse(header.Get(MessageType.Layout));
        _filters = FilterPipeline.Parse(header.Find(MessageType.Filters));
        if (_layout is ChunkedLayout chunked)
            _grid = new ChunkGrid(space, chunked);
        CheckLength();
    }

    public ImmutableArray<long> Shape { get; }
    public long Count { get; }

    /// <summary>Fills the destination with numbers from flat index <paramref name="start"/> on.</summary>
    /// <exception cref="WeightsFormatException">The elements are not numbers, some are missing, or the array is damaged.</exception>
    public void Read(long start, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, Count - start);
        if (destination.IsEmpty)
            return;
        try
        {
            var format = _type.Number ?? throw Hdf5Exception.Damaged($"it holds {_type.Description}, not numbers");
            switch (_layout)
            {
                case CompactLayout compact:
                    format.ToFloats(compact.Data.AsSpan((int)(start * format.Size)..).ToArray(), destination);
                    break;
                case ContiguousLayout contiguous:
                    ReadContiguous(contiguous.Address + start * format.Size, format, destination);
                    break;
                case ChunkedLayout chunked:
                    ReadChunks(chunked, format, start, destination);
                    break;
            }
        }
        catch (Hdf5Exception e)
        {
            throw File.Error(Path, e);
        }
    }

    private void CheckLength()
    {
        var bytes = (double)Count * _type.Size;
        switch (_layout)
        {
            case CompactLayout compact when compact.Data.Length < bytes:
                throw Hdf5Exception.Damaged("it has fewer elements than its shape");
            case ContiguousLayout contiguous when Count > 0:
                if (contiguous.Address == Hdf5Cursor.Undefined)
                    throw NeverWritten();
                if (contiguous.Length < bytes)
                    throw Hdf5Exception.Damaged("it has fewer elements than its shape");
                File.Bytes.Check(contiguous.Address, contiguous.Length);
                break;
            case ChunkedLayout chunked when Count > 0:
                if (chunked.Address == Hdf5Cursor.Undefined)
                    throw NeverWritten();
                if (chunked.ElementSize != _type.Size)
                    throw Hdf5Exception.Damaged("its chunks have elements of a different size");
                break;
        }
    }

    private void ReadContiguous(long address, NumberFormat format, Span<float> destination)
    {
        if (format.IsNative)
        {
            File.Bytes.Read(address, MemoryMarshal.AsBytes(destination));
            return;
        }
        var stored = new byte[Math.Min(destination.Length, ConvertedAtOnce) * format.Size];
        while (!destination.IsEmpty)
        {
            var part = destination[..Math.Min(destination.Length, ConvertedAtOnce)];
            var bytes = stored.AsSpan(0, part.Length * format.Size);
            File.Bytes.Read(address, bytes);
            format.ToFloats(bytes, part);
            destination = destination[part.Length..];
            address += bytes.Length;
        }
    }

    private void ReadChunks(ChunkedLayout layout, NumberFormat format, long start, Span<float> destination)
    {
        var grid = _grid!;
        _chunks ??= ChunkIndex.Read(File.Bytes, grid, layout, filtered: !_filters.IsEmpty);
        var runs = new ChunkRuns(grid);
        byte[] stored = [];
        for (var chunk = 0; chunk < _chunks.Length; chunk++)
        {
            if (!runs.MoveTo(chunk, start, start + destination.Length))
                continue;
            var (address, length, skipped) = _chunks[chunk];
            if (!_chunks[chunk].IsWritten)
                throw NeverWritten();
            if (length > _filters.LongestStored(grid.ChunkBytes))
                throw Hdf5Exception.Damaged("a chunk is longer than its shape");
            if (stored.Length < length)
                stored = new byte[length];
            File.Bytes.Read(address, stored.AsSpan(0, (int)length));
            if (layout.EdgesAreUnfiltered && runs.IsAtEdge)
                skipped = uint.MaxValue;
            var numbers = _filters.Undo(stored.AsMemory(0, (int)length), skipped, grid.ChunkBytes).Span;
            foreach (var (from, to, count) in runs.Within(start, start + destination.Length))
                format.ToFloats(numbers[(int)(from * format.Size)..], destination.Slice((int)(to - start), (int)count));
        }
    }

    private static Hdf5Exception NeverWritten() =>
        new("has numbers that were never written; save the weights again and wait until saving has finished");
}
