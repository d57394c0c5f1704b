namespace TransferKit.WeightSources.Hdf5;

/// <summary>Represents the type of elements, limited to the numbers and strings that Keras' files use.</summary>
/// <param name="Size">The size of an element in bytes.</param>
/// <param name="Number">The format of the number; null if the element is not a number.</param>
/// <param name="Text">The format of the string; null if the element is not a string.</param>
/// <param name="Description">The name of the type for messages.</param>
internal sealed record Datatype(int Size, NumberFormat? Number, StringFormat? Text, string Description)
{
    private static readonly string[] ClassNames =
    [
        "integers", "floats", "times", "strings", "bit fields", "opaque bytes", "records", "references", "named values",
        "lists of variable length", "arrays",
    ];

    public static Datatype Parse(ReadOnlySpan<byte> message)
    {
        var cursor = new Hdf5Cursor(message);
        var head = cursor.U32();
        var (version, kind, bits) = ((head >> 4) & 0xf, (int)(head & 0xf), head >> 8);
        var size = cursor.U32();
        if (version is < 1 or > 4 || size is 0 or > int.MaxValue)
            throw Hdf5Exception.Damaged("its datatype is invalid");
        var described = new Datatype((int)size, null, null, $"{(kind < ClassNames.Length ? ClassNames[kind] : "values")} of {size} bytes");
        switch (kind)
        {
            case 0:
                return described with { Number = Integer(ref cursor, bits, (int)size) };
            case 1:
                return described with { Number = Float(ref cursor, bits, (int)size) };
            case 3:
                return described with { Text = new StringFormat(VariableLength: false, (int)(bits & 0xf)) };
            // The base type of an enumeration follows; h5py writes booleans as one.
            case 8 when cursor.Remaining >= 8 && (message[8] & 0xf) == 0:
                return Parse(message[8..]);
            case 9 when (bits & 0xf) == 1:
                return described with { Text = new StringFormat(VariableLength: true, 0) };
            default:
                return described;
        }
    }

    private static NumberFormat? Integer(ref Hdf5Cursor cursor, uint bits, int size)
    {
        var whole = (cursor.U16(), cursor.U16()) == (0, 8 * size);
        return whole && size is 1 or 2 or 4 or 8
            ? new NumberFormat((bits & 8) != 0 ? NumberKind.Signed : NumberKind.Unsigned, size, BigEndian: (bits & 1) != 0) : null;
    }

    // Only IEEE formats are accepted: the places and sizes of exponent and mantissa in bits, and the exponent's bias.
    private static NumberFormat? Float(ref Hdf5Cursor cursor, uint bits, int size)
    {
        var whole = (cursor.U16(), cursor.U16()) == (0, 8 * size);
        var layout = (cursor.U8(), cursor.U8(), cursor.U8(), cursor.U8(), cursor.U32());
        var isIeee = size switch
        {
            2 => layout == (10, 5, 0, 10, 15u),
            4 => layout == (23, 8, 0, 23, 127u),
            8 => layout == (52, 11, 0, 52, 1023u),
            _ => false,
        };
        // A set high bit of the byte order marks VAX floats. IEEE floats have the sign in the highest bit and an implied leading one.
        var ordinary = (bits & 0x40) == 0 && ((bits >> 4) & 3) == 2 && ((bits >> 8) & 0xff) == 8 * size - 1;
        return whole && isIeee && ordinary ? new NumberFormat(NumberKind.Float, size, BigEndian: (bits & 1) != 0) : null;
    }
}
