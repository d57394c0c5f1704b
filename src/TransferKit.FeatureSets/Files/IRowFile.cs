namespace TransferKit.FeatureSets.Files;

/// <summary>Represents rows of features that can be read several times.</summary>
internal interface IRowFile : IDisposable
{
    /// <summary>Gets the dimensions of the rows.</summary>
    IReadOnlyList<int> Shape { get; }

    /// <summary>Reads all rows in their order. With reuse, a later row may overwrite the features of a row.</summary>
    IAsyncEnumerable<FeatureRow> ReadAsync(bool reuseBuffer, CancellationToken cancellationToken);

    /// <summary>Reads the paths of all rows in their order.</summary>
    IAsyncEnumerable<string> ReadPathsAsync(CancellationToken cancellationToken);

    /// <summary>Finds the row of a path; returns null if there is none.</summary>
    Task<FeatureRow?> FindAsync(string path, CancellationToken cancellationToken);
}
