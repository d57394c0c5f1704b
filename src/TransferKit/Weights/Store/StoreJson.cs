using System.Text.Json.Serialization;

namespace TransferKit.WeightSources.Store;

/// <summary>Serializes the store's small files without reflection, which trimmed programs lack.</summary>
[JsonSerializable(typeof(VerifiedNote))]
[JsonSerializable(typeof(PartialFile.PartialNote))]
[JsonSerializable(typeof(CacheLock.Owner))]
[JsonSerializable(typeof(WeightBundle.Manifest))]
internal sealed partial class StoreJson : JsonSerializerContext;
