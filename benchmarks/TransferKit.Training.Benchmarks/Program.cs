using System.Diagnostics;
using System.Globalization;
using TransferKit;
using TransferKit.Training;
using TransferKit.Training.Benchmarks;

// "epoch DIR" compares an epoch of fine-tuning with a TorchSharp loop of the same network, images and batches.
// "memory DIR" measures the memory of the process over 50 epochs.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not [("epoch" or "memory") and var what, var folder])
{
    Console.Error.WriteLine("epoch DIR | memory DIR, with a folder of images in class folders");
    return 2;
}
var images = ImageFolder.Open(folder);
var side = 96;
using var model = TransferModel.Create("mobilenet_v2", images.Classes, new()
{
    Backbone = new() { Weights = MobileNetV2Weights.Alpha035NoTop, Alpha = 0.35, InputSize = (side, side) },
    Images = new() { Interpolation = Interpolation.Bicubic },
});
model.FineTuneAll();

if (what == "memory")
{
    var process = Process.GetCurrentProcess();
    model.Fit(images, options: new() { Epochs = 50 }, progress: new ProgressCallback(p =>
    {
        if (!p.IsEpochEnd || (p.Epoch != 1 && p.Epoch % 5 != 0))
            return;
        process.Refresh();
        Console.WriteLine($"epoch {p.Epoch,2}: {process.WorkingSet64 / 1e6:0} MB resident, {GC.GetTotalMemory(false) / 1e6:0} MB managed");
    }));
    return 0;
}

const int rounds = 3;
var hand = new HandWrittenLoop(images, side, images.Classes.Count);
var (ours, theirs) = (double.MaxValue, double.MaxValue);
model.Fit(images, options: new() { Epochs = 1, Optimizer = new Adam(3e-4) });
hand.Epoch();
for (var round = 0; round < rounds; round++)
{
    ours = Math.Min(ours, model.Fit(images, options: new() { Epochs = 2, Optimizer = new Adam(3e-4) }).Epochs[^1].Duration.TotalSeconds);
    theirs = Math.Min(theirs, hand.Epoch());
    Console.WriteLine($"TransferKit {ours:0.00} s, by hand {theirs:0.00} s, ratio {ours / theirs:0.00} (the best of {round + 1})");
}
return 0;

internal sealed class ProgressCallback(Action<FitProgress> report) : IProgress<FitProgress>
{
    public void Report(FitProgress value) => report(value);
}
