using System.Text;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents the format of a string.</summary>
/// <param name="VariableLength">Whether the element is a reference into a global heap; otherwise it contains the bytes.</param>
/// <param name="Padding">The padding of a fixed length: 0 and 1 are zeros, 2 is spaces.</param>
internal sealed record StringFormat(bool VariableLength, int Padding)
{
    private const int ReferenceLength = 16;

    /// <summary>Reads the string of one element.</summary>
    public string Read(ReadOnlySpan<byte> element, GlobalHeap heap)
    {
        if (!VariableLength)
        {
            var end = Padding switch
            {
                0 => element.IndexOf((byte)0),
                1 => element.TrimEnd((byte)0).Length,
                _ => element.TrimEnd((byte)' ').Length,
            };
            return Encoding.UTF8.GetString(end < 0 ? element : element[..end]);
        }
        if (element.Length != ReferenceLength)
            throw Hdf5Exception.Damaged("a string of variable length has no reference to its bytes");
        var reference = new Hdf5Cursor(element);
        var length = reference.U32();
        return length == 0 ? "" : Encoding.UTF8.GetString(heap.Read(reference.Address(), (int)reference.U32(), length)).TrimEnd('\0');
    }
}
