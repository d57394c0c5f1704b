using Parquet;
using Parquet.Schema;

namespace TransferKit.FeatureSets.Storage;

/// <summary>Defines the columns of a shard. Other programs read them by these names.</summary>
internal static class RowSchema
{
    /// <summary>The key of a file's metadata that holds the shape of the features, such as <c>7,7,512</c>.</summary>
    public const string ShapeKey = "transferkit.shape";

    /// <summary>The key of a file's metadata that holds a hash of the manifest.</summary>
    public const string StampKey = "transferkit.stamp";

    /// <summary>The key of a file's metadata that holds the number of rows without features.</summary>
    public const string FailuresKey = "transferkit.failures";

    // Features are incompressible, and each version of a compressor may write other bytes.
    public static ParquetOptions Options { get; } = new() { CompressionMethod = CompressionMethod.None };

    public static DataField Path { get; } = new("path", typeof(string), isNullable: false);
    public static DataField Number { get; } = new("element", typeof(float), isNullable: false);
    public static DataField Width { get; } = new("width", typeof(int), isNullable: true);
    public static DataField Height { get; } = new("height", typeof(int), isNullable: true);
    public static DataField Sha256 { get; } = new("sha256", typeof(string), isNullable: true);
    public static DataField Bytes { get; } = new("bytes", typeof(long), isNullable: false);

    public static DateTimeDataField Modified { get; } = new(
        "modified", DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, isNullable: false);

    public static DataField Reason { get; } = new("reason", typeof(string), isNullable: true);
    public static DataField Message { get; } = new("message", typeof(string), isNullable: true);

    public static ParquetSchema Schema { get; } = new(
        Path, new ListField("features", Number), Width, Height, Sha256, Bytes, Modified, Reason, Message);

    /// <summary>
    /// Returns the number of rows of a group, about 16 MB of features. It depends on the shape alone, so that bytes are the same.
    /// </summary>
    public static int GroupRows(int rowLength) => Math.Clamp((1 << 22) / rowLength, 1, 8192);

    /// <summary>Rounds a time to the microseconds of the column.</summary>
    public static DateTime Rounded(DateTime time) => new(time.Ticks / 10 * 10, DateTimeKind.Utc);
}
