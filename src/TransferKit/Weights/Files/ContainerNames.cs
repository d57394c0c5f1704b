using TransferKit.Graph;

namespace TransferKit.WeightSources.Files;

/// <summary>
/// Names a model's layers as Keras 3 does in its files: by class, numbered in the model's order (Keras: <c>_save_container_state</c>).
/// </summary>
internal sealed class ContainerNames
{
    private readonly Dictionary<string, int> _used = [];

    public string Next(string className)
    {
        var name = KerasNames.SnakeCase(className);
        var n = _used[name] = _used.GetValueOrDefault(name, -1) + 1;
        return n == 0 ? name : $"{name}_{n}";
    }
}
