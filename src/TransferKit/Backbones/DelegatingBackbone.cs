namespace TransferKit;

/// <summary>
/// Represents a backbone that passes every call on to another. Derive from it to change or observe some of the calls, such as to log
/// them or to normalise features. Extraction calls the members of the derived class, and keeps its speed.
/// </summary>
public abstract class DelegatingBackbone : IBackbone
{
    /// <summary>Initializes a backbone that wraps another.</summary>
    /// <param name="innerBackbone">The backbone to pass calls on to. It is disposed with this one.</param>
    /// <exception cref="ArgumentNullException">The backbone is null.</exception>
    protected DelegatingBackbone(IBackbone innerBackbone)
    {
        ArgumentNullException.ThrowIfNull(innerBackbone);
        InnerBackbone = innerBackbone;
    }

    /// <inheritdoc/>
    public virtual string Name => InnerBackbone.Name;

    /// <inheritdoc/>
    public virtual ImageSize InputSize => InnerBackbone.InputSize;

    /// <inheritdoc/>
    public virtual PreprocessMode Preprocess => InnerBackbone.Preprocess;

    /// <inheritdoc/>
    public virtual ImageLoadOptions Images => InnerBackbone.Images;

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> UnboundLayers => InnerBackbone.UnboundLayers;

    /// <inheritdoc/>
    public virtual IReadOnlyList<BackboneOutput> Outputs => InnerBackbone.Outputs;

    /// <summary>Gets the backbone that calls are passed on to.</summary>
    protected IBackbone InnerBackbone { get; }

    /// <inheritdoc/>
    public virtual FeatureTensor Predict(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default) =>
        InnerBackbone.Predict(pixels, cancellationToken);

    /// <inheritdoc/>
    public virtual void Predict(ReadOnlySpan<byte> pixels, Memory<float> output, CancellationToken cancellationToken = default) =>
        InnerBackbone.Predict(pixels, output, cancellationToken);

    /// <inheritdoc/>
    public virtual FeatureTensor Predict(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default) =>
        InnerBackbone.Predict(pixels, cancellationToken);

    /// <inheritdoc/>
    public virtual IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default) =>
        InnerBackbone.PredictAll(pixels, cancellationToken);

    /// <inheritdoc/>
    public virtual IReadOnlyDictionary<string, FeatureTensor> PredictAll(
        ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default) =>
        InnerBackbone.PredictAll(pixels, cancellationToken);

    /// <inheritdoc/>
    public virtual ModelSummary Summary() => InnerBackbone.Summary();

    /// <inheritdoc/>
    public virtual object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : InnerBackbone.GetService(serviceType, serviceKey);
    }

    /// <summary>Returns the text of the wrapped backbone.</summary>
    public override string? ToString() => InnerBackbone.ToString();

    /// <summary>Disposes the backbone and the one that it wraps.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the wrapped backbone.</summary>
    /// <param name="disposing">Whether the call comes from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            InnerBackbone.Dispose();
    }
}
