using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Onnx.Plan;

/// <summary>A requested model and the function that makes it, which is not called if a compiled form is cached.</summary>
internal sealed record ModelRequest
{
    public required ModelSignature Signature { get; init; }

    /// <summary>
    /// Identifies the model in the cache. Requests with equal identities make equal models from equal weights, on the
    /// same build of this library and the same kind of processor.
    /// </summary>
    public required string Identity { get; init; }

    public required Func<OnnxModel> Make { get; init; }

    /// <summary>Creates a request for an existing model.</summary>
    public static ModelRequest Of(OnnxModel model, string identity) =>
        new() { Signature = new(model.Name, model.Input, model.Outputs), Identity = identity, Make = () => model };
}

/// <summary>The facts about a model that the engine needs to run it.</summary>
/// <param name="Name">The network's name.</param>
/// <param name="Input">The shape of one sample of the input, in Keras' order.</param>
/// <param name="Outputs">The outputs in the requested order.</param>
internal sealed record ModelSignature(string Name, Shape Input, ImmutableArray<ModelOutput> Outputs)
{
    /// <summary>The largest number of images of one run, which a file may fix at one. Defaults to any number.</summary>
    public int MostImages { get; init; } = int.MaxValue;
}

/// <summary>An output: the Keras layer's name, and the shape of one sample in Keras' order.</summary>
internal sealed record ModelOutput(string Name, Shape Shape)
{
    /// <summary>The dimensions of one sample. Outputs of files may have others than a map or a vector of the same length.</summary>
    public ImmutableArray<int> Dimensions { get; init; } = Shape.Dimensions;
}
