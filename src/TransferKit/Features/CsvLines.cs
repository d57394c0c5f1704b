using System.Text;

namespace TransferKit.Features;

/// <summary>Splits text into the fields of CSV (RFC 4180).</summary>
internal static class CsvLines
{
    private const int MostFieldLength = 1 << 20;

    /// <summary>Reads the fields of the next record; returns null at the end.</summary>
    /// <exception cref="FormatException">A quote does not end, or a field is too long.</exception>
    public static List<string>? Next(TextReader reader)
    {
        if (reader.Peek() < 0)
            return null;
        var (fields, field) = (new List<string>(), new StringBuilder());
        while (true)
        {
            var c = reader.Read();
            switch (c)
            {
                case '"' when field.Length == 0:
                    Quoted(reader, field);
                    break;
                case ',':
                    fields.Add(Take(field));
                    break;
                case '\r' when reader.Peek() == '\n':
                    break;
                case '\n' or < 0:
                    fields.Add(Take(field));
                    return fields;
                default:
                    Append(field, c);
                    break;
            }
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

    private static string Take(StringBuilder field)
    {
        var text = field.ToString();
        field.Clear();
        return text;
    }
}
