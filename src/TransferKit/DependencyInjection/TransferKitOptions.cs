namespace TransferKit;

/// <summary>
/// Represents the options that all backbones of a container share. <c>AddTransferKit</c> sets them, or
/// <c>services.Configure&lt;TransferKitOptions&gt;(…)</c>, whose delegates need settable properties.
/// </summary>
public sealed record TransferKitOptions
{
    /// <summary>
    /// The name of the HTTP client for downloads, with a proxy, certificates and handlers of the caller's:
    /// <c>services.AddHttpClient(TransferKitOptions.HttpClientName).AddAsKeyed()</c>. The container's <c>IHttpClientFactory</c> creates
    /// a client for each download. A container without one uses a default client.
    /// </summary>
    public const string HttpClientName = "TransferKit";

    /// <summary>Gets or sets the options of the weight store. Defaults to Keras' folder and addresses.</summary>
    public WeightStoreOptions Store { get; set; } = new();

    /// <summary>
    /// Gets or sets the decoder of all backbones whose own options have the default decoder. Defaults to null, which leaves that one.
    /// </summary>
    public IImageDecoder? Decoder { get; set; }

    /// <summary>Gets or sets the options of backbones that are added without their own. Defaults to Keras' own.</summary>
    public BackboneOptions Defaults { get; set; } = new();
}
