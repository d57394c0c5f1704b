namespace TransferKit;

/// <summary>
/// Defines the names of Keras' applications, for completion in editors: <c>Backbone.Load(Applications.MobileNetV2)</c> is
/// <c>Backbone.Load("mobilenet_v2")</c>. <see cref="Backbone.All"/> describes them.
/// </summary>
public static class Applications
{
    /// <summary>The name of Keras' <c>VGG16</c>.</summary>
    public const string VGG16 = "vgg16";

    /// <summary>The name of Keras' <c>VGG19</c>.</summary>
    public const string VGG19 = "vgg19";

    /// <summary>The name of Keras' <c>ResNet50</c>.</summary>
    public const string ResNet50 = "resnet50";

    /// <summary>The name of Keras' <c>ResNet101</c>.</summary>
    public const string ResNet101 = "resnet101";

    /// <summary>The name of Keras' <c>ResNet152</c>.</summary>
    public const string ResNet152 = "resnet152";

    /// <summary>The name of Keras' <c>ResNet50V2</c>.</summary>
    public const string ResNet50V2 = "resnet50v2";

    /// <summary>The name of Keras' <c>ResNet101V2</c>.</summary>
    public const string ResNet101V2 = "resnet101v2";

    /// <summary>The name of Keras' <c>ResNet152V2</c>.</summary>
    public const string ResNet152V2 = "resnet152v2";

    /// <summary>The name of Keras' <c>InceptionV3</c>.</summary>
    public const string InceptionV3 = "inception_v3";

    /// <summary>The name of Keras' <c>InceptionResNetV2</c>.</summary>
    public const string InceptionResNetV2 = "inception_resnet_v2";

    /// <summary>The name of Keras' <c>Xception</c>.</summary>
    public const string Xception = "xception";

    /// <summary>The name of Keras' <c>MobileNet</c>.</summary>
    public const string MobileNet = "mobilenet";

    /// <summary>The name of Keras' <c>MobileNetV2</c>.</summary>
    public const string MobileNetV2 = "mobilenet_v2";

    /// <summary>The name of Keras' <c>MobileNetV3Small</c>.</summary>
    public const string MobileNetV3Small = "mobilenet_v3_small";

    /// <summary>The name of Keras' <c>MobileNetV3Large</c>.</summary>
    public const string MobileNetV3Large = "mobilenet_v3_large";

    /// <summary>The name of Keras' <c>DenseNet121</c>.</summary>
    public const string DenseNet121 = "densenet121";

    /// <summary>The name of Keras' <c>DenseNet169</c>.</summary>
    public const string DenseNet169 = "densenet169";

    /// <summary>The name of Keras' <c>DenseNet201</c>.</summary>
    public const string DenseNet201 = "densenet201";

    /// <summary>The name of Keras' <c>NASNetMobile</c>.</summary>
    public const string NASNetMobile = "nasnet_mobile";

    /// <summary>The name of Keras' <c>NASNetLarge</c>.</summary>
    public const string NASNetLarge = "nasnet_large";

    /// <summary>The name of Keras' <c>EfficientNetB0</c>.</summary>
    public const string EfficientNetB0 = "efficientnet_b0";

    /// <summary>The name of Keras' <c>EfficientNetB1</c>.</summary>
    public const string EfficientNetB1 = "efficientnet_b1";

    /// <summary>The name of Keras' <c>EfficientNetB2</c>.</summary>
    public const string EfficientNetB2 = "efficientnet_b2";

    /// <summary>The name of Keras' <c>EfficientNetB3</c>.</summary>
    public const string EfficientNetB3 = "efficientnet_b3";

    /// <summary>The name of Keras' <c>EfficientNetB4</c>.</summary>
    public const string EfficientNetB4 = "efficientnet_b4";

    /// <summary>The name of Keras' <c>EfficientNetB5</c>.</summary>
    public const string EfficientNetB5 = "efficientnet_b5";

    /// <summary>The name of Keras' <c>EfficientNetB6</c>.</summary>
    public const string EfficientNetB6 = "efficientnet_b6";

    /// <summary>The name of Keras' <c>EfficientNetB7</c>.</summary>
    public const string EfficientNetB7 = "efficientnet_b7";

    /// <summary>The name of Keras' <c>EfficientNetV2B0</c>.</summary>
    public const string EfficientNetV2B0 = "efficientnet_v2_b0";

    /// <summary>The name of Keras' <c>EfficientNetV2B1</c>.</summary>
    public const string EfficientNetV2B1 = "efficientnet_v2_b1";

    /// <summary>The name of Keras' <c>EfficientNetV2B2</c>.</summary>
    public const string EfficientNetV2B2 = "efficientnet_v2_b2";

    /// <summary>The name of Keras' <c>EfficientNetV2B3</c>.</summary>
    public const string EfficientNetV2B3 = "efficientnet_v2_b3";

    /// <summary>The name of Keras' <c>EfficientNetV2S</c>.</summary>
    public const string EfficientNetV2S = "efficientnet_v2_s";

    /// <summary>The name of Keras' <c>EfficientNetV2M</c>.</summary>
    public const string EfficientNetV2M = "efficientnet_v2_m";

    /// <summary>The name of Keras' <c>EfficientNetV2L</c>.</summary>
    public const string EfficientNetV2L = "efficientnet_v2_l";

    /// <summary>The name of Keras' <c>ConvNeXtTiny</c>.</summary>
    public const string ConvNeXtTiny = "convnext_tiny";

    /// <summary>The name of Keras' <c>ConvNeXtSmall</c>.</summary>
    public const string ConvNeXtSmall = "convnext_small";

    /// <summary>The name of Keras' <c>ConvNeXtBase</c>.</summary>
    public const string ConvNeXtBase = "convnext_base";

    /// <summary>The name of Keras' <c>ConvNeXtLarge</c>.</summary>
    public const string ConvNeXtLarge = "convnext_large";

    /// <summary>The name of Keras' <c>ConvNeXtXLarge</c>.</summary>
    public const string ConvNeXtXLarge = "convnext_xlarge";
}
