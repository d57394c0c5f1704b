using System.Text.Json;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Onnx;
using TransferKit.Backbones;
using TransferKit.Engine;
using TransferKit.Onnx.Rewrites;
using TransferKit.Operators;

namespace TransferKit.SideBySide;

/// <summary>The kinds of layers of the table of the chip.</summary>
internal enum LayerKind
{
    ThreeByThree,
    OneByOne,
    Depthwise,

    /// <summary>A 1x1 convolution and the depthwise one after it, by one operator.</summary>
    Expansion,
    Dense,
    Rest,
}

/// <summary>The cost of one node of a compiled model for one image.</summary>
/// <param name="Kind">The kind of its layer.</param>
/// <param name="Layer">Its kernel and its output, or its operator if it has no kernel.</param>
/// <param name="Seconds">The time on one core.</param>
/// <param name="Direct">The multiply-adds of its kernel.</param>
/// <param name="Winograd">The multiply-adds that are left if Winograd's F(4x4, 3x3) computes what it can.</param>
internal sealed record NodeTime(LayerKind Kind, string Layer, double Seconds, double Direct, double Winograd);

/// <summary>
/// Measures a compiled model on one core, two images at once, as the cores of a large batch run it: the whole in processor time, and each
/// node by the clock of ONNX Runtime's profiler, which counts a process that interrupts a long node too.
/// </summary>
internal static class NodeTimes
{
    private const int Images = 2;
    private const int Runs = 15;
    private const int Colours = 3;
    private const string Suffix = "_kernel_time";

    /// <summary>Returns the nodes, and the processor time for one image.</summary>
    public static (NodeTime[] Nodes, double Seconds) Of(BackbonePlan plan)
    {
        var folder = Directory.CreateTempSubdirectory("transferkit-nodes-").FullName;
        using var weights = BackboneLoader.OpenWeightsAsync(plan, WeightStore.Default, null, default).GetAwaiter().GetResult();
        var compiler = new ModelCompiler(plan, BackboneLoader.CompilerOptions(plan, WeightStore.Default));
        using var compiled = new CompiledModelCache(folder).Open(compiler.ForEngine(weights, default), weights, optimise: true);
        var graph = Named(compiled);
        var (profile, whole) = Run(compiled, plan);
        var (seconds, elements) = Profile(profile);
        var kernels = graph.Initializer.ToDictionary(t => t.Name, t => t.Dims.ToArray());
        var measured = graph.Node.Where(n => seconds.ContainsKey(n.Name));
        Directory.Delete(folder, recursive: true);
        return ([.. measured.Select(n => Cost(n, kernels, seconds[n.Name], elements[n.Name]))], whole);
    }

    // The profiler tells nodes apart by their names, which some nodes of the optimiser lack.
    private static GraphProto Named(CompiledModel compiled)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(compiled.ModelPath));
        foreach (var (i, node) in model.Graph.Node.Index())
            node.Name = $"node {i}";
        File.WriteAllBytes(compiled.ModelPath, model.ToByteArray());
        return model.Graph;
    }

    private static (string Profile, double Seconds) Run(CompiledModel compiled, BackbonePlan plan)
    {
        var level = compiled.IsOptimised ? GraphOptimizationLevel.ORT_DISABLE_ALL : GraphOptimizationLevel.ORT_ENABLE_ALL;
        using var options = EngineOptions.Create(plan.Graph.Name, level, withCustomOperators: true);
        options.IntraOpNumThreads = 1;
        // The prefix only counts if it is set first.
        options.ProfileOutputPathPrefix = Path.Combine(compiled.Folder, "profile");
        options.EnableProfiling = true;
        using var session = new InferenceSession(compiled.ModelPath, options);
        var shape = plan.Graph.Input.OutputShape;
        using var image = OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, TensorElementType.Float, [Images, shape.Channels, shape.Height, shape.Width]);
        foreach (ref var number in image.GetTensorMutableDataAsSpan<float>())
            number = Random.Shared.NextSingle();
        CustomOperators.Threads = 1;
        using var run = new RunOptions();
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < Runs; i++)
        {
            var start = Environment.CpuUsage.TotalTime;
            session.Run(run, [session.InputNames[0]], [image], session.OutputNames).Dispose();
            var time = Environment.CpuUsage.TotalTime - start;
            best = time < best ? time : best;
        }
        return (session.EndProfiling(), best.TotalSeconds / Images);
    }

    // Other processes can only slow a node down, so its fastest run counts.
    private static (Dictionary<string, double> Seconds, Dictionary<string, double> Elements) Profile(string path)
    {
        var (seconds, elements) = (new Dictionary<string, double>(), new Dictionary<string, double>());
        using var file = File.OpenRead(path);
        using var events = JsonDocument.Parse(file);
        foreach (var entry in events.RootElement.EnumerateArray())
        {
            var name = entry.GetProperty("name").GetString()!;
            if (!name.EndsWith(Suffix, StringComparison.Ordinal))
                continue;
            name = name[..^Suffix.Length];
            var time = entry.GetProperty("dur").GetDouble() * 1e-6 / Images;
            seconds[name] = Math.Min(time, seconds.GetValueOrDefault(name, double.MaxValue));
            var shape = entry.GetProperty("args").GetProperty("output_type_shape")[0].EnumerateObject().First().Value;
            elements[name] = shape.EnumerateArray().Aggregate(1.0, (product, d) => product * d.GetDouble()) / Images;
        }
        return (seconds, elements);
    }

    private static NodeTime Cost(NodeProto node, Dictionary<string, long[]> kernels, double seconds, double outputs)
    {
        // The bytes of an int8 operator stand beside their scale and zero point.
        var isInt8 = node.OpType.StartsWith('Q');
        var kernel = kernels.GetValueOrDefault(node.Input.ElementAtOrDefault(isInt8 ? 3 : 1) ?? "");
        switch (node.OpType)
        {
            case "Conv" or "FusedConv" or "QLinearConv" when kernel is [var filters, var channels, var height, var width]:
                var direct = outputs * channels * height * width;
                var isGrouped = node.Whole("group") > 1;
                var kind = (isGrouped, channels, height, width) switch
                {
                    (true, 1, _, _) => LayerKind.Depthwise,
                    (false, _, 3, 3) => LayerKind.ThreeByThree,
                    (false, _, 1, 1) => LayerKind.OneByOne,
                    _ => LayerKind.Rest,
                };
                var isWinograd = kind == LayerKind.ThreeByThree && !isInt8 && IsDense(node);
                var layer = $"{height}x{width}, {channels} to {filters}, {outputs / filters} places";
                return new(kind, layer, seconds, direct, isWinograd ? direct / 4 : direct);
            case WinogradOperator.Name when kernel is not null:
                // A transformed kernel has the order panel, place, channel, filter.
                var mapChannels = kernel[node.Whole("transformed") == 1 ? 2 : 1];
                direct = outputs * mapChannels * 9;
                return new(LayerKind.ThreeByThree, $"3x3, {mapChannels} channels, {outputs} outputs", seconds, direct, direct / 4);
            case BlockedDepthwiseOperator.Expanding when kernel is [var filters, _, var height, var width]:
                var inputs = kernels[node.Input[3]][1];
                var stride = node.Whole("stride")!.Value;
                direct = outputs * (height * width + inputs * stride * stride);
                return new(
                    LayerKind.Expansion, $"1x1, {inputs} to {filters}, and {height}x{width}, depthwise, {outputs / filters} places",
                    seconds, direct, direct);
            case BlockedDepthwiseOperator.Name when kernel is [var filters, _, var height, var width]:
                direct = outputs * height * width;
                return new(
                    LayerKind.Depthwise, $"{height}x{width}, depthwise, {filters} channels, {outputs / filters} places",
                    seconds, direct, direct);
            case ByteConvolutionOperator.OfImage or ByteConvolutionOperator.Depthwise:
                var (size, depth) = (node.Whole("rows")!.Value, node.OpType == ByteConvolutionOperator.Depthwise ? 1 : Colours);
                direct = outputs * depth * size * size;
                return new(
                    depth == 1 ? LayerKind.Depthwise : size == 3 ? LayerKind.ThreeByThree : LayerKind.Rest,
                    $"{size}x{size}, {node.OpType}, {outputs} outputs", seconds, direct, direct);
            case "MatMul" or "FusedMatMul" or "Gemm" or "QGemm" or "QLinearMatMul" when kernel is [var rows, var columns]:
                var isTransposed = node.Whole("transB") == 1;
                direct = outputs * (isTransposed ? columns : rows);
                return new(LayerKind.Dense, $"dense, {rows} by {columns}, {outputs} outputs", seconds, direct, direct);
            default:
                return new(LayerKind.Rest, node.OpType, seconds, 0, 0);
        }
    }

    // Winograd's algorithm needs a stride and a dilation of one.
    private static bool IsDense(NodeProto node) =>
        node.Attribute.Where(a => a.Name is "strides" or "dilations").All(a => a.Ints.All(i => i == 1));
}
