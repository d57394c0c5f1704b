using TransferKit.Backbones;

namespace TransferKit;

// Applications names every network; these five also have a type.

/// <summary>Represents Keras' <c>VGG16</c>, which <c>Backbone.Load("vgg16", options)</c> also loads.</summary>
public sealed class VGG16 : DelegatingBackbone
{
    /// <summary>Loads the network: downloads its weights if they are not cached, compiles it, and starts the engine.</summary>
    /// <param name="options">The options to build and run it with. Defaults to Keras' own.</param>
    /// <exception cref="TransferKitException">The options do not fit each other, or the weights are unavailable or wrong.</exception>
    public VGG16(BackboneOptions? options = null) :
        base(BackboneLoader.Load(Applications.VGG16, options ?? new(), null, CancellationToken.None))
    { }

    private VGG16(IBackbone backbone) : base(backbone) { }

    /// <summary>Loads the network without blocking the caller's thread.</summary>
    /// <param name="options">The options to build and run it with. Defaults to Keras' own.</param>
    /// <param name="progress">Progress reporter for the download.</param>
    /// <param name="cancellationToken">Token to cancel the download or the compilation; no incomplete file remains.</param>
    /// <exception cref="TransferKitException">The options do not fit each other, or the weights are unavailable or wrong.</exception>
    public static async Task<VGG16> LoadAsync(
        BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new(await Backbone.LoadAsync(Applications.VGG16, options, progress, cancellationToken).ConfigureAwait(false));
}

/// <summary>Represents Keras' <c>VGG19</c>, which <c>Backbone.Load("vgg19", options)</c> also loads.</summary>
public sealed class VGG19 : DelegatingBackbone
{
    /// <summary>Loads the network: downloads its weights if they are not cached, compiles it, and starts the engine.</summary>
    /// <param name="options">The options to build and run it with. Defaults to Keras' own.</param>
    /// <exception cref="TransferKitException">The options do not fit each other, or the weights are unavailable or wrong.</exception>
    public VGG19(BackboneOptions? options = null) :
        base(BackboneLoader.Load(Applications.VGG19, options ?? new(), null, CancellationToken.None))
    { }

    private VGG19(IBackbone backbone) : base(backbone) { }

    /// <summary>Loads the network without blocking the caller's thread.</summary>
    /// <param name="options">The options to build and run it with. Defaults to Keras' own.</param>
    /// <param name="progress">Progress reporter for the download.</param>
    /// <param name="cancellationToken">Token to cancel the download or the compilation; no incomplete file remains.</param>
    /// <exception cref="TransferKitException">The options do not fit each other, or the weights are unavailable or wrong.</exception>
    public static async Task<VGG19> LoadAsync(
        BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new(await Backbone.LoadAsync(Applications.VGG19, options, progress, cancellationToken).ConfigureAwait(false));
}

/// <summary>Represents Keras' <c>ResNet50</c>, which <c>Backbone.Load("resnet50", options)</c> also loads.</summary>
public sealed class ResNet50 : DelegatingBackbone
{
    /// <summary>Loads the network: downloads its weights if they are not cached, compiles it, and starts the engine.</summary>
    /// <param name="options">The options to build and run it with. Defaults to Keras' own.</param>
    /// <exception cref="TransferKitException">The options do not fit each other, or the weights are unavailable or wrong.</exception>
    public ResNet50(BackboneOptions? options = null) :
        base(BackboneLoader.Load(Applications.ResNet50, options ?? new(), null, CancellationToken.None))
    { }

    private ResNet50(IBackbone backbone) : base(backbone) { }

    /// <summary>Loads the network without blocking the caller's thread.</summary>
    /// <param name="options">The options to build and run it with. Defaults to Keras' own.</param>
    /// <param name="progress">Progress reporter for the download.</param>
    /// <param name="cancellationToken">Token to cancel the download or the compilation; no incomplete file remains.</param>
    /// <exception cref="TransferKitException">The options do not fit each other, or the weights are unavailable or wrong.</exception>
    public static async Task<ResNet50> LoadAsync(
        BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new(await Backbone.LoadAsync(Applications.ResNet50, options, progress, cancellationToken).ConfigureAwait(false));
}

/// <summary>Represents Keras' <c>InceptionV3</c>, which <c>Backbone.Load("inception_v3", options)</c> also loads.</summary>
public sealed class InceptionV3 : DelegatingBackbone
{
    /// <summary>Loads the network: downloads its weights if they are not cached, compiles it, and starts the engine.</summary>
    /// <param name="options">The options to build and run it with. Defaults to Keras' own.</param>
    /// <exception cref="TransferKitException">The options do not fit each other, or the weights are unavailable or wrong.</exception>
    public InceptionV3(BackboneOptions? options = null) :
        base(BackboneLoader.Load(Applications.InceptionV3, options ?? new(), null, CancellationToken.None))
    { }

    private InceptionV3(IBackbone backbone) : base(backbone) { }

    /// <summary>Loads the network without blocking the caller's thread.</summary>
    /// <param name="options">The options to build and run it with. Defaults to Keras' own.</param>
    /// <param name="progress">Progress reporter for the download.</param>
    /// <param name="cancellationToken">Token to cancel the download or the compilation; no incomplete file remains.</param>
    /// <exception cref="TransferKitException">The options do not fit each other, or the weights are unavailable or wrong.</exception>
    public static async Task<InceptionV3> LoadAsync(
        BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new(await Backbone.LoadAsync(Applications.InceptionV3, options, progress, cancellationToken).ConfigureAwait(false));
}

/// <summary>Represents Keras' <c>Xception</c>, which <c>Backbone.Load("xception", options)</c> also loads.</summary>
public sealed class Xception : DelegatingBackbone
{
    /// <summary>Loads the network: downloads its weights if they are not cached, compiles it, and starts the engine.</summary>
    /// <param name="options">The options to build and run it with. Defaults to Keras' own.</param>
    /// <exception cref="TransferKitException">The options do not fit each other, or the weights are unavailable or wrong.</exception>
    public Xception(BackboneOptions? options = null) :
        base(BackboneLoader.Load(Applications.Xception, options ?? new(), null, CancellationToken.None))
    { }

    private Xception(IBackbone backbone) : base(backbone) { }

    /// <summary>Loads the network without blocking the caller's thread.</summary>
    /// <param name="options">The options to build and run it with. Defaults to Keras' own.</param>
    /// <param name="progress">Progress reporter for the download.</param>
    /// <param name="cancellationToken">Token to cancel the download or the compilation; no incomplete file remains.</param>
    /// <exception cref="TransferKitException">The options do not fit each other, or the weights are unavailable or wrong.</exception>
    public static async Task<Xception> LoadAsync(
        BackboneOptions? options = null, IProgress<WeightDownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new(await Backbone.LoadAsync(Applications.Xception, options, progress, cancellationToken).ConfigureAwait(false));
}
