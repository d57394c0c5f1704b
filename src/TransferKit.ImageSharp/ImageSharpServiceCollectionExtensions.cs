using Microsoft.Extensions.DependencyInjection;

namespace TransferKit.ImageSharp;

/// <summary>Makes ImageSharp the decoder of a container's backbones.</summary>
public static class ImageSharpServiceCollectionExtensions
{
    /// <summary>
    /// Makes an <see cref="ImageSharpDecoder"/> the decoder of every backbone of the container whose own options have the default
    /// decoder: <c>services.AddTransferKit().UseImageSharp()</c>. Limits, filter and orientation of each backbone stay.
    /// </summary>
    /// <param name="services">The services of the container.</param>
    /// <returns><paramref name="services"/>, for chained calls.</returns>
    public static IServiceCollection UseImageSharp(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddTransferKit(options => options.Decoder = new ImageSharpDecoder());
    }
}
