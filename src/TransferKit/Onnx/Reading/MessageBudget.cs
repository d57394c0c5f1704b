using Google.Protobuf.Reflection;

namespace TransferKit.Onnx.Reading;

/// <summary>
/// Estimates the memory that a parsed message would take, before it is parsed. Two bytes of a file can become an object of two hundred, so
/// the size of the file bounds nothing.
/// </summary>
internal static class MessageBudget
{
    private const int DeepestMessage = 100;
    private const long BytesOfMessage = 200;
    private const long BytesOfValue = 40;

    /// <summary>Returns the estimate in bytes; null if the bytes are no message of that type.</summary>
    public static long? Estimate(ReadOnlySpan<byte> message, MessageDescriptor type)
    {
        long total = 0;
        return TryAdd(message, type, 0, ref total) ? total : null;
    }

    private static bool TryAdd(ReadOnlySpan<byte> message, MessageDescriptor type, int depth, ref long total)
    {
        if (depth > DeepestMessage)
            return false;
        total += BytesOfMessage;
        while (!message.IsEmpty)
        {
            if (!TryVarint(ref message, out var tag) || tag >> 3 is 0 or > int.MaxValue)
                return false;
            var length = 0UL;
            switch (tag & 7)
            {
                case 0 when TryVarint(ref message, out _):
                    total += BytesOfValue;
                    continue;
                case 1 or 5:
                    total += BytesOfValue;
                    length = (tag & 7) == 1 ? 8UL : 4UL;
                    break;
                case 2 when TryVarint(ref message, out length):
                    break;
                default:
                    return false;
            }
            if (length > (ulong)message.Length)
                return false;
            var content = message[..(int)length];
            message = message[(int)length..];
            if ((tag & 7) != 2)
                continue;
            var field = type.FindFieldByNumber((int)(tag >> 3));
            if (field is { FieldType: FieldType.Message })
            {
                if (!TryAdd(content, field.MessageType, depth + 1, ref total))
                    return false;
            }
            else
            {
                // Packed numbers take up to eight bytes for each byte of the file.
                var isNumbers = field is { FieldType: not (FieldType.Bytes or FieldType.String or FieldType.Float or FieldType.Double) };
                total += BytesOfValue + ((long)length * (isNumbers ? sizeof(ulong) : 1));
            }
        }
        return true;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> message, out ulong value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(message.Length, 10); i++)
        {
            value |= (ulong)(message[i] & 0x7F) << (7 * i);
            if (message[i] < 0x80)
            {
                message = message[(i + 1)..];
                return true;
            }
        }
        return false;
    }
}
