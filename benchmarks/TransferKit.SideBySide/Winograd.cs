using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using TransferKit.Backbones;
using TransferKit.Engine;
using TransferKit.Graph;
using TransferKit.Onnx;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Rewrites;
using TransferKit.Operators;

namespace TransferKit.SideBySide;

/// <summary>
/// Compares Winograd's algorithm with ONNX Runtime's convolution, one 3x3 convolution at a time, for the shapes that networks have. One
/// core runs each in a session of its own, in turn; the fastest run counts, in processor time.
/// </summary>
internal static class Winograd
{
    private const int Runs = 9;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(30);

    public static void Run(IEnumerable<string> names)
    {
        var table = new Table(
            "channels", "filters", "map", "images", "ONNX Runtime, ms", "Winograd, ms", "ratio of speeds", "of the Winograd peak",
            "network");
        var seen = new HashSet<Convolution>();
        foreach (var name in names)
        {
            var plan = BackbonePlan.Of(name, new() { IncludeTop = false, Weights = Weights.Random(1) });
            foreach (var convolution in plan.Graph.Layers.Select(Of).OfType<Convolution>().Where(seen.Add))
            {
                foreach (var images in new[] { 1, 8 })
                    Add(table, name, convolution, images);
            }
        }
        table.Save(null);
    }

    private static void Add(Table table, string network, Convolution convolution, int images)
    {
        var input = new float[images * convolution.Channels * convolution.Height * convolution.Width];
        input.AsSpan().Fill(1);
        using var direct = new Contestant(convolution, input, images, isWinograd: false);
        using var winograd = new Contestant(convolution, input, images, isWinograd: true);
        var (theirs, ours) = (double.MaxValue, double.MaxValue);
        for (var i = 0; i < Runs; i++)
        {
            theirs = Math.Min(theirs, direct.Run(Turn));
            ours = Math.Min(ours, winograd.Run(Turn));
        }
        var (channels, filters) = (convolution.Channels, convolution.Filters);
        var multiplyAdds = 9.0 / 4 * images * channels * filters * convolution.OutputHeight * convolution.OutputWidth;
        table.Add(
            channels, filters, $"{convolution.OutputHeight}x{convolution.OutputWidth}", images, 1e3 * theirs, 1e3 * ours, theirs / ours,
            multiplyAdds / ours / Peak.Floats, network);
    }

    private static Convolution? Of(Layer layer) =>
        layer.Op is Conv2D { Groups: 1 } op && op.Kernel == new Extent(3, 3) && (op.Strides, op.Dilation) == ((Extent)1, (Extent)1)
            && layer.Inputs[0].OutputShape is var input && input.Channels % 16 == 0
            && layer.OutputShape is var output && output.Channels % WinogradConvolution.Panel == 0
            && output.Height - input.Height is 0 or -2
            ? new(input.Channels, output.Channels, input.Height, input.Width, (output.Height - input.Height + 2) / 2)
            : null;

    private sealed record Convolution(int Channels, int Filters, int Height, int Width, int Padding)
    {
        public int OutputHeight => WinogradConvolution.OutputsOf(Height, Padding);

        public int OutputWidth => WinogradConvolution.OutputsOf(Width, Padding);

        public int Tiles => WinogradConvolution.TilesOf(OutputHeight) * WinogradConvolution.TilesOf(OutputWidth);
    }

    private sealed class Contestant : IDisposable
    {
        private readonly InferenceSession _session;
        private readonly RunOptions _run = new();
        private readonly OrtValue[] _inputs;

        public Contestant(Convolution convolution, float[] input, int images, bool isWinograd)
        {
            var (channels, filters) = (convolution.Channels, convolution.Filters);
            var isTransformed = isWinograd && convolution.Tiles >= WinogradRewrite.LeastTilesOfTransformed;
            long[] kernel = isTransformed ? WinogradKernel.Dimensions(filters, channels) : [filters, channels, 3, 3];
            var numbers = new float[kernel.Aggregate((product, d) => product * d)];
            numbers.AsSpan().Fill(1e-3f);
            _inputs =
            [
                OrtValue.CreateTensorValueFromMemory(input, [images, channels, convolution.Height, convolution.Width]),
                OrtValue.CreateTensorValueFromMemory(numbers, kernel),
                OrtValue.CreateTensorValueFromMemory(new float[filters], [filters]),
            ];
            using var options = EngineOptions.Create("convolution", GraphOptimizationLevel.ORT_DISABLE_ALL, withCustomOperators: true);
            options.IntraOpNumThreads = 1;
            _session = new InferenceSession(Model(convolution, kernel, isWinograd, isTransformed).ToByteArray(), options);
        }

        /// <summary>Returns the processor seconds of the fastest run within the time.</summary>
        public double Run(TimeSpan time)
        {
            CustomOperators.Threads = 1;
            var (best, end) = (double.MaxValue, Environment.TickCount64 + time.TotalMilliseconds);
            do
            {
                var start = Environment.CpuUsage.TotalTime;
                _session.Run(_run, _session.InputNames, _inputs, _session.OutputNames).Dispose();
                best = Math.Min(best, (Environment.CpuUsage.TotalTime - start).TotalSeconds);
            }
            while (Environment.TickCount64 < end);
            return best;
        }

        public void Dispose()
        {
            _session.Dispose();
            _run.Dispose();
            foreach (var input in _inputs)
                input.Dispose();
        }

        private static ModelProto Model(Convolution convolution, long[] kernel, bool isWinograd, bool isTransformed)
        {
            var node = new NodeProto { OpType = "Conv", Domain = CustomNodes.Blocked };
            long padding = convolution.Padding;
            if (isWinograd)
            {
                long[] numbers = [padding, 1, BlockedLayout.Lanes, isTransformed ? 1 : 0];
                node.Become(WinogradOperator.Name, WinogradOperator.Attributes, numbers);
            }
            else
            {
                node.Attribute.Add(GraphWriter.Attribute("kernel_shape", new[] { 3L, 3 }));
                node.Attribute.Add(GraphWriter.Attribute("pads", new[] { padding, padding, padding, padding }));
                node.Attribute.Add(GraphWriter.Attribute("activation", "Relu"));
            }
            node.Input.Add(["x", "kernel", "bias"]);
            node.Output.Add("y");
            return new()
            {
                IrVersion = OnnxWriter.IrVersion,
                OpsetImport =
                {
                    new OperatorSetIdProto { Domain = "", Version = OnnxWriter.OperatorSet },
                    new OperatorSetIdProto { Domain = node.Domain, Version = 1 },
                },
                Graph = new()
                {
                    Name = "convolution",
                    Input =
                    {
                        ValueInfos.Tensor("x", [convolution.Channels, convolution.Height, convolution.Width]), Fixed("kernel", kernel),
                        Fixed("bias", [convolution.Filters]),
                    },
                    Node = { node },
                    Output = { ValueInfos.Tensor("y", [convolution.Filters, convolution.OutputHeight, convolution.OutputWidth]) },
                },
            };
        }

        private static ValueInfoProto Fixed(string name, long[] dimensions)
        {
            var shape = new TensorShapeProto();
            foreach (var dimension in dimensions)
                shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dimension });
            var type = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape };
            return new() { Name = name, Type = new() { TensorType = type } };
        }
    }
}
