namespace TransferKit;

/// <summary>Represents the progress of one shard.</summary>
public sealed record ShardStatus
{
    /// <summary>Gets the index of the shard, from 0.</summary>
    public int Shard { get; init; }

    /// <summary>Gets whether the shard is complete.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Gets the number of files with features so far.</summary>
    public long Rows { get; init; }

    /// <summary>Gets the number of files without features so far.</summary>
    public long Failures { get; init; }

    /// <summary>Gets the process that writes the shard, such as <c>process 123 on node1</c>; null if there is none.</summary>
    public string? Owner { get; init; }
}
