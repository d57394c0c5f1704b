namespace TransferKit;

/// <summary>
/// What all backbones of a container share: set by <c>AddTransferKit</c>, or as <c>IOptions</c> by
/// <c>services.Configure&lt;TransferKitOptions&gt;(…)</c>, whose delegates need properties that can be set.
/// </summary>
public sealed record TransferKitOptions
{
    /// <summary>
    /// The name of the HTTP client that weights are downloaded with, where the container has one:
    /// <c>services.AddHttpClient(TransferKitOptions.HttpClientName).AddAsKeyed()</c>, with whatever proxy, certificates
    /// and handlers it is given. It is made anew by the container's <c>IHttpClientFactory</c> for each download.
    /// </summary>
    public const string HttpClientName = "TransferKit";

    /// <summary>Where weights come from and are kept; Keras' folder and addresses unless said otherwise.</summary>
    public WeightStoreOptions Store { get; set; } = new();

    /// <summary>The options of a backbone that is added without its own.</summary>
    public BackboneOptions Defaults { get; set; } = new();
}
