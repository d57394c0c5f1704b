namespace TransferKit;

/// <summary>
/// Lists the names of Keras' applications, for completion: <c>Backbone.Load(Applications.MobileNetV2)</c> is
/// <c>Backbone.Load("mobilenet_v2")</c>. <see cref="Backbone.All"/> has what a choice between them needs.
/// </summary>
public static class Applications
{
    /// <summary>Keras' <c>VGG16</c>.</summary>
    public const string VGG16 = "vgg16";

    /// <summary>Keras' <c>VGG19</c>.</summary>
    public const string VGG19 = "vgg19";

    /// <summary>Keras' <c>ResNet50</c>.</summary>
    public const string ResNet50 = "resnet50";

    /// <summary>Keras' <c>ResNet101</c>.</summary>
    public const string ResNet101 = "resnet101";

    /// <summary>Keras' <c>ResNet152</c>.</summary>
    public const string ResNet152 = "resnet152";

    /// <summary>Keras' <c>ResNet50V2</c>.</summary>
    public const string ResNet50V2 = "resnet50v2";

    /// <summary>Keras' <c>ResNet101V2</c>.</summary>
    public const string ResNet101V2 = "resnet101v2";

    /// <summary>Keras' <c>ResNet152V2</c>.</summary>
    public const string ResNet152V2 = "resnet152v2";

    /// <summary>Keras' <c>InceptionV3</c>.</summary>
    public const string InceptionV3 = "inception_v3";

    /// <summary>Keras' <c>InceptionResNetV2</c>.</summary>
    public const string InceptionResNetV2 = "inception_resnet_v2";

    /// <summary>Keras' <c>Xception</c>.</summary>
    public const string Xception = "xception";

    /// <summary>Keras' <c>MobileNet</c>.</summary>
    public const string MobileNet = "mobilenet";

    /// <summary>Keras' <c>MobileNetV2</c>.</summary>
    public const string MobileNetV2 = "mobilenet_v2";

    /// <summary>Keras' <c>MobileNetV3Small</c>.</summary>
    public const string MobileNetV3Small = "mobilenet_v3_small";

    /// <summary>Keras' <c>MobileNetV3Large</c>.</summary>
    public const string MobileNetV3Large = "mobilenet_v3_large";

    /// <summary>Keras' <c>DenseNet121</c>.</summary>
    public const string DenseNet121 = "densenet121";

    /// <summary>Keras' <c>DenseNet169</c>.</summary>
    public const string DenseNet169 = "densenet169";

    /// <summary>Keras' <c>DenseNet201</c>.</summary>
    public const string DenseNet201 = "densenet201";

    /// <summary>Keras' <c>NASNetMobile</c>.</summary>
    public const string NASNetMobile = "nasnet_mobile";

    /// <summary>Keras' <c>NASNetLarge</c>.</summary>
    public const string NASNetLarge = "nasnet_large";

    /// <summary>Keras' <c>EfficientNetB0</c>.</summary>
    public const string EfficientNetB0 = "efficientnet_b0";

    /// <summary>Keras' <c>EfficientNetB1</c>.</summary>
    public const string EfficientNetB1 = "efficientnet_b1";

    /// <summary>Keras' <c>EfficientNetB2</c>.</summary>
    public const string EfficientNetB2 = "efficientnet_b2";

    /// <summary>Keras' <c>EfficientNetB3</c>.</summary>
    public const string EfficientNetB3 = "efficientnet_b3";

    /// <summary>Keras' <c>EfficientNetB4</c>.</summary>
    public const string EfficientNetB4 = "efficientnet_b4";

    /// <summary>Keras' <c>EfficientNetB5</c>.</summary>
    public const string EfficientNetB5 = "efficientnet_b5";

    /// <summary>Keras' <c>EfficientNetB6</c>.</summary>
    public const string EfficientNetB6 = "efficientnet_b6";

    /// <summary>Keras' <c>EfficientNetB7</c>.</summary>
    public const string EfficientNetB7 = "efficientnet_b7";

    /// <summary>Keras' <c>EfficientNetV2B0</c>.</summary>
    public const string EfficientNetV2B0 = "efficientnet_v2_b0";

    /// <summary>Keras' <c>EfficientNetV2B1</c>.</summary>
    public const string EfficientNetV2B1 = "efficientnet_v2_b1";

    /// <summary>Keras' <c>EfficientNetV2B2</c>.</summary>
    public const string EfficientNetV2B2 = "efficientnet_v2_b2";

    /// <summary>Keras' <c>EfficientNetV2B3</c>.</summary>
    public const string EfficientNetV2B3 = "efficientnet_v2_b3";

    /// <summary>Keras' <c>EfficientNetV2S</c>.</summary>
    public const string EfficientNetV2S = "efficientnet_v2_s";

    /// <summary>Keras' <c>EfficientNetV2M</c>.</summary>
    public const string EfficientNetV2M = "efficientnet_v2_m";

    /// <summary>Keras' <c>EfficientNetV2L</c>.</summary>
    public const string EfficientNetV2L = "efficientnet_v2_l";

    /// <summary>Keras' <c>ConvNeXtTiny</c>.</summary>
    public const string ConvNeXtTiny = "convnext_tiny";

    /// <summary>Keras' <c>ConvNeXtSmall</c>.</summary>
    public const string ConvNeXtSmall = "convnext_small";

    /// <summary>Keras' <c>ConvNeXtBase</c>.</summary>
    public const string ConvNeXtBase = "convnext_base";

    /// <summary>Keras' <c>ConvNeXtLarge</c>.</summary>
    public const string ConvNeXtLarge = "convnext_large";

    /// <summary>Keras' <c>ConvNeXtXLarge</c>.</summary>
    public const string ConvNeXtXLarge = "convnext_xlarge";
}
