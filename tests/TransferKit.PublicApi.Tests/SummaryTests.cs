namespace TransferKit.PublicApi.Tests;

public class SummaryTests
{
    // Keras 2 printed this table for VGG16.
    private static readonly string[] Vgg16Rows =
    [
        "block1_conv1 (Conv2D)        (None, 224, 224, 64)      1792      ",
        "block1_conv2 (Conv2D)        (None, 224, 224, 64)      36928     ",
        "block1_pool (MaxPooling2D)   (None, 112, 112, 64)      0         ",
        "block2_conv1 (Conv2D)        (None, 112, 112, 128)     73856     ",
        "block2_conv2 (Conv2D)        (None, 112, 112, 128)     147584    ",
        "block2_pool (MaxPooling2D)   (None, 56, 56, 128)       0         ",
        "block3_conv1 (Conv2D)        (None, 56, 56, 256)       295168    ",
        "block3_conv2 (Conv2D)        (None, 56, 56, 256)       590080    ",
        "block3_conv3 (Conv2D)        (None, 56, 56, 256)       590080    ",
        "block3_pool (MaxPooling2D)   (None, 28, 28, 256)       0         ",
        "block4_conv1 (Conv2D)        (None, 28, 28, 512)       1180160   ",
        "block4_conv2 (Conv2D)        (None, 28, 28, 512)       2359808   ",
        "block4_conv3 (Conv2D)        (None, 28, 28, 512)       2359808   ",
        "block4_pool (MaxPooling2D)   (None, 14, 14, 512)       0         ",
        "block5_conv1 (Conv2D)        (None, 14, 14, 512)       2359808   ",
        "block5_conv2 (Conv2D)        (None, 14, 14, 512)       2359808   ",
        "block5_conv3 (Conv2D)        (None, 14, 14, 512)       2359808   ",
        "block5_pool (MaxPooling2D)   (None, 7, 7, 512)         0         ",
        "flatten (Flatten)            (None, 25088)             0         ",
        "fc1 (Dense)                  (None, 4096)              102764544 ",
        "fc2 (Dense)                  (None, 4096)              16781312  ",
        "predictions (Dense)          (None, 1000)              4097000   ",
    ];

    [Fact]
    public void The_classic_table_of_VGG16_is_Keras_2s_line_by_line()
    {
        var (thin, thick) = (new string('_', 65), new string('=', 65));
        string[] expected =
        [
            "Model: \"vgg16\"", thin,
            "Layer (type)                 Output Shape              Param #   ", thick,
            "input_layer (InputLayer)     (None, 224, 224, 3)       0         ", thin,
            .. Vgg16Rows[..^1].SelectMany(row => new[] { row, thin }), Vgg16Rows[^1], thick,
            "Total params: 138,357,544", "Trainable params: 138,357,544", "Non-trainable params: 0", thin, "",
        ];

        Assert.Equal(expected, Backbone.Summary("vgg16").ToString().Split('\n'));
    }

    [Fact]
    public void The_boxed_table_shows_parameters_with_commas_and_bytes()
    {
        var lines = Backbone.Summary("vgg16").ToString(SummaryStyle.Boxed).Split('\n');

        Assert.Equal("│ fc1 (Dense)                │ (None, 4096)          │ 102,764,544 │", lines.Single(l => l.Contains("fc1")));
        Assert.Contains(" Total params: 138,357,544 (527.79 MB)", lines);
        Assert.StartsWith("┏━━", lines[1]);
    }

    [Fact]
    public void Branching_models_show_what_feeds_each_layer()
    {
        var add = Backbone.Summary("resnet50").ToString().Split('\n').SkipWhile(l => !l.StartsWith("conv2_block1_add (Add)")).Take(
            2).ToArray();

        Assert.Equal("conv2_block1_0_bn[0][0]", add[0][65..].Trim());
        Assert.Equal("conv2_block1_3_bn[0][0]", add[1].Trim());
    }

    [Fact]
    public void Ten_classes_at_640_by_480_give_VGG16_the_parameters_that_Keras_counts()
    {
        var summary = Backbone.Summary("vgg16", new() { Weights = Weights.None, Classes = 10, InputSize = (480, 640) });

        Assert.Equal(660_686_666, summary.TotalParameters);
        Assert.Equal([15, 20, 512], summary.Layers.Single(l => l.Name == "block5_pool").OutputShape);
    }

    [Fact]
    public void Moving_statistics_are_not_trainable()
    {
        var summary = Backbone.Summary("xception");

        Assert.Equal(
            (22_910_480, 22_855_952, 54_528), (summary.TotalParameters, summary.TrainableParameters, summary.NonTrainableParameters));
    }
}
