using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Onnx;

/// <summary>
/// A model that is wanted: what running it takes to know, and how it is made. Making it is left out where a compiled one is at hand.
/// </summary>
internal sealed record ModelRequest
{
    public required string Name { get; init; }

    /// <summary>The shape of one sample of the input, in Keras' order.</summary>
    public required Shape Input { get; init; }

    public required ImmutableArray<ModelOutput> Outputs { get; init; }

    /// <summary>Two requests of equal identity make equal models of equal weights, on one build of this library and one kind of processor.</summary>
    public required string Identity { get; init; }

    public required Func<OnnxModel> Make { get; init; }

    /// <summary>One for a model that is made already.</summary>
    public static ModelRequest Of(OnnxModel model, string identity) =>
        new() { Name = model.Name, Input = model.Input, Outputs = model.Outputs, Identity = identity, Make = () => model };
}

/// <summary>One output: a Keras layer's name, and the shape of one sample in Keras' order.</summary>
internal sealed record ModelOutput(string Name, Shape Shape);
