using TransferKit.Backbones.Trained;
using TransferKit.Common;
using TransferKit.Configs.Writing;
using TransferKit.Graph;
using TransferKit.Training.Torch;

namespace TransferKit.Training.Forms;

/// <summary>Represents an application of Keras by its name and a head, which a description beside the weights names.</summary>
internal sealed class NamedForm(TrainedDescription description, LayerGraph backbone)
    : ModelForm(description, TrainedModel.Describe(description), backbone.Layers.Select(l => l.Name))
{
    public override string Backbone => description.Backbone;

    public override string Head => description.Head;

    public override void Save(string path, WeightSnapshot weights, CompileConfig? compiled)
    {
        var target = OutputTarget.Of(path, KerasModelWriter.Keras, KerasModelWriter.Legacy);
        target.ThrowIfStream("the description goes to a file beside it");
        KerasModelWriter.Write(target, Network.Graph, weights, compiled);
        description.Save(path);
    }
}
