using TransferKit.Graph;
using TransferKit.Tests.Architectures;

namespace TransferKit.Tests.Graph;

public class MultiplyAddsTests
{
    // The values in billions come from each family's paper. ResNet strides its first 1x1 convolution as its paper does.
    [Theory]
    [InlineData("vgg16", 15.5)]
    [InlineData("vgg19", 19.6)]
    [InlineData("resnet50", 3.86)]
    [InlineData("xception", 8.4)]
    [InlineData("inception_v3", 5.7)]
    [InlineData("mobilenet", 0.569)]
    [InlineData("mobilenet_v2", 0.30)]
    [InlineData("mobilenet_v3_large", 0.217)]
    [InlineData("nasnet_mobile", 0.564)]
    [InlineData("nasnet_large", 23.8)]
    [InlineData("efficientnet_b0", 0.39)]
    [InlineData("convnext_tiny", 4.5)]
    [InlineData("convnext_base", 15.4)]
    public void A_backbone_costs_what_its_paper_says(string name, double billions) =>
        Assert.Equal(1, MultiplyAdds.Of(AllArchitectures.Build(name)) / 1e9 / billions, tolerance: 0.015);
}
