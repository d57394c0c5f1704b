using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using TransferKit.Backbones.OnnxFiles;
using TransferKit.Engine;
using TransferKit.Onnx.Plan;
using TransferKit.Onnx.Reading;

namespace TransferKit.Backbones;

/// <summary>Loads a backbone from an <c>.onnx</c> file: finds its input, its preparation and its outputs, and compiles it.</summary>
internal static class OnnxLoader
{
    /// <exception cref="OnnxModelException">The file is no image model that can be run.</exception>
    public static LoadedBackbone Load(string path, OnnxOptions options, CancellationToken cancellationToken)
    {
        // A missing device is reported before the file is read.
        DeviceProvider.Of(options.Device);
        using var file = OnnxFile.Open(path);
        var input = ImageInput.Of(
            file, options.ChannelsLast is { } last ? (last ? Layout.ChannelsLast : Layout.ChannelsFirst) : null);
        var preparation = Preparation.Of(file, input, options);
        var names = FileOutput.NamesIn(file, options.Outputs);
        var graph = new ImageGraph(file, input, preparation.Size, preparation.Arithmetic);
        try
        {
            var declared = FileOutput.DeclaredIn(file);
            FileOutput[] outputs = names.All(declared.ContainsKey)
                ? [.. names.Select(name => declared[name])]
                : [.. ValueProbe.Measure(graph.WithValues(names), names, file, cancellationToken)];
            var model = graph.WithOutputs(outputs, options.Pooling);
            var table = NodeTable.Of(file);
            var facts = new BackboneFacts(file.Name, preparation.Size, PreprocessMode.None)
            {
                Images = preparation.Images,
                Outputs = [.. model.Outputs.Zip(names, (output, name) => new BackboneOutput(name, output.Dimensions))],
                Summary = () => table,
            };
            var settings = Describe(options, preparation);
            var request = ModelRequest.Of(model, string.Join('\n', settings.Append(new("names", string.Join(' ', names)))));
            var store = new WeightStore(options.Store);
            var loaded = LoadedBackbone.Load(
                facts, request with { Signature = request.Signature with { MostImages = input.IsSingle ? 1 : int.MaxValue } }, file,
                new()
                {
                    Device = options.Device,
                    ConfigureSession = options.ConfigureSession,
                    CacheFolder = options.CacheCompiledModel ? store.OpenCompiledModels() : null,
                    Log = store.Log,
                },
                cancellationToken);
            var fingerprint = file.Fingerprint;
            loaded.Identify = () => new(settings, () => fingerprint);
            return loaded;
        }
        catch (Exception e) when (e is EngineException or OnnxRuntimeException)
        {
            var opsets = string.Join(", ", file.Proto.OpsetImport.Select(o => $"{(o.Domain is "" ? "ai.onnx" : o.Domain)} {o.Version}"));
            throw new OnnxModelException(
                path,
                $"ONNX Runtime {OrtEnv.Instance().GetVersionString()} refuses it: {e.Message} The file has the IR version "
                + $"{file.Proto.IrVersion} and the opsets {opsets}. If they are too new, export it with a lower opset.",
                e);
        }
    }

    private static Dictionary<string, string> Describe(OnnxOptions options, Preparation preparation) => new(StringComparer.Ordinal)
    {
        ["size"] = preparation.Size.ToString(),
        ["pooling"] = options.Pooling.ToString().ToLowerInvariant(),
        ["scaling"] = preparation.Scaling.ToString(),
        ["channels_last"] = Convert.ToString(options.ChannelsLast, CultureInfo.InvariantCulture)!.ToLowerInvariant(),
    };
}
