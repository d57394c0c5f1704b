using System.Collections.Immutable;
using PureHDF;
using PureHDF.Selections;
using PureHDF.VOL.Native;

namespace TransferKit.WeightSources;

/// <summary>A layer as a weight file holds it: the file's own name for it, and its weights in the file's order.</summary>
internal sealed record StoredLayer(string Name, ImmutableArray<StoredWeight> Weights)
{
    /// <summary>Keras' name of the layer; null where the file does not note it, as older files of Keras 3's layout.</summary>
    public string? LayerName { get; init; } = Name;
}

/// <summary>One array of a weight file. Its numbers stay in the file until they are read.</summary>
internal sealed class StoredWeight
{
    private const int ConvertedAtOnce = 1 << 20;

    private readonly string _file;
    private readonly NativeDataset _dataset;

    public StoredWeight(string file, string name, NativeDataset dataset)
    {
        (_file, Name, _dataset) = (file, name, dataset);
        Shape = [.. dataset.Space.Dimensions.Select(d => (long)d)];
        Count = Shape.Aggregate(1L, (product, d) => product * d);
        // Chunks are no larger than their array but for the edges; a damaged size would take all memory.
        if (dataset.Layout.Class == H5DataLayoutClass.Chunked
            && dataset.Layout.Chunks.Aggregate(1.0, (product, d) => product * d) > Math.Max(1 << 24, 2.0 * Count))
        {
            throw new WeightsFormatException(file, $"weight '{name}' claims chunks larger than itself");
        }
    }

    public string Name { get; }
    public ImmutableArray<long> Shape { get; }
    public long Count { get; }

    /// <summary>Fills the destination from flat index <paramref name="start"/> on, whatever number type is stored.</summary>
    public void Read(long start, Span<float> destination)
    {
        try
        {
            switch (_dataset.Type.Class, _dataset.Type.Size)
            {
                case (H5DataTypeClass.FloatingPoint, 4): ReadStored(start, destination); break;
                case (H5DataTypeClass.FloatingPoint, 2): Convert<Half>(start, destination, v => (float)v); break;
                case (H5DataTypeClass.FloatingPoint, 8): Convert<double>(start, destination, v => (float)v); break;
                case (H5DataTypeClass.FixedPoint, 4): Convert<int>(start, destination, v => v); break;
                case (H5DataTypeClass.FixedPoint, 8): Convert<long>(start, destination, v => v); break;
                default: throw new NotSupportedException($"stored as {_dataset.Type.Class} of {_dataset.Type.Size} bytes");
            }
        }
        // PureHDF throws bare Exception.
        catch (Exception e)
        {
            throw new WeightsFormatException(_file, $"weight '{Name}' could not be read ({e.Message})", e);
        }
    }

    private void Convert<T>(long start, Span<float> destination, Func<T, float> convert) where T : unmanaged
    {
        var stored = new T[Math.Min(destination.Length, ConvertedAtOnce)];
        for (var done = 0; done < destination.Length; done += stored.Length)
        {
            var part = stored.AsSpan(0, Math.Min(stored.Length, destination.Length - done));
            ReadStored(start + done, part);
            for (var i = 0; i < part.Length; i++)
                destination[done + i] = convert(part[i]);
        }
    }

    private void ReadStored<T>(long start, Span<T> destination) where T : unmanaged
    {
        if (destination.Length == Count)
            _dataset.Read(destination);
        else
            _dataset.Read(destination, new DelegateSelection((ulong)destination.Length, Rows(start, start + destination.Length)));
    }

    // PureHDF walks a selection in runs along the last dimension.
    private Func<ulong[], IEnumerable<Step>> Rows(long start, long end)
    {
        return _ => Walk();

        IEnumerable<Step> Walk()
        {
            for (var at = start; at < end;)
            {
                var place = new ulong[Shape.Length];
                var rest = at;
                for (var d = Shape.Length - 1; d >= 0; d--)
                    (rest, place[d]) = (rest / Shape[d], (ulong)(rest % Shape[d]));
                var run = Math.Min(Shape[^1] - (long)place[^1], end - at);
                yield return new Step(place, (ulong)run);
                at += run;
            }
        }
    }
}
