namespace TransferKit;

/// <summary>Thrown when a feature set, or a file of features, is incomplete, corrupt or contradicts itself.</summary>
public sealed class FeatureSetException : TransferKitException
{
    internal FeatureSetException(string path, string why, Exception? innerException = null)
        : base($"'{path}': {why}", innerException) => Path = path;

    /// <summary>Gets the path of the file or folder at fault.</summary>
    public string Path { get; }
}

/// <summary>Thrown when a feature set was begun with other options, weights or preprocessing than an extraction has now.</summary>
public sealed class FeatureSetChangedException : TransferKitException
{
    internal FeatureSetChangedException(string path, IReadOnlyList<string> differences)
        : base(
            $"'{path}' was begun with other options: {string.Join("; ", differences)}. Use the same options, another folder, or --restart "
            + $"({nameof(FeatureSetOptions)}.{nameof(FeatureSetOptions.Restart)}), which computes all features again.") =>
        (Path, Differences) = (path, differences);

    /// <summary>Gets the path of the feature set.</summary>
    public string Path { get; }

    /// <summary>Gets what differs, each as <c>name: was X, is Y</c>.</summary>
    public IReadOnlyList<string> Differences { get; }
}

/// <summary>Thrown when another process is writing the same shard of a feature set.</summary>
public sealed class FeatureSetBusyException : TransferKitException
{
    internal FeatureSetBusyException(string path, string owner)
        : base(
            $"'{path}' is being written by {owner}. Wait until it ends, or let several processes share the work with --claim "
            + $"({nameof(FeatureSetOptions)}.{nameof(FeatureSetOptions.Claim)}).") =>
        (Path, Owner) = (path, owner);

    /// <summary>Gets the path of the shard.</summary>
    public string Path { get; }

    /// <summary>Gets the owner, such as <c>process 123 on node1</c>.</summary>
    public string Owner { get; }
}
