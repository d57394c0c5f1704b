using TransferKit.Backbones;
using TransferKit.Backbones.Trained;
using TransferKit.Configs.Writing;
using TransferKit.Graph;
using TransferKit.Training.Torch;

namespace TransferKit.Training.Forms;

/// <summary>Represents what a model in training consists of besides its weights, and how it is saved.</summary>
/// <param name="notes">The labels, the task and the preparation of images.</param>
/// <param name="network">The whole network.</param>
/// <param name="backboneLayers">The names of the layers that <see cref="TransferModel.Freeze"/> freezes.</param>
internal abstract class ModelForm(ModelNotes notes, Network network, IEnumerable<string> backboneLayers) : IDisposable
{
    public ModelNotes Notes => notes;

    public Network Network => network;

    public IReadOnlySet<string> BackboneLayers { get; } = backboneLayers.ToHashSet();

    /// <summary>Gets the name of the backbone.</summary>
    public abstract string Backbone { get; }

    /// <summary>Gets the layers behind the backbone as text.</summary>
    public abstract string Head { get; }

    /// <summary>Gets whether a file says which layers are trainable.</summary>
    public virtual bool HasFlags => false;

    /// <summary>Gets whether the output has no activation, so that probabilities need one.</summary>
    public virtual bool AreLogits => false;

    /// <summary>Gets the augmentation that the model's own layers describe, by layer.</summary>
    public virtual IReadOnlyDictionary<Layer, Augmentation> Augmentation => new Dictionary<Layer, Augmentation>();

    /// <summary>Gets what the loss contains besides that of the outputs.</summary>
    public virtual IReadOnlyList<Penalty> Penalties => [];

    /// <summary>Gets the network whose outputs are probabilities.</summary>
    public Network Serving
    {
        get
        {
            if (!AreLogits)
                return Network;
            var name = "probabilities";
            while (Network.Graph.TryFind(name, out _))
                name += "_1";
            var output = new Layer(name, new Activation(Notes.OutputActivation!.Value), [Network.Graph.Output]);
            return Network with { Graph = new(Network.Graph.Name, output), Outputs = [output] };
        }
    }

    /// <summary>Saves the model for Keras, and <see cref="Notes"/> beside it.</summary>
    public abstract void Save(string path, WeightSnapshot weights, CompileConfig? compiled);

    public virtual void Dispose() { }
}

/// <summary>Represents a term of the loss: a factor of a weight's absolute values and one of its squares.</summary>
internal readonly record struct Penalty(Layer Layer, int Weight, double L1, double L2);
