namespace TransferKit.Analysis.Features;

/// <summary>Passes reports on in the thread that makes them, in their order.</summary>
internal sealed class Relay<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
