using TransferKit.Graph;

namespace TransferKit.Tests.Architectures;

public class FamilyOptionTests
{
    // Keras' networks have these counts with and without the top. Keras' file of MobileNetV2 0.35 also holds 410,208.
    [Theory]
    [InlineData("mobilenet", 0.25, 475_544, 218_544)]
    [InlineData("mobilenet", 0.5, 1_342_536, 829_536)]
    [InlineData("mobilenet", 0.75, 2_601_976, 1_832_976)]
    [InlineData("mobilenet_v2", 0.35, 1_691_208, 410_208)]
    [InlineData("mobilenet_v2", 0.5, 1_987_224, 706_224)]
    [InlineData("mobilenet_v2", 0.75, 2_663_064, 1_382_064)]
    [InlineData("mobilenet_v2", 1.3, 5_431_048, 3_766_048)]
    [InlineData("mobilenet_v2", 1.4, 6_156_712, 4_363_712)]
    public void Alpha_sets_the_width(string name, double alpha, long withTop, long withoutTop)
    {
        Assert.Equal(withTop, AllArchitectures.Build(name, o => o with { Alpha = alpha }).TotalParameters);
        Assert.Equal(withoutTop, AllArchitectures.Build(name, o => o with { Alpha = alpha, IncludeTop = false }).TotalParameters);
    }

    // The table in Keras' mobilenet_v3.py has these millions of multiply-adds and of parameters.
    [Theory]
    [InlineData("mobilenet_v3_large", 1.0, true, 209, 3.9)]
    [InlineData("mobilenet_v3_large", 0.75, false, 155, 4.0)]
    [InlineData("mobilenet_v3_small", 1.0, true, null, 2.0)]
    public void The_variants_of_MobileNetV3_have_the_published_size(
        string name, double alpha, bool minimalistic, int? multiplyAdds, double parameters)
    {
        var graph = AllArchitectures.Build(name, o => o with { Alpha = alpha, Minimalistic = minimalistic });
        Assert.Equal(parameters, graph.TotalParameters / 1e6, tolerance: 0.06);
        if (multiplyAdds is not null)
            Assert.Equal(multiplyAdds.Value, MultiplyAdds.Of(graph) / 1e6, tolerance: 1);
    }

    [Fact]
    public void A_minimalistic_network_has_plain_blocks()
    {
        var graph = AllArchitectures.Build("mobilenet_v3_large", o => o with { Minimalistic = true });
        Assert.DoesNotContain(graph.Layers, l => l.Op is Multiply or Activation { Kind: ActivationKind.HardSwish });
        Assert.All(graph.Layers.Select(l => l.Op).OfType<DepthwiseConv2D>(), d => Assert.Equal(3, d.Kernel));
    }

    [Fact]
    public void The_depth_multiplier_repeats_each_channel()
    {
        var graph = AllArchitectures.Build("mobilenet", o => o with { DepthMultiplier = 2 });
        Assert.True(graph.TryFind("conv_dw_1", out var layer));
        Assert.Equal(64, layer.OutputShape.Channels);
    }

    [Theory]
    [InlineData("mobilenet_v3_small"), InlineData("efficientnet_v2_b0"), InlineData("efficientnet_v2_s"), InlineData("convnext_tiny")]
    public void Without_preprocessing_the_first_layer_reads_pixels_as_they_are(string name)
    {
        var graph = AllArchitectures.Build(name, o => o with { IncludePreprocessing = false });
        Assert.DoesNotContain(graph.Layers, l => l.Op is Rescaling or Normalization);
    }

    [Fact]
    public void EfficientNet_has_one_more_layer_with_ImageNet_weights()
    {
        var plain = AllArchitectures.Build("efficientnet_b0").Layers;
        var trained = AllArchitectures.Build("efficientnet_b0", o => o with { ImageNetWeights = true }).Layers;

        var added = Assert.Single(trained, l => plain.All(p => p.Name != l.Name));
        Assert.Equal(("rescaling_1", 3), (added.Name, trained.IndexOf(added)));
        Assert.Equal([1 / Math.Sqrt(0.229), 1 / Math.Sqrt(0.224), 1 / Math.Sqrt(0.225)], ((Rescaling)added.Op).Scale);
    }

    [Fact]
    public void ConvNeXt_scales_each_block_by_a_millionth_at_first()
    {
        var scales = AllArchitectures.Build("convnext_tiny").Layers.Where(l => l.Op is LayerScale).ToArray();
        Assert.Equal(18, scales.Length);
        Assert.All(scales, l => Assert.Equal(new Initializer.Constant(1e-6f), Assert.Single(l.Weights).Initializer));
    }

    [Theory]
    [InlineData("vgg16"), InlineData("mobilenet"), InlineData("mobilenet_v3_small"), InlineData("convnext_tiny"), InlineData("resnet50")]
    public void Pooling_is_for_networks_without_their_top(string name)
    {
        var withTop = AllArchitectures.Build(name, o => o with { Pooling = Pooling.Max });
        Assert.Equal(AllArchitectures.Build(name).Layers.Select(l => l.ToString()), withTop.Layers.Select(l => l.ToString()));
        Assert.Equal(AllArchitectures.Build(name, o => o with { Classes = 7 }).Output.OutputShape, Shape.Vector(7));
    }

    [Fact]
    public void Stochastic_depth_grows_evenly_to_just_below_the_rate()
    {
        var rates = Rates(AllArchitectures.Build("efficientnet_b0", o => o with { DropConnectRate = 0.32 }));
        Assert.Equal(0.32 * 2 / 16, rates[0], tolerance: 1e-12);
        Assert.Equal(0.32 * 14 / 16, rates[^1], tolerance: 1e-12);
        Assert.Empty(Rates(AllArchitectures.Build("efficientnet_b0", o => o with { DropConnectRate = 0 })));

        static double[] Rates(LayerGraph graph) =>
            [.. graph.Layers.Select(l => l.Op).OfType<Dropout>().Where(d => d.PerSample).Select(d => d.Rate)];
    }

    [Theory]
    [InlineData("mobilenet", 0.001), InlineData("mobilenet_v3_small", 0.2), InlineData("efficientnet_b0", 0.2)]
    [InlineData("efficientnet_b7", 0.5), InlineData("efficientnet_v2_l", 0.2)]
    public void The_top_drops_at_Keras_rate_unless_told(string name, double rate)
    {
        Assert.Equal(rate, Rate(AllArchitectures.Build(name)));
        Assert.Equal(0.7, Rate(AllArchitectures.Build(name, o => o with { DropoutRate = 0.7 })));

        static double Rate(LayerGraph graph) => graph.Layers.Select(l => l.Op).OfType<Dropout>().Single(d => !d.PerSample).Rate;
    }

    [Theory]
    [InlineData("mobilenet", 0.99), InlineData("mobilenet_v2", 0.999), InlineData("mobilenet_v3_large", 0.999)]
    [InlineData("nasnet_mobile", 0.9997), InlineData("efficientnet_b0", 0.99), InlineData("efficientnet_v2_b0", 0.9)]
    public void Moving_statistics_have_the_family_s_momentum(string name, double momentum) =>
        Assert.All(
            AllArchitectures.Build(name).Layers.Select(l => l.Op).OfType<BatchNormalization>(),
            norm => Assert.Equal(momentum, norm.Momentum));

    [Fact]
    public void A_width_that_leaves_no_filters_is_refused_with_the_layer()
    {
        var problem = Assert.Throws<ArgumentException>(() => AllArchitectures.Build("mobilenet", o => o with { Alpha = 0.01 }));
        Assert.Equal("layer 'conv1' (Conv2D): there are no filters", problem.Message);
    }

    [Theory]
    [InlineData("efficientnet_b0", "stem_conv"), InlineData("efficientnet_b0", "block2a_dwconv")]
    [InlineData("efficientnet_b0", "block1a_se_reduce")]
    [InlineData("efficientnet_v2_s", "block1a_project_conv"), InlineData("efficientnet_v2_s", "block4a_dwconv2")]
    public void EfficientNet_kernels_start_by_their_fan_out(string name, string layer) => Assert.Equal(
        new Initializer.VarianceScaling(2, FanMode.Out, Distribution.TruncatedNormal), KernelInitializer(name, layer));

    [Theory]
    [InlineData("efficientnet_b0"), InlineData("efficientnet_v2_s")]
    public void EfficientNet_classifiers_start_small(string name) => Assert.Equal(
        new Initializer.VarianceScaling(1.0 / 3, FanMode.Out, Distribution.Uniform), KernelInitializer(name, "predictions"));

    [Fact]
    public void NASNet_mixes_initialisers_as_Keras_does()
    {
        Assert.Equal(Initializer.HeNormal, KernelInitializer("nasnet_mobile", "stem_conv1"));
        Assert.Equal(Initializer.HeNormal, KernelInitializer("nasnet_mobile", "normal_conv_1_0"));
        Assert.Equal(Initializer.GlorotUniform, KernelInitializer("nasnet_mobile", "separable_conv_1_normal_left1_0"));
    }

    [Theory]
    [InlineData("convnext_tiny", "convnext_tiny_stage_0_block_0_pointwise_conv_1"), InlineData("densenet121", "conv1_conv")]
    [InlineData("mobilenet_v2", "block_1_depthwise"), InlineData("mobilenet_v3_small", "expanded_conv_1_expand")]
    public void Other_kernels_start_by_Keras_default(string name, string layer) =>
        Assert.Equal(Initializer.GlorotUniform, KernelInitializer(name, layer));

    private static Initializer KernelInitializer(string name, string layer)
    {
        Assert.True(AllArchitectures.Build(name).TryFind(layer, out var found));
        return found.Weights[0].Initializer;
    }
}
