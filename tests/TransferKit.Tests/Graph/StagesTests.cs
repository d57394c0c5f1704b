using TransferKit.Graph;
using TransferKit.Tests.Architectures;

namespace TransferKit.Tests.Graph;

public class StagesTests
{
    public static TheoryData<string> All => AllArchitectures.Names;

    // VGG convolves the image at its full size; ConvNeXt starts at a quarter.
    [Theory, MemberData(nameof(All))]
    public void The_stages_halve_down_to_a_32nd(string name)
    {
        int[] expected = [1, 2, 4, 8, 16, 32];
        var skipped = name.StartsWith("vgg", StringComparison.Ordinal) ? 0 : name.StartsWith("convnext", StringComparison.Ordinal) ? 2 : 1;

        var stages = Stages.Of(AllArchitectures.Build(name, o => o with { IncludeTop = false }));

        Assert.Equal(expected[skipped..], stages.Select(s => s.Reduction));
        Assert.All(stages, s => Assert.True(s.Layer.OutputShape.IsMap));
    }

    [Theory, MemberData(nameof(All))]
    public void The_last_stage_is_the_map_that_a_backbone_without_its_top_gives(string name)
    {
        var withoutTop = AllArchitectures.Build(name, o => o with { IncludeTop = false });
        Assert.Same(withoutTop.Output, Stages.Of(withoutTop)[^1].Layer);
        Assert.Equal(withoutTop.Output.OutputShape, Stages.Of(AllArchitectures.Build(name))[^1].Layer.OutputShape);
    }

    [Theory]
    [InlineData("vgg16", "block1_conv2:64 block2_conv2:128 block3_conv3:256 block4_conv3:512 block5_conv3:512 block5_pool:512")]
    [InlineData("resnet50", "conv1_relu:64 conv2_block3_out:256 conv3_block4_out:512 conv4_block6_out:1024 conv5_block3_out:2048")]
    [InlineData("resnet50v2", "conv1_conv:64 conv2_block2_out:256 conv3_block3_out:512 conv4_block5_out:1024 post_relu:2048")]
    [InlineData("inception_v3", "activation_2:64 activation_4:192 mixed2:288 mixed7:768 mixed10:2048")]
    [InlineData(
        "mobilenet_v2", "block_1_expand_relu:96 block_3_expand_relu:144 block_6_expand_relu:192 block_13_expand_relu:576 out_relu:1280")]
    [InlineData("nasnet_large", "stem_bn1:96 reduction_concat_stem_1:168 normal_concat_5:1008 normal_concat_12:2016 activation_259:4032")]
    [InlineData(
        "efficientnet_b0",
        "block2a_expand_activation:96 block3a_expand_activation:144 block4a_expand_activation:240 block6a_expand_activation:672 "
        + "top_activation:1280")]
    public void A_stage_ends_before_the_next_downsampling(string name, string expected) => Assert.Equal(
        expected, string.Join(' ', Stages.Of(AllArchitectures.Build(name)).Select(s => $"{s.Layer.Name}:{s.Layer.OutputShape.Channels}")));

    [Fact]
    public void The_stages_of_the_smallest_input_are_those_of_any()
    {
        var small = Stages.Of(AllArchitectures.Build("inception_v3", o => o with { InputSize = (75, 75), IncludeTop = false }));
        var usual = Stages.Of(AllArchitectures.Build("inception_v3", o => o with { IncludeTop = false }));
        Assert.Equal(usual.Select(s => (s.Layer.Name, s.Reduction)), small.Select(s => (s.Layer.Name, s.Reduction)));
    }
}
