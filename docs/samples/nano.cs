// A whole backbone in one file of plain C#: MobileNetV2, read from Keras' own weight file, run on a PNG of any size.
// From the root of the repository:
//
//     dotnet run docs/samples/nano.cs
//     dotnet run docs/samples/nano.cs -- picture.png weights.h5
//
// It prints the 1,280 features of global average pooling, one a line. No package and nothing of TransferKit is used, so a test
// takes these numbers as a second opinion on TransferKit's. The lesson: a backbone is data. The list of blocks below and the
// arrays of the weight file are all there is; the loops that interpret them fit on a page.
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

var picture = args.Length > 0 ? args[0] : "docs/samples/pictures/chelsea.png";
var weights = args.Length > 1
    ? args[1]
    : "src/TransferKit.Weights.MobileNetV2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5";
foreach (var feature in MobileNetV2.Features(Png.Decode(File.ReadAllBytes(picture)), new Hdf5(File.ReadAllBytes(weights))))
    Console.WriteLine(feature.ToString("R", CultureInfo.InvariantCulture));

/// <summary>A map of numbers, (height, width, channels), row by row.</summary>
internal sealed record Map(int Height, int Width, int Channels, float[] Values);

/// <summary>An array of the weight file with its shape.</summary>
internal sealed record Weight(int[] Shape, float[] Values);

/// <summary>The network: a stem, 17 blocks, a last convolution, and the mean over all places.</summary>
internal static class MobileNetV2
{
    // The strides of the 17 blocks. Channels and expansions need no list: the kernels of the file have them in their shapes.
    private static readonly int[] Strides = [1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1];

    public static IEnumerable<float> Features(Map pixels, Hdf5 file)
    {
        // Keras' preprocess_input in mode "tf": from 0..255 to -1..1.
        var x = pixels with { Values = [.. pixels.Values.Select(v => v / 127.5f - 1)] };
        x = Relu6(Normalize(Convolve(x, file.Read("Conv1/Conv1/kernel:0"), stride: 2), file, "bn_Conv1"));
        for (var block = 0; block < Strides.Length; block++)
            x = InvertedResidual(x, file, block == 0 ? "expanded_conv_" : $"block_{block}_", Strides[block]);
        x = Relu6(Normalize(Convolve(x, file.Read("Conv_1/Conv_1/kernel:0"), stride: 1), file, "Conv_1_bn"));
        for (var c = 0; c < x.Channels; c++)
        {
            double sum = 0;
            for (var at = c; at < x.Values.Length; at += x.Channels)
                sum += x.Values[at];
            yield return (float)(sum / (x.Height * x.Width));
        }
    }

    /// <summary>More channels, each convolved by itself, then fewer; the input is added where the shapes allow.</summary>
    private static Map InvertedResidual(Map input, Hdf5 file, string name, int stride)
    {
        var x = input;
        if (file.Has($"{name}expand/{name}expand/kernel:0"))
            x = Relu6(Normalize(Convolve(x, file.Read($"{name}expand/{name}expand/kernel:0"), stride: 1), file, $"{name}expand_BN"));
        var depthwise = file.Read($"{name}depthwise/{name}depthwise/depthwise_kernel:0");
        x = Relu6(Normalize(ConvolveEachChannel(x, depthwise, stride), file, $"{name}depthwise_BN"));
        x = Normalize(Convolve(x, file.Read($"{name}project/{name}project/kernel:0"), stride: 1), file, $"{name}project_BN");
        return stride == 1 && x.Channels == input.Channels
            ? x with { Values = [.. x.Values.Zip(input.Values, (a, b) => a + b)] }
            : x;
    }

    /// <summary>A convolution with padding "same"; the kernel is (height, width, channels in, channels out).</summary>
    private static Map Convolve(Map x, Weight kernel, int stride)
    {
        var (size, outputs) = (kernel.Shape[0], kernel.Shape[3]);
        var result = Empty(x, outputs, stride);
        var sums = new double[outputs];
        ForEachPlace(x, result, size, stride, (at, taps) =>
        {
            Array.Clear(sums);
            foreach (var (source, tap) in taps)
            {
                for (var i = 0; i < x.Channels; i++)
                {
                    double value = x.Values[source * x.Channels + i];
                    var row = kernel.Values.AsSpan((tap * x.Channels + i) * outputs, outputs);
                    for (var o = 0; o < outputs; o++)
                        sums[o] += value * row[o];
                }
            }
            for (var o = 0; o < outputs; o++)
                result.Values[at * outputs + o] = (float)sums[o];
        });
        return result;
    }

    /// <summary>A depthwise convolution with padding "same"; the kernel is (height, width, channels, 1).</summary>
    private static Map ConvolveEachChannel(Map x, Weight kernel, int stride)
    {
        var result = Empty(x, x.Channels, stride);
        ForEachPlace(x, result, kernel.Shape[0], stride, (at, taps) =>
        {
            for (var c = 0; c < x.Channels; c++)
            {
                double sum = 0;
                foreach (var (source, tap) in taps)
                    sum += (double)x.Values[source * x.Channels + c] * kernel.Values[tap * x.Channels + c];
                result.Values[at * x.Channels + c] = (float)sum;
            }
        });
        return result;
    }

    private static Map Empty(Map x, int channels, int stride)
    {
        var (height, width) = ((x.Height + stride - 1) / stride, (x.Width + stride - 1) / stride);
        return new(height, width, channels, new float[height * width * channels]);
    }

    /// <summary>Calls back for each place of the result with the places of the input under the kernel, zeros around left out.</summary>
    private static void ForEachPlace(Map x, Map result, int size, int stride, Action<int, List<(int Source, int Tap)>> place)
    {
        // Keras pads half of what is missing before, and the odd one after.
        var top = Math.Max((result.Height - 1) * stride + size - x.Height, 0) / 2;
        var left = Math.Max((result.Width - 1) * stride + size - x.Width, 0) / 2;
        var taps = new List<(int, int)>();
        for (var at = 0; at < result.Height * result.Width; at++)
        {
            taps.Clear();
            for (var tap = 0; tap < size * size; tap++)
            {
                var row = at / result.Width * stride + tap / size - top;
                var column = at % result.Width * stride + tap % size - left;
                if (row >= 0 && row < x.Height && column >= 0 && column < x.Width)
                    taps.Add((row * x.Width + column, tap));
            }
            place(at, taps);
        }
    }

    /// <summary>Batch normalisation in inference, with Keras' epsilon of this network.</summary>
    private static Map Normalize(Map x, Hdf5 file, string name)
    {
        float[] Of(string part) => file.Read($"{name}/{name}/{part}:0").Values;
        var (gamma, beta, mean, variance) = (Of("gamma"), Of("beta"), Of("moving_mean"), Of("moving_variance"));
        return x with
        {
            Values = [.. x.Values.Select((v, i) =>
            {
                var c = i % x.Channels;
                return (float)((v - mean[c]) / Math.Sqrt(variance[c] + 1e-3) * gamma[c] + beta[c]);
            })],
        };
    }

    private static Map Relu6(Map x) => x with { Values = [.. x.Values.Select(v => Math.Clamp(v, 0, 6))] };
}

/// <summary>
/// Reads what Keras 2 wrote: HDF5 with superblock 0, groups as B-trees of names, and arrays of float32 in one piece.
/// (HDF5 File Format Specification, version 3.0.)
/// </summary>
internal sealed class Hdf5
{
    private readonly byte[] _file;
    private readonly Dictionary<string, Weight> _arrays = [];

    public Hdf5(byte[] file)
    {
        _file = file;
        const int rootHeader = 64;
        Visit("", Long(rootHeader), depth: 0);
    }

    public bool Has(string path) => _arrays.ContainsKey(path);

    public Weight Read(string path) => _arrays[path];

    private long Long(long at) => BinaryPrimitives.ReadInt64LittleEndian(_file.AsSpan((int)at, 8));

    private int Int(long at) => BinaryPrimitives.ReadInt32LittleEndian(_file.AsSpan((int)at, 4));

    private int Short(long at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan((int)at, 2));

    /// <summary>An object is a list of messages: a group has one with its B-tree, an array has its shape and its place.</summary>
    private void Visit(string path, long header, int depth)
    {
        if (depth > 8)
            throw new InvalidDataException("The groups of the file are nested too deeply.");
        int[] shape = [];
        long data = -1;
        var blocks = new Queue<(long At, int Length)>([(header + 16, Int(header + 8))]);
        while (blocks.TryDequeue(out var block))
        {
            for (var at = block.At; at + 8 <= block.At + block.Length; at += 8 + Short(at + 2))
            {
                var message = at + 8;
                switch (Short(at))
                {
                    case 0x01: // Dataspace
                        var dimensions = message + (_file[message] == 1 ? 8 : 4);
                        shape = [.. Enumerable.Range(0, _file[message + 1]).Select(i => (int)Long(dimensions + 8 * i))];
                        break;
                    case 0x08 when _file[message + 1] == 1: // Data layout, contiguous
                        data = Long(message + 2);
                        break;
                    case 0x10: // Continuation
                        blocks.Enqueue((Long(message), (int)Long(message + 8)));
                        break;
                    case 0x11: // Symbol table
                        VisitTree(path, Long(message), Long(Long(message + 8) + 24), depth);
                        break;
                }
            }
        }
        if (data >= 0)
        {
            var values = new float[shape.Aggregate(1, (product, d) => product * d)];
            Buffer.BlockCopy(_file, (int)data, values, 0, values.Length * sizeof(float));
            _arrays[path] = new(shape, values);
        }
    }

    private void VisitTree(string path, long node, long names, int depth)
    {
        var isLeaf = _file[node] == 'S';
        if (!isLeaf)
        {
            for (var i = 0; i < Short(node + 6); i++)
                VisitTree(path, Long(node + 32 + 16 * i), names, depth + 1);
            return;
        }
        for (var i = 0; i < Short(node + 6); i++)
        {
            var entry = node + 8 + 40 * i;
            var name = _file.AsSpan((int)(names + Long(entry)));
            var text = Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
            Visit(path.Length == 0 ? text : $"{path}/{text}", Long(entry + 8), depth + 1);
        }
    }
}

/// <summary>Decodes PNG pictures of 8-bit RGB that are not interlaced.</summary>
internal static class Png
{
    public static Map Decode(byte[] file)
    {
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(20)));
        if (file is not [0x89, (byte)'P', (byte)'N', (byte)'G', ..] || file[24] != 8 || file[25] != 2 || file[28] != 0)
            throw new InvalidDataException("Only PNG pictures of 8-bit RGB that are not interlaced are read here.");
        using var packed = new MemoryStream();
        for (var at = 8; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            if (file.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8))
                packed.Write(file, at + 8, length);
            at += length + 12;
        }
        packed.Position = 0;
        using var rows = new ZLibStream(packed, CompressionMode.Decompress);
        var stride = width * 3;
        var (above, row) = (new byte[stride], new byte[stride]);
        var values = new float[height * stride];
        for (var y = 0; y < height; y++, (above, row) = (row, above))
        {
            var filter = rows.ReadByte();
            rows.ReadExactly(row);
            for (var i = 0; i < stride; i++)
            {
                int left = i < 3 ? 0 : row[i - 3], up = above[i], corner = i < 3 ? 0 : above[i - 3];
                row[i] += (byte)(filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Nearest(left, up, corner) });
                values[y * stride + i] = row[i];
            }
        }
        return new(height, width, 3, values);
    }

    /// <summary>Paeth's predictor: the neighbour that lies nearest to left + up - corner.</summary>
    private static int Nearest(int left, int up, int corner)
    {
        var (a, b, c) = (Math.Abs(up - corner), Math.Abs(left - corner), Math.Abs(left + up - 2 * corner));
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
