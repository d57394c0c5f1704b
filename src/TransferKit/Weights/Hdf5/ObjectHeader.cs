namespace TransferKit.WeightSources.Hdf5;

/// <summary>Specifies the types of header messages that the reader uses.</summary>
internal enum MessageType
{
    Dataspace = 0x01,
    LinkInfo = 0x02,
    Datatype = 0x03,
    Link = 0x06,
    ExternalFiles = 0x07,
    Layout = 0x08,
    GroupInfo = 0x0a,
    Filters = 0x0b,
    Attribute = 0x0c,
    Continuation = 0x10,
    SymbolTable = 0x11,
    AttributeInfo = 0x15,
    LastKnown = 0x17,
}

/// <summary>Represents one message of an object's header.</summary>
internal readonly record struct HeaderMessage(MessageType Type, bool Shared, ReadOnlyMemory<byte> Data);

/// <summary>Reads all messages of an object's header (version 1 or 2), including those in continuation blocks.</summary>
internal sealed class ObjectHeader
{
    private const int MostMessages = 1 << 16;
    private const int SharedFlag = 2;
    private const int MustBeKnownFlag = 0x80;

    private readonly Hdf5Bytes _file;
    private readonly List<HeaderMessage> _messages = [];
    private readonly Queue<(long Address, long Length)> _continuations = [];
    private readonly bool _old;
    private readonly bool _numbered;

    private ObjectHeader(Hdf5Bytes file, long address)
    {
        _file = file;
        if (file.Block(address, 6) is [(byte)'O', (byte)'H', (byte)'D', (byte)'R', 2, var flags])
        {
            _numbered = (flags & 4) != 0;
            var sizeLength = 1 << (flags & 3);
            // Four times and two limits for attributes are optional before the size.
            var prefix = 6 + ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0) + sizeLength;
            var size = new Hdf5Cursor(file.Block(address, prefix).AsSpan(prefix - sizeLength)).Unsigned(sizeLength);
            file.Check(address, size);
            var block = file.Block(address, prefix + size + 4);
            Hdf5Checksum.Verify(block, "object header");
            ReadMessages(block.AsMemory(prefix..^4));
        }
        else
        {
            _old = true;
            var prefix = new Hdf5Cursor(file.Block(address, 16));
            if (prefix.U8() != 1)
                throw Hdf5Exception.Damaged("its object header is missing");
            prefix.Skip(7);
            ReadMessages(file.Block(address + 16, prefix.U32()));
        }
        while (_continuations.TryDequeue(out var next))
            ReadContinuation(next.Address, next.Length);
    }

    public static ObjectHeader Read(Hdf5Bytes file, long address) => new(file, address);

    public bool Has(MessageType type) => _messages.Exists(m => m.Type == type);

    /// <summary>Finds the data of the message of a type; null if there is none.</summary>
    public ReadOnlyMemory<byte>? Find(MessageType type)
    {
        foreach (var data in All(type))
            return data;
        return null;
    }

    /// <summary>Gets the data of the message of a type, and throws if there is none.</summary>
    public ReadOnlyMemory<byte> Get(MessageType type) => Find(type) ?? throw Hdf5Exception.Damaged($"its header has no {type} message");

    public IEnumerable<ReadOnlyMemory<byte>> All(MessageType type) => _messages.Where(m => m.Type == type).Select(m =>
        m.Shared ? throw Hdf5Exception.Refused($"shares its {type} message with other objects (as a committed datatype does)") : m.Data);

    private void ReadContinuation(long address, long length)
    {
        var block = _file.Block(address, length);
        if (_old)
        {
            ReadMessages(block);
            return;
        }
        new Hdf5Cursor(block).Signature("OCHK"u8, "continued object header");
        Hdf5Checksum.Verify(block, "continued object header");
        ReadMessages(block.AsMemory(4..^4));
    }

    private void ReadMessages(ReadOnlyMemory<byte> block)
    {
        var head = _old ? 8 : _numbered ? 6 : 4;
        // A rest that is shorter than a message's head is a gap.
        while (block.Length >= head)
        {
            var cursor = new Hdf5Cursor(block.Span);
            var type = (MessageType)(_old ? cursor.U16() : cursor.U8());
            var length = cursor.U16();
            var flags = cursor.U8();
            if (length > block.Length - head)
                throw Hdf5Exception.Damaged("a message is longer than its object header");
            Add(type, flags, block.Slice(head, length));
            block = block[(head + length)..];
        }
    }

    private void Add(MessageType type, int flags, ReadOnlyMemory<byte> data)
    {
        if (_messages.Count == MostMessages)
            throw Hdf5Exception.Damaged("its object header has too many messages");
        if (type > MessageType.LastKnown && (flags & MustBeKnownFlag) != 0)
            throw Hdf5Exception.Refused($"has a header message of the unknown type {type}");
        if (type == MessageType.Continuation)
        {
            var cursor = new Hdf5Cursor(data.Span);
            _continuations.Enqueue((cursor.Address(), cursor.Length()));
        }
        _messages.Add(new HeaderMessage(type, (flags & SharedFlag) != 0, data));
    }
}
