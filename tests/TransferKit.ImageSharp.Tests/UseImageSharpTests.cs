using Microsoft.Extensions.DependencyInjection;
using TransferKit.Tests;

namespace TransferKit.ImageSharp.Tests;

public class UseImageSharpTests
{
    [Fact]
    public void Every_backbone_of_the_container_decodes_with_ImageSharp_and_keeps_its_other_options()
    {
        var options = MobileNet.Options with { Images = new() { Interpolation = Interpolation.Bicubic } };
        using var provider = new ServiceCollection().AddTransferKit().UseImageSharp()
            .AddBackbone("mobilenet_v2", options).BuildServiceProvider();

        var images = provider.GetRequiredService<IBackbone>().Images;

        Assert.IsType<ImageSharpDecoder>(images.Decoder);
        Assert.Equal(Interpolation.Bicubic, images.Interpolation);
    }

    [Fact]
    public void A_backbone_with_a_decoder_of_its_own_keeps_it()
    {
        var own = new SkiaImageDecoder();
        using var provider = new ServiceCollection().AddTransferKit().UseImageSharp()
            .AddBackbone("mobilenet_v2", MobileNet.Options with { Images = new() { Decoder = own } }).BuildServiceProvider();

        Assert.Same(own, provider.GetRequiredService<IBackbone>().Images.Decoder);
    }
}
