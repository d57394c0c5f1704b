namespace TransferKit;

/// <summary>Specifies how an output of an ONNX file that is more than a vector becomes one.</summary>
public enum OnnxPooling
{
    /// <summary>The output stays as it is: a map <c>(h, w, channels)</c>, tokens <c>(tokens, channels)</c>, or a vector.</summary>
    None,

    /// <summary>The mean over all places of a map, or over all tokens.</summary>
    Avg,

    /// <summary>The maximum over all places of a map, or over all tokens.</summary>
    Max,

    /// <summary>The first token, which vision transformers train as the summary of the image (<c>[CLS]</c>). Tokens only.</summary>
    Cls,
}
