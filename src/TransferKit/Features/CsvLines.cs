using System.Text;

namespace TransferKit.Features;

/// <summary>Splits text into the fields of CSV, and quotes fields that need it (RFC 4180).</summary>
internal static class CsvLines
{
    // A row of features has at most four million numbers of about sixteen characters each.
    private const int MostFieldLength = 1 << 20;
    private const int MostRecordLength = 1 << 26;
    private const int MostFields = (1 << 22) + 64;

    /// <summary>Returns a field as CSV has it: in quotes if it holds a comma, a quote or the end of a line.</summary>
    public static string Field(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Reads the fields of the next record; returns null at the end.</summary>
    /// <exception cref="FormatException">A quote does not end, or a field or the record is too long.</exception>
    public static List<string>? Next(TextReader reader)
    {
        if (reader.Peek() < 0)
            return null;
        var (fields, field, length) = (new List<string>(), new StringBuilder(), 0);
        while (true)
        {
            var c = reader.Read();
            switch (c)
            {
                case '"' when field.Length == 0:
                    Quoted(reader, field);
                    break;
                case ',':
                    Add();
                    break;
                case '\r' when reader.Peek() == '\n':
                    break;
                case '\n' or < 0:
                    Add();
                    return fields;
                default:
                    Append(field, c);
                    break;
            }
        }

        void Add()
        {
            length += field.Length;
            if (length > MostRecordLength || fields.Count == MostFields)
                throw new FormatException($"a line has more than {MostRecordLength} characters or {MostFields} fields");
            fields.Add(field.ToString());
            field.Clear();
        }
    }

    private static void Quoted(TextReader reader, StringBuilder field)
    {
        while (true)
        {
            var c = reader.Read();
            if (c < 0)
                throw new FormatException("a quoted field does not end");
            if (c == '"')
            {
                if (reader.Peek() != '"')
                    return;
                reader.Read();
            }
            Append(field, c);
        }
    }

    private static void Append(StringBuilder field, int c)
    {
        if (field.Length >= MostFieldLength)
            throw new FormatException($"a field has more than {MostFieldLength} characters");
        field.Append((char)c);
    }
}
