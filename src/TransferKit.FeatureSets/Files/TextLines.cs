using System.Runtime.CompilerServices;
using System.Text;
using TransferKit.Common;

namespace TransferKit.FeatureSets.Files;

/// <summary>Reads the lines of a text file, each of bounded length.</summary>
internal static class TextLines
{
    // A row of features has at most four million numbers of about sixteen characters each.
    private const int MostLength = 1 << 26;

    /// <param name="path">Path of the file.</param>
    /// <param name="corrupt">Creates the error of a line that is too long.</param>
    /// <param name="cancellationToken">Token to cancel reading.</param>
    public static async IAsyncEnumerable<string> ReadAsync(
        string path, Func<string, Exception> corrupt, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var text = new StreamReader(InputFile.Open(path));
        var (line, buffer) = (new StringBuilder(), new char[1 << 14]);
        while (await text.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            var (from, end) = (0, Array.IndexOf(buffer, '\n', 0, read));
            for (; end >= 0; (from, end) = (end + 1, Array.IndexOf(buffer, '\n', end + 1, read - end - 1)))
            {
                Append(from, end);
                yield return line.ToString();
                line.Clear();
            }
            Append(from, read);
        }
        if (line.Length > 0)
            yield return line.ToString();

        void Append(int from, int to)
        {
            if (line.Length + to - from > MostLength)
                throw corrupt($"a line has more than {MostLength} characters");
            line.Append(buffer, from, to - from);
        }
    }
}
