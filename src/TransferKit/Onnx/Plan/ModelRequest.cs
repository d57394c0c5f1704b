using System.Collections.Immutable;
using TransferKit.Graph;

namespace TransferKit.Onnx.Plan;

/// <summary>A model that is wanted, and how it is made. Making it is left out where a compiled one is at hand.</summary>
internal sealed record ModelRequest
{
    public required ModelSignature Signature { get; init; }

    /// <summary>Two requests of equal identity make equal models of equal weights, on one build of this library and one kind of processor.</summary>
    public required string Identity { get; init; }

    public required Func<OnnxModel> Make { get; init; }

    /// <summary>One for a model that is made already.</summary>
    public static ModelRequest Of(OnnxModel model, string identity) =>
        new() { Signature = new(model.Name, model.Input, model.Outputs), Identity = identity, Make = () => model };
}

/// <summary>What running a model takes to know.</summary>
/// <param name="Name">The network's.</param>
/// <param name="Input">The shape of one sample of the input, in Keras' order.</param>
/// <param name="Outputs">In the order in which they were asked for.</param>
internal sealed record ModelSignature(string Name, Shape Input, ImmutableArray<ModelOutput> Outputs);

/// <summary>One output: a Keras layer's name, and the shape of one sample in Keras' order.</summary>
internal sealed record ModelOutput(string Name, Shape Shape);
