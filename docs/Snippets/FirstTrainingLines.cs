using TransferKit;
using TransferKit.Training;

namespace Snippets;

// The first lines of a program that trains.
internal static class FirstTrainingLines
{
    public static (Pooling Pooling, Head Head) Choices => (Pooling.Avg, Head.Linear);
}
