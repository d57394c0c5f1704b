using TransferKit.Analysis.Features;
using TransferKit.FeatureSets.Extraction;

namespace TransferKit;

/// <summary>Represents feature vectors in memory, each with the name of its picture. All numbers are finite. It is immutable.</summary>
public sealed class FeatureTable
{
    private readonly ReadOnlyMemory<float> _numbers;

    private FeatureTable(
        IReadOnlyList<string> names, ReadOnlyMemory<float> numbers, int dimensions, IReadOnlyDictionary<string, string> stamp)
    {
        ThrowIfEmpty(names.Count);
        (Names, _numbers, Dimensions, Stamp) = (names, numbers, dimensions, stamp);
        for (var row = 0; row < names.Count; row++)
            SetRows.ThrowIfNotFinite(names[row], this[row]);
    }

    /// <summary>Gets the names of the pictures in the order of the rows, such as <c>cats/1.jpg</c>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Gets the number of rows.</summary>
    public int Count => Names.Count;

    /// <summary>Gets the length of each vector.</summary>
    public int Dimensions { get; }

    /// <summary>Gets what determines the features, as <see cref="FeatureSet.Stamp"/> has it; empty if that is unknown.</summary>
    public IReadOnlyDictionary<string, string> Stamp { get; }

    /// <summary>Gets all vectors, one after another.</summary>
    internal ReadOnlyMemory<float> Numbers => _numbers;

    /// <summary>Gets the vector of a row.</summary>
    /// <param name="row">The index of the row.</param>
    public ReadOnlySpan<float> this[int row] => _numbers.Span.Slice(row * Dimensions, Dimensions);

    /// <summary>Creates a table on vectors in memory, which are not copied.</summary>
    /// <param name="names">The name of each row.</param>
    /// <param name="features">The vectors, one after another: as many for each row.</param>
    /// <param name="stamp">What determines the features. Defaults to unknown.</param>
    /// <exception cref="ArgumentException">The number of features is no multiple of the number of names.</exception>
    /// <exception cref="FeatureDataException">There are no features, or one is NaN or infinite.</exception>
    public static FeatureTable Of(
        IReadOnlyList<string> names, ReadOnlyMemory<float> features, IReadOnlyDictionary<string, string>? stamp = null)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count > 0 && (features.Length == 0 || features.Length % names.Count != 0))
        {
            throw new ArgumentException(
                $"There are {features.Length} numbers for {names.Count} rows; each row needs as many numbers.", nameof(features));
        }
        return new(names, features, names.Count == 0 ? 0 : features.Length / names.Count, stamp ?? new Dictionary<string, string>());
    }

    /// <summary>Creates a table from the rows of an extraction. Rows without features are left out.</summary>
    /// <param name="rows">The rows, such as the values of <c>extractor.Extract("photos")</c>.</param>
    /// <param name="backbone">
    /// The backbone that extracted the rows with its own options of images, for the stamp. Defaults to unknown.
    /// </param>
    /// <exception cref="ArgumentException">The rows have different lengths.</exception>
    /// <exception cref="FeatureDataException">There are no features, or one is NaN or infinite.</exception>
    public static FeatureTable Of(IEnumerable<FeatureRow> rows, IBackbone? backbone = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var builder = new Builder();
        foreach (var row in rows)
            builder.Add(row);
        return builder.Build(backbone is null ? new Dictionary<string, string>() : SetStamp.Of(backbone, backbone.Images));
    }

    /// <summary>Reads all features of a set into memory. Rows without features are left out.</summary>
    /// <param name="set">The set.</param>
    /// <param name="progress">Progress reporter for the number of rows read.</param>
    /// <param name="cancellationToken">Token to cancel reading.</param>
    /// <exception cref="FeatureSetException">A file of the set is corrupt.</exception>
    /// <exception cref="FeatureDataException">There are no features, one is NaN or infinite, or the set changed meanwhile.</exception>
    public static async Task<FeatureTable> ReadAsync(
        FeatureSet set, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        return await SetRows.UnchangedAsync(set, async () =>
        {
            var builder = new Builder();
            await foreach (var row in SetRows.ReadAsync(set, cancellationToken).ConfigureAwait(false))
            {
                builder.Add(row);
                progress?.Report(builder.Count);
            }
            return builder.Build(set.Stamp);
        }).ConfigureAwait(false);
    }

    /// <summary>Returns a table with the rows of this one and then those of another.</summary>
    /// <param name="other">The other table.</param>
    /// <exception cref="ArgumentException">The vectors of the other table have another length.</exception>
    /// <exception cref="FeatureDataException">The features were extracted by another backbone, other weights or preparations.</exception>
    public FeatureTable Join(FeatureTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        FeatureStamp.ThrowIfMixed(Stamp, other.Stamp, "the other table");
        ThrowIfOtherLength(other.Dimensions, Dimensions, nameof(other));
        return new([.. Names, .. other.Names], (float[])[.. _numbers.Span, .. other._numbers.Span], Dimensions, Stamp);
    }

    /// <summary>Returns the label of each row: the first folder of its name, such as <c>cats</c> of <c>cats/1.jpg</c>.</summary>
    /// <exception cref="FeatureDataException">A row's name has no folder.</exception>
    public IReadOnlyList<string> LabelsByFolder() => [.. Names.Select(name => FolderOf(name)
        ?? throw new FeatureDataException(
            FeatureDataError.UnknownName,
            $"'{name}' is in no folder, so its class is unknown. Put the pictures of each class into a folder of its own, such as "
            + $"'cats/{name}', or give the labels."))];

    /// <summary>Returns the first folder of a name, the class of its picture; null if it is in none.</summary>
    internal static string? FolderOf(string name) => name.IndexOf('/', StringComparison.Ordinal) is > 0 and var end ? name[..end] : null;

    /// <summary>Returns the label of each row from a table of labels.</summary>
    /// <param name="labels">The label of each row's name.</param>
    /// <exception cref="FeatureDataException">A label names no row, or a row has no label.</exception>
    public IReadOnlyList<string> LabelsFrom(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var known = Names.ToHashSet(StringComparer.Ordinal);
        if (labels.Keys.FirstOrDefault(name => !known.Contains(name)) is { } stranger)
        {
            throw new FeatureDataException(
                FeatureDataError.UnknownName,
                $"The label of '{stranger}' names no row of the features. Their names are such as '{Names[0]}'.");
        }
        return [.. Names.Select(name => labels.TryGetValue(name, out var label)
            ? label
            : throw new FeatureDataException(FeatureDataError.UnknownName, $"'{name}' has no label. Add one, or leave the row out."))];
    }

    /// <summary>Returns <c>100 x 1280 features</c>.</summary>
    public override string ToString() => $"{Count} x {Dimensions} features";

    internal static void ThrowIfEmpty(int count)
    {
        if (count == 0)
        {
            throw new FeatureDataException(
                FeatureDataError.Empty, "There are no features: none were given, or no picture could be read.");
        }
    }

    internal static void ThrowIfOtherLength(int length, int expected, string parameter)
    {
        if (length != expected)
            throw new ArgumentException($"The vector has {length} numbers; {expected} are expected.", parameter);
    }

    private sealed class Builder
    {
        private readonly List<string> _names = [];
        private float[] _numbers = [];
        private int _dimensions;

        public int Count => _names.Count;

        public void Add(FeatureRow row)
        {
            if (row.IsSkipped)
                return;
            if (_names.Count == 0)
                _dimensions = row.Features.Length;
            ThrowIfOtherLength(row.Features.Length, _dimensions, nameof(row));
            var place = _names.Count * _dimensions;
            if (place + _dimensions > _numbers.Length)
                Array.Resize(ref _numbers, (int)Math.Min(Array.MaxLength, Math.Max(64L * _dimensions, 2L * _numbers.Length)));
            row.Features.Span.CopyTo(_numbers.AsSpan(place));
            _names.Add(row.Path);
        }

        public FeatureTable Build(IReadOnlyDictionary<string, string> stamp) =>
            new(_names, _numbers.AsMemory(0, _names.Count * _dimensions), _dimensions, stamp);
    }
}
