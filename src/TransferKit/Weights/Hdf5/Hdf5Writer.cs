using System.Runtime.InteropServices;
using System.Text;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>
/// Writes HDF5 as h5py does by default, which every HDF5 library reads. That is superblock 0, groups with symbol tables, object headers of
/// version 1 and contiguous float32 arrays. The whole file is planned and then written in one pass. The stream need not support seeking,
/// and arrays are written in pieces.
/// </summary>
/// <remarks>
/// The format is "HDF5 File Format Specification Version 3.0". Other number types, chunks, filters, links and lists of strings over 64 KB
/// throw <see cref="NotSupportedException"/> before the first byte is written.
/// </remarks>
internal sealed class Hdf5Writer
{
    private const int PieceLength = 1 << 22;
    private const long Undefined = -1;

    private readonly List<Hdf5WriteBlock> _blocks = [];
    private readonly List<Hdf5WriteDataset> _arrays = [];
    private readonly Dictionary<Hdf5WriteDataset, long> _addresses = [];
    private readonly Dictionary<Hdf5WriteObject, Planned> _planned = [];
    private readonly Hdf5WriteGlobalHeap _heap = new();
    private readonly long _end;

    private Hdf5Writer(Hdf5WriteGroup root)
    {
        var objects = new List<Hdf5WriteObject> { root };
        for (var i = 0; i < objects.Count; i++)
        {
            if (objects[i] is Hdf5WriteGroup group)
                objects.AddRange(group.Children.Values);
        }
        _blocks.Add(new(bytes => WriteSuperblock(bytes, _planned[root])));
        // A group comes after its children, because it contains their addresses.
        foreach (var item in Enumerable.Reverse(objects))
            _planned.Add(item, item is Hdf5WriteGroup group ? Plan(group) : Plan((Hdf5WriteDataset)item));
        _blocks.AddRange(_heap.Collections);
        foreach (var block in _blocks)
        {
            block.Address = _end;
            _end += block.Content().Length;
        }
        foreach (var dataset in objects.OfType<Hdf5WriteDataset>().Where(d => d.Count > 0))
        {
            _arrays.Add(dataset);
            _addresses.Add(dataset, _end);
            _end = checked(_end + ByteCount(dataset) + Padding(dataset));
        }
    }

    /// <summary>Writes the tree at the stream's position, which becomes the start of the file.</summary>
    /// <exception cref="NotSupportedException">The tree has a feature that this class cannot write.</exception>
    public static void Write(Stream stream, Hdf5WriteGroup root, CancellationToken cancellationToken = default)
    {
        var writer = new Hdf5Writer(root);
        foreach (var block in writer._blocks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            stream.Write(block.Content().Span);
        }
        foreach (var dataset in writer._arrays)
            WriteArray(stream, dataset, cancellationToken);
    }

    private static long ByteCount(Hdf5WriteDataset dataset) => checked(dataset.Count * sizeof(float));

    // Arrays are aligned to 8 bytes, so that a memory-mapped file can be read in place.
    private static int Padding(Hdf5WriteDataset dataset) => (int)(-ByteCount(dataset) & 7);

    private static void WriteArray(Stream stream, Hdf5WriteDataset dataset, CancellationToken cancellationToken)
    {
        var piece = new float[Math.Min(dataset.Count, PieceLength)];
        for (var start = 0L; start < dataset.Count; start += piece.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var numbers = piece.AsSpan(0, (int)Math.Min(piece.Length, dataset.Count - start));
            dataset.Read(start, numbers);
            stream.Write(MemoryMarshal.AsBytes(numbers));
        }
        stream.Write(stackalloc byte[Padding(dataset)]);
    }

    private Planned Plan(Hdf5WriteGroup group)
    {
        // HDF5 sorts symbol tables by the names' bytes, as strcmp does.
        var links = group.Children
            .Select(c => new Hdf5WriteLink(Encoding.UTF8.GetBytes(c.Key), _planned[c.Value].Header, _planned[c.Value].Table))
            .Order()
            .ToArray();
        var table = new Hdf5WriteSymbolTable(links);
        _blocks.AddRange(table.Blocks);
        return new(Header(group, new Hdf5WriteMessage(0x11, 0, table.WriteAddresses)), table);
    }

    private Planned Plan(Hdf5WriteDataset dataset) => new(
        Header(
            dataset,
            new(0x01, 0, bytes =>
            {
                bytes.Byte(1).Byte(dataset.Shape.Length).Zeros(6);
                foreach (var length in dataset.Shape)
                    bytes.UInt64(length);
            }),
            new(0x03, 1, bytes => bytes.Bytes(Hdf5WriteTypes.Float32)),
            // This is the default fill value: space is allocated late, and filled only if a user sets a value.
            new(0x05, 1, bytes => bytes.Bytes([2, 2, 2, 1]).UInt32(0)),
            new(0x08, 0, bytes =>
                bytes.Byte(3).Byte(1).UInt64(_addresses.GetValueOrDefault(dataset, Undefined)).UInt64(ByteCount(dataset)))),
        null);

    private Hdf5WriteBlock Header(Hdf5WriteObject item, params ReadOnlySpan<Hdf5WriteMessage> own)
    {
        Hdf5WriteMessage[] messages = [.. own, .. item.Attributes.Select(a => a.ToMessage(_heap))];
        if (messages.Length > ushort.MaxValue)
            throw new NotSupportedException($"an HDF5 object has at most {ushort.MaxValue:N0} messages, not {messages.Length:N0}");
        var header = new Hdf5WriteBlock(bytes =>
        {
            var contents = messages.Select(m => new Hdf5WriteBlock(m.Write).Content()).ToArray();
            bytes.Byte(1).Byte(0).UInt16(messages.Length).UInt32(1).UInt32(contents.Sum(c => 8L + c.Length)).Align();
            foreach (var (message, content) in messages.Zip(contents))
                bytes.UInt16(message.Type).UInt16(content.Length).Byte(message.Flags).Zeros(3).Bytes(content.Span);
        });
        _blocks.Add(header);
        return header;
    }

    private void WriteSuperblock(Hdf5WriteBytes bytes, Planned root)
    {
        const int AddressSize = 8;
        bytes.Bytes(FileSignature.Hdf5Signature).Zeros(5).Byte(AddressSize).Byte(AddressSize).Byte(0);
        bytes.UInt16(Hdf5WriteSymbolTable.LeafK).UInt16(Hdf5WriteSymbolTable.InternalK).UInt32(0);
        bytes.UInt64(0).UInt64(Undefined).UInt64(_end).UInt64(Undefined);
        Hdf5WriteSymbolTable.WriteEntry(bytes, 0, root.Header, root.Table);
    }

    private sealed record Planned(Hdf5WriteBlock Header, Hdf5WriteSymbolTable? Table);
}
