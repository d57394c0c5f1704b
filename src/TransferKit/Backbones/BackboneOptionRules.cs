namespace TransferKit.Backbones;

/// <summary>Checks the options of a backbone that concern all families; <c>OptionRules</c> checks those of one family.</summary>
internal static class BackboneOptionRules
{
    /// <summary>Returns all problems as sentences.</summary>
    public static IEnumerable<string> Check(BackboneOptions options)
    {
        if (options.AllStages && options.Layers.Count > 0)
            yield return $"AllStages chooses the layers itself; leave Layers, which is {string.Join(", ", options.Layers)}, empty.";
        if (options.Layers.Count > 1)
        {
            foreach (var twice in options.Layers.GroupBy(l => l).Where(l => l.Count() > 1))
                yield return $"Layers names {twice.Key} {twice.Count()} times; name it once.";
        }
        if (options.Preprocess is not (null or PreprocessMode.None or PreprocessMode.Caffe or PreprocessMode.Tf or PreprocessMode.Torch))
            yield return $"Preprocess is {options.Preprocess}; it must be None, Caffe, Tf or Torch.";
        if (options.Pooling is not (Pooling.None or Pooling.Avg or Pooling.Max))
            yield return $"Pooling is {options.Pooling}; it must be None, Avg or Max.";
        if (options.ClassifierActivation is not (ClassifierActivation.Softmax or ClassifierActivation.None))
            yield return $"ClassifierActivation is {options.ClassifierActivation}; it must be Softmax or None.";
        foreach (var problem in PrecisionProblems(options.Precision, options.Calibration, options.Device))
            yield return problem;
        foreach (var problem in options.Images.Problems())
            yield return $"Images: {problem}";
        if (options.InputSize is { Height: > 0, Width: > 0 } size && (long)size.Height * size.Width * 3 > Array.MaxLength)
            yield return $"InputSize is {size}; an image must fit into one array, which holds {Array.MaxLength / 3:N0} pixels.";
    }

    /// <summary>Returns what is wrong with a precision, its calibration and the device, of a backbone by name or of a file.</summary>
    public static IEnumerable<string> PrecisionProblems(Precision precision, Calibration? calibration, ExecutionDevice device)
    {
        if (precision is not (Precision.Float32 or Precision.Float16 or Precision.Int8))
            yield return $"Precision is {precision}; it must be Float32, Float16 or Int8.";
        if (precision == Precision.Int8 && calibration is null)
        {
            yield return "Precision is Int8, which needs a Calibration: Calibration.Folder(\"photos\"), "
                + "with a hundred images like those that the backbone will see.";
        }
        if (precision != Precision.Int8 && calibration is not null)
            yield return "Calibration needs Precision.Int8; leave it null for floats.";
        if (device is not (ExecutionDevice.Cpu or ExecutionDevice.Cuda or ExecutionDevice.DirectML or ExecutionDevice.CoreML))
            yield return $"Device is {device}; it must be Cpu, Cuda, DirectML or CoreML.";
        if (precision == Precision.Int8 && device != ExecutionDevice.Cpu)
            yield return $"Device is {device}, which has no kernels for Precision.Int8; use the Cpu, or Float32.";
        foreach (var problem in calibration?.Problems() ?? [])
            yield return problem;
    }
}
