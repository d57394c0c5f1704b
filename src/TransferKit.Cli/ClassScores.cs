using System.Globalization;
using TransferKit.Common;

namespace TransferKit.Cli;

/// <summary>Prints the scores of each class, after a blank line.</summary>
internal static class ClassScores
{
    public static void Print(IEnumerable<(string Label, double Precision, double Recall, int Images)> classes)
    {
        var table = new TextTable("Class", "Precision", "Recall", "Images");
        foreach (var (label, precision, recall, images) in classes)
            table.Add(Printable.Of(label), Share(precision), Share(recall), images.ToString(CultureInfo.InvariantCulture));
        table.Print(markdown: false);
    }

    private static string Share(double share) => share.ToString("0.000", CultureInfo.InvariantCulture);
}
