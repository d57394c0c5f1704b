namespace TransferKit;

// Keras' applications as types, so that completion finds them: each is its name and nothing else.

/// <summary>Keras' <c>VGG16</c>; the same as <c>Backbone.Load("vgg16", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class VGG16(BackboneOptions? options = null) : Backbone("vgg16", options);

/// <summary>Keras' <c>VGG19</c>; the same as <c>Backbone.Load("vgg19", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class VGG19(BackboneOptions? options = null) : Backbone("vgg19", options);

/// <summary>Keras' <c>ResNet50</c>; the same as <c>Backbone.Load("resnet50", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class ResNet50(BackboneOptions? options = null) : Backbone("resnet50", options);

/// <summary>Keras' <c>ResNet101</c>; the same as <c>Backbone.Load("resnet101", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class ResNet101(BackboneOptions? options = null) : Backbone("resnet101", options);

/// <summary>Keras' <c>ResNet152</c>; the same as <c>Backbone.Load("resnet152", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class ResNet152(BackboneOptions? options = null) : Backbone("resnet152", options);

/// <summary>Keras' <c>ResNet50V2</c>; the same as <c>Backbone.Load("resnet50v2", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class ResNet50V2(BackboneOptions? options = null) : Backbone("resnet50v2", options);

/// <summary>Keras' <c>ResNet101V2</c>; the same as <c>Backbone.Load("resnet101v2", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class ResNet101V2(BackboneOptions? options = null) : Backbone("resnet101v2", options);

/// <summary>Keras' <c>ResNet152V2</c>; the same as <c>Backbone.Load("resnet152v2", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class ResNet152V2(BackboneOptions? options = null) : Backbone("resnet152v2", options);

/// <summary>Keras' <c>InceptionV3</c>; the same as <c>Backbone.Load("inception_v3", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class InceptionV3(BackboneOptions? options = null) : Backbone("inception_v3", options);

/// <summary>Keras' <c>InceptionResNetV2</c>; the same as <c>Backbone.Load("inception_resnet_v2", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class InceptionResNetV2(BackboneOptions? options = null) : Backbone("inception_resnet_v2", options);

/// <summary>Keras' <c>Xception</c>; the same as <c>Backbone.Load("xception", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class Xception(BackboneOptions? options = null) : Backbone("xception", options);

/// <summary>Keras' <c>MobileNet</c>; the same as <c>Backbone.Load("mobilenet", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class MobileNet(BackboneOptions? options = null) : Backbone("mobilenet", options);

/// <summary>Keras' <c>MobileNetV2</c>; the same as <c>Backbone.Load("mobilenet_v2", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class MobileNetV2(BackboneOptions? options = null) : Backbone("mobilenet_v2", options);

/// <summary>Keras' <c>MobileNetV3Small</c>; the same as <c>Backbone.Load("mobilenet_v3_small", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class MobileNetV3Small(BackboneOptions? options = null) : Backbone("mobilenet_v3_small", options);

/// <summary>Keras' <c>MobileNetV3Large</c>; the same as <c>Backbone.Load("mobilenet_v3_large", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class MobileNetV3Large(BackboneOptions? options = null) : Backbone("mobilenet_v3_large", options);

/// <summary>Keras' <c>DenseNet121</c>; the same as <c>Backbone.Load("densenet121", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class DenseNet121(BackboneOptions? options = null) : Backbone("densenet121", options);

/// <summary>Keras' <c>DenseNet169</c>; the same as <c>Backbone.Load("densenet169", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class DenseNet169(BackboneOptions? options = null) : Backbone("densenet169", options);

/// <summary>Keras' <c>DenseNet201</c>; the same as <c>Backbone.Load("densenet201", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class DenseNet201(BackboneOptions? options = null) : Backbone("densenet201", options);

/// <summary>Keras' <c>NASNetMobile</c>; the same as <c>Backbone.Load("nasnet_mobile", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class NASNetMobile(BackboneOptions? options = null) : Backbone("nasnet_mobile", options);

/// <summary>Keras' <c>NASNetLarge</c>; the same as <c>Backbone.Load("nasnet_large", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class NASNetLarge(BackboneOptions? options = null) : Backbone("nasnet_large", options);

/// <summary>Keras' <c>EfficientNetB0</c>; the same as <c>Backbone.Load("efficientnet_b0", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetB0(BackboneOptions? options = null) : Backbone("efficientnet_b0", options);

/// <summary>Keras' <c>EfficientNetB1</c>; the same as <c>Backbone.Load("efficientnet_b1", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetB1(BackboneOptions? options = null) : Backbone("efficientnet_b1", options);

/// <summary>Keras' <c>EfficientNetB2</c>; the same as <c>Backbone.Load("efficientnet_b2", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetB2(BackboneOptions? options = null) : Backbone("efficientnet_b2", options);

/// <summary>Keras' <c>EfficientNetB3</c>; the same as <c>Backbone.Load("efficientnet_b3", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetB3(BackboneOptions? options = null) : Backbone("efficientnet_b3", options);

/// <summary>Keras' <c>EfficientNetB4</c>; the same as <c>Backbone.Load("efficientnet_b4", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetB4(BackboneOptions? options = null) : Backbone("efficientnet_b4", options);

/// <summary>Keras' <c>EfficientNetB5</c>; the same as <c>Backbone.Load("efficientnet_b5", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetB5(BackboneOptions? options = null) : Backbone("efficientnet_b5", options);

/// <summary>Keras' <c>EfficientNetB6</c>; the same as <c>Backbone.Load("efficientnet_b6", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetB6(BackboneOptions? options = null) : Backbone("efficientnet_b6", options);

/// <summary>Keras' <c>EfficientNetB7</c>; the same as <c>Backbone.Load("efficientnet_b7", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetB7(BackboneOptions? options = null) : Backbone("efficientnet_b7", options);

/// <summary>Keras' <c>EfficientNetV2B0</c>; the same as <c>Backbone.Load("efficientnet_v2_b0", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetV2B0(BackboneOptions? options = null) : Backbone("efficientnet_v2_b0", options);

/// <summary>Keras' <c>EfficientNetV2B1</c>; the same as <c>Backbone.Load("efficientnet_v2_b1", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetV2B1(BackboneOptions? options = null) : Backbone("efficientnet_v2_b1", options);

/// <summary>Keras' <c>EfficientNetV2B2</c>; the same as <c>Backbone.Load("efficientnet_v2_b2", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetV2B2(BackboneOptions? options = null) : Backbone("efficientnet_v2_b2", options);

/// <summary>Keras' <c>EfficientNetV2B3</c>; the same as <c>Backbone.Load("efficientnet_v2_b3", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetV2B3(BackboneOptions? options = null) : Backbone("efficientnet_v2_b3", options);

/// <summary>Keras' <c>EfficientNetV2S</c>; the same as <c>Backbone.Load("efficientnet_v2_s", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetV2S(BackboneOptions? options = null) : Backbone("efficientnet_v2_s", options);

/// <summary>Keras' <c>EfficientNetV2M</c>; the same as <c>Backbone.Load("efficientnet_v2_m", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetV2M(BackboneOptions? options = null) : Backbone("efficientnet_v2_m", options);

/// <summary>Keras' <c>EfficientNetV2L</c>; the same as <c>Backbone.Load("efficientnet_v2_l", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class EfficientNetV2L(BackboneOptions? options = null) : Backbone("efficientnet_v2_l", options);

/// <summary>Keras' <c>ConvNeXtTiny</c>; the same as <c>Backbone.Load("convnext_tiny", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class ConvNeXtTiny(BackboneOptions? options = null) : Backbone("convnext_tiny", options);

/// <summary>Keras' <c>ConvNeXtSmall</c>; the same as <c>Backbone.Load("convnext_small", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class ConvNeXtSmall(BackboneOptions? options = null) : Backbone("convnext_small", options);

/// <summary>Keras' <c>ConvNeXtBase</c>; the same as <c>Backbone.Load("convnext_base", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class ConvNeXtBase(BackboneOptions? options = null) : Backbone("convnext_base", options);

/// <summary>Keras' <c>ConvNeXtLarge</c>; the same as <c>Backbone.Load("convnext_large", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class ConvNeXtLarge(BackboneOptions? options = null) : Backbone("convnext_large", options);

/// <summary>Keras' <c>ConvNeXtXLarge</c>; the same as <c>Backbone.Load("convnext_xlarge", options)</c>.</summary>
/// <param name="options">How it is built and run; Keras' defaults when left out.</param>
public sealed class ConvNeXtXLarge(BackboneOptions? options = null) : Backbone("convnext_xlarge", options);
