using System.Collections.Frozen;

namespace TransferKit.Configs.Reading;

/// <summary>Knows the entries that any layer may have and that do not change its numbers in inference.</summary>
internal static class CommonEntries
{
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        "name", "trainable", "dtype", "batch_input_shape", "batch_shape", "input_shape", "input_dtype", "sparse", "ragged", "optional",
        "seed", "activity_regularizer", "lora_rank", "lora_alpha", "quantization_config", "autocast", "implementation", "data_format",
        "value_range", "build_input_shape", "bounding_box_format", "renorm_momentum");

    private static readonly string[] Endings = ["_initializer", "_regularizer", "_constraint"];

    public static bool Contains(string key) => Names.Contains(key) || Endings.Any(e => key.EndsWith(e, StringComparison.Ordinal));
}
