using Microsoft.Win32.SafeHandles;

namespace TransferKit.WeightSources.Hdf5;

/// <summary>
/// Reads the bytes of a file. Every address and length is checked against the file. Metadata is also charged to a budget, so that circular
/// structures cannot loop forever.
/// </summary>
internal sealed class Hdf5Bytes
{
    private const int WindowLength = 1 << 16;
    private const long LargestBudget = 1 << 28;

    private readonly Stream _stream;
    private readonly SafeFileHandle? _handle;
    private readonly byte[] _window = new byte[WindowLength];
    private long _windowStart;
    private int _windowLength;
    private long _budget;

    public Hdf5Bytes(Stream stream)
    {
        (_stream, Length) = (stream, stream.Length);
        _handle = (stream as FileStream)?.SafeFileHandle;
        // The budget allows several reads of the same structure.
        _budget = Math.Min(LargestBudget, 4 * Math.Min(Length, LargestBudget) + (1 << 20));
    }

    public long Length { get; }

    /// <summary>
    /// Fills the destination from an address on. The file is not memory-mapped, because a mapped file that another process truncates would
    /// crash this one.
    /// </summary>
    public void Read(long address, Span<byte> destination)
    {
        Check(address, destination.Length);
        try
        {
            if (_handle is null)
                _stream.Position = address;
            while (!destination.IsEmpty)
            {
                var read = _handle is null ? _stream.Read(destination) : RandomAccess.Read(_handle, destination, address);
                if (read == 0)
                    throw Hdf5Exception.Damaged("the file became shorter while it was read");
                destination = destination[read..];
                address += read;
            }
        }
        catch (IOException e)
        {
            throw new Hdf5Exception($"could not be read ({e.Message})", e);
        }
    }

    /// <summary>Reads a block of metadata.</summary>
    public byte[] Block(long address, long length)
    {
        Check(address, length);
        Charge(length);
        var block = new byte[length];
        if (length > WindowLength)
        {
            Read(address, block);
            return block;
        }
        if (address < _windowStart || address + length > _windowStart + _windowLength)
        {
            (_windowStart, _windowLength) = (address, 0);
            var wanted = (int)Math.Min(WindowLength, Length - address);
            Read(address, _window.AsSpan(0, wanted));
            _windowLength = wanted;
        }
        _window.AsSpan((int)(address - _windowStart), (int)length).CopyTo(block);
        return block;
    }

    /// <summary>Throws unless the range lies within the file.</summary>
    public void Check(long address, long length)
    {
        if (address < 0 || length < 0 || length > Length - address)
            throw Hdf5Exception.Damaged("it refers to bytes beyond the end of the file");
    }

    /// <summary>Charges metadata to the budget.</summary>
    public void Charge(long bytes)
    {
        if ((_budget -= bytes) < 0)
            throw Hdf5Exception.Damaged("its structures refer to each other without end, or are larger than the file");
    }
}
