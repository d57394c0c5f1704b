namespace TransferKit;

/// <summary>
/// A network that turns images into numbers: feature vectors, feature maps or predictions. Thread-safe and long-lived:
/// load one, share it, dispose it at the end.
/// </summary>
public interface IBackbone : IDisposable
{
    /// <summary>Keras' name of the model, <c>xception</c>.</summary>
    string Name { get; }

    /// <summary>The height and width of the images that it takes.</summary>
    ImageSize InputSize { get; }

    /// <summary>What is done to pixels before the first layer; <see cref="PreprocessMode.None"/> where the model does it inside.</summary>
    PreprocessMode Preprocess { get; }

    /// <summary>
    /// Gets how image files become pixels where a call gives no <see cref="ImageLoadOptions"/>: filter, orientation, decoder.
    /// Defaults to Keras' <c>load_img</c>; a trained model has the options of its training.
    /// </summary>
    ImageLoadOptions Images => ImageLoadOptions.Default;

    /// <summary>
    /// Gets the names of the layers that kept their random initial values because the weight file does not name them.
    /// Empty unless the weights are a <see cref="Weights.File"/> bound by name.
    /// </summary>
    IReadOnlyList<string> UnboundLayers => [];

    /// <summary>What it computes: one entry, or one for each layer that was asked for.</summary>
    IReadOnlyList<BackboneOutput> Outputs { get; }

    /// <summary>Runs a batch of images through the network (Keras: <c>model.predict(preprocess_input(x))</c>).</summary>
    /// <param name="pixels">
    /// A batch <c>(n, h, w, 3)</c> of RGB pixels 0..255, row-major, of <see cref="InputSize"/>; n is the length's quotient.
    /// </param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>The output, <c>(n, channels)</c> or <c>(n, h, w, channels)</c>.</returns>
    /// <exception cref="ArgumentException">The length is no multiple of <c>h * w * 3</c>.</exception>
    /// <exception cref="InvalidOperationException">There are several outputs: use <see cref="PredictAll(ReadOnlySpan{byte}, CancellationToken)"/>.</exception>
    FeatureTensor Predict(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default);

    /// <summary>Runs a batch of images through the network and writes what comes out into memory of the caller's.</summary>
    /// <param name="pixels">A batch <c>(n, h, w, 3)</c> of RGB pixels 0..255, row-major.</param>
    /// <param name="output">Takes the output, <c>(n, channels)</c> or <c>(n, h, w, channels)</c>, row-major; exactly as long.</param>
    /// <param name="cancellationToken">Stops the run; what is in <paramref name="output"/> is then undefined.</param>
    /// <exception cref="ArgumentException">The length of the pixels is no multiple of <c>h * w * 3</c>, or that of the output is another.</exception>
    /// <exception cref="InvalidOperationException">There are several outputs.</exception>
    void Predict(ReadOnlySpan<byte> pixels, Memory<float> output, CancellationToken cancellationToken = default)
    {
        var values = Predict(pixels, cancellationToken).Values;
        if (values.Length != output.Length)
            throw new ArgumentException($"The output has {values.Length} numbers, and there is room for {output.Length}.", nameof(output));
        values.CopyTo(output);
    }

    /// <inheritdoc cref="Predict(ReadOnlySpan{byte}, CancellationToken)"/>
    /// <exception cref="ArgumentException">The length is no multiple of <c>h * w * 3</c>, or a value is NaN or infinite.</exception>
    FeatureTensor Predict(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default);

    /// <summary>Runs a batch and gives every output of <see cref="Outputs"/>, by layer name.</summary>
    /// <param name="pixels">A batch <c>(n, h, w, 3)</c> of RGB pixels 0..255, row-major.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="ArgumentException">The length is no multiple of <c>h * w * 3</c>.</exception>
    IReadOnlyDictionary<string, FeatureTensor> PredictAll(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="PredictAll(ReadOnlySpan{byte}, CancellationToken)"/>
    /// <exception cref="ArgumentException">The length is no multiple of <c>h * w * 3</c>, or a value is NaN or infinite.</exception>
    IReadOnlyDictionary<string, FeatureTensor> PredictAll(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default);

    /// <summary>Gets an object of a type that this backbone, or one that it wraps, offers beyond this interface.</summary>
    /// <param name="serviceType">The type of the object, such as <see cref="TrainedModel"/>.</param>
    /// <param name="serviceKey">A key that tells objects of one type apart; null for none.</param>
    /// <returns>The object, which belongs to the backbone; null where there is none.</returns>
    /// <exception cref="ArgumentNullException">The type is null.</exception>
    object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>The layer table and the parameter counts (Keras: <c>model.summary()</c>).</summary>
    ModelSummary Summary();
}
