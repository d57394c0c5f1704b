namespace TransferKit;

/// <summary>
/// Represents a network that computes feature vectors, feature maps or predictions of images. It is thread-safe and expensive to
/// create: load one, share it, and dispose it at the end.
/// </summary>
public interface IBackbone : IDisposable
{
    /// <summary>Gets Keras' name of the model, such as <c>xception</c>.</summary>
    string Name { get; }

    /// <summary>Gets the height and width of its input images.</summary>
    ImageSize InputSize { get; }

    /// <summary>Gets the preprocessing before the first layer; <see cref="PreprocessMode.None"/> if the model does it inside.</summary>
    PreprocessMode Preprocess { get; }

    /// <summary>
    /// Gets the resize, orientation and decoder of images in calls that pass no <see cref="ImageLoadOptions"/>. Defaults to Keras'
    /// <c>load_img</c>; a trained model has the options of its training.
    /// </summary>
    ImageLoadOptions Images => ImageLoadOptions.Default;

    /// <summary>
    /// Gets the names of the layers that kept their random initial values because the weight file does not name them.
    /// Empty unless the weights are a <see cref="Weights.File"/> bound by name.
    /// </summary>
    IReadOnlyList<string> UnboundLayers => [];

    /// <summary>
    /// Gets the place of the model inside the weight file that the weights come from, such as <c>sequential_1/model1</c> or
    /// <c>layers/functional</c>; null if they come from the file's own model.
    /// </summary>
    string? NestedModel => null;

    /// <summary>
    /// Gets the names of the layers with weights that stand beside the backbone's in the same model of the weight file and were not used:
    /// the head of a <see cref="Weights.File"/> that is loaded without its top. What lies outside a <see cref="NestedModel"/> is not
    /// listed.
    /// </summary>
    IReadOnlyList<string> UnusedLayers => [];

    /// <summary>Gets the outputs: one, or one for each layer that the options name.</summary>
    IReadOnlyList<BackboneOutput> Outputs { get; }

    /// <summary>Runs a batch of images through the network (Keras: <c>model.predict(preprocess_input(x))</c>).</summary>
    /// <param name="pixels">
    /// A batch <c>(n, h, w, 3)</c> of RGB pixels 0..255, row-major, of <see cref="InputSize"/>. The length determines n.
    /// </param>
    /// <param name="cancellationToken">Token to cancel the run.</param>
    /// <returns>The output, <c>(n, channels)</c> or <c>(n, h, w, channels)</c>.</returns>
    /// <exception cref="ArgumentException">The length is not a multiple of <c>h * w * 3</c>.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are several outputs: use <see cref="PredictAll(ReadOnlySpan{byte}, CancellationToken)"/>.
    /// </exception>
    FeatureTensor Predict(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default);

    /// <summary>Runs a batch of images through the network and writes the output into the caller's memory.</summary>
    /// <param name="pixels">A batch <c>(n, h, w, 3)</c> of RGB pixels 0..255, row-major.</param>
    /// <param name="output">The memory for the output, <c>(n, channels)</c> or <c>(n, h, w, channels)</c>, of exactly its length.</param>
    /// <param name="cancellationToken">Token to cancel the run, which leaves <paramref name="output"/> undefined.</param>
    /// <exception cref="ArgumentException">
    /// The length of the pixels is not a multiple of <c>h * w * 3</c>, or the memory is not as long as the output.
    /// </exception>
    /// <exception cref="InvalidOperationException">There are several outputs.</exception>
    void Predict(ReadOnlySpan<byte> pixels, Memory<float> output, CancellationToken cancellationToken = default)
    {
        var values = Predict(pixels, cancellationToken).Values;
        if (values.Length != output.Length)
            throw new ArgumentException($"The output has {values.Length} values; the memory holds {output.Length}.", nameof(output));
        values.CopyTo(output);
    }

    /// <inheritdoc cref="Predict(ReadOnlySpan{byte}, CancellationToken)"/>
    /// <exception cref="ArgumentException">The length is not a multiple of <c>h * w * 3</c>, or a value is NaN or infinite.</exception>
    FeatureTensor Predict(ReadOnlySpan<float> pixels, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="Predict(ReadOnlySpan{byte}, Memory{float}, CancellationToken)"/>
    /// <exception cref="ArgumentException">
    /// The length of the pixels is not a multiple of <c>h * w * 3</c>, a value is NaN or infinite, or the memory is not as long as the
    /// output.
    /// </exception>
    void Predict(ReadOnlySpan<float> pixels, Memory<float> output, CancellationToken cancellationToken = default)
    {
        var values = Predict(pixels, cancellationToken).Values;
        if (values.Length != output.Length)
            throw new ArgumentException($"The output has {values.Length} values; the memory holds {output.Length}.", nameof(output));
        values.CopyTo(output);
    }

    /// <summary>Runs a batch and returns all <see cref="Outputs"/> by their layers' names.</summary>
    /// <param name="pixels">A batch <c>(n, h, w, 3)</c> of RGB pixels 0..255, row-major.</param>
    /// <param name="cancellationToken">Token to cancel the run.</param>
    /// <exception cref="ArgumentException">The length is not a multiple of <c>h * w * 3</c>.</exception>
    IReadOnlyDictionary<string, FeatureTensor> PredictAll(ReadOnlySpan<byte> pixels, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="PredictAll(ReadOnlySpan{byte}, CancellationToken)"/>
    /// <exception cref="ArgumentException">The length is not a multiple of <c>h * w * 3</c>, or a value is NaN or infinite.</exception>
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

    /// <summary>Gets the layer table and the parameter counts (Keras: <c>model.summary()</c>).</summary>
    ModelSummary Summary();
}
