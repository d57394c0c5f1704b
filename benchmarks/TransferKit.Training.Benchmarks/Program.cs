using System.Diagnostics;
using System.Globalization;
using TransferKit;
using TransferKit.SideBySide;
using TransferKit.Training;
using TransferKit.Training.Benchmarks;

// "epoch DIR" compares an epoch of fine-tuning with TorchSharp loops of the same network, images and batches: one in the memory layout
// whose batch normalisations are exact, as TransferKit trains, and one in that of the images, whose sums lose digits.
// "memory DIR" measures the memory of the process over 50 epochs.
// "trained-students DIGITS" trains small networks beside a teacher, for which DIGITS has the folders train and test.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["trained-students", var digits])
{
    Heading.Print("TransferKit.Training.Benchmarks", args);
    TrainedStudents.Run(digits);
    return 0;
}
if (args is not [("epoch" or "memory") and var what, var folder])
{
    Console.Error.WriteLine("epoch DIR | memory DIR, with a folder of images in class folders | trained-students DIGITS");
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

const int rounds = 7;
var contiguous = new HandWrittenLoop(images, side, images.Classes.Count);
var channelsLast = new HandWrittenLoop(images, side, images.Classes.Count, isChannelsLast: true);
var epochs = new List<(double Ours, double Contiguous, double ChannelsLast)>();
// The first round is not counted: the engine allocates its memory.
for (var round = 0; round <= rounds; round++)
{
    var ours = model.Fit(images, options: new() { Epochs = 2, Optimizer = new Adam(3e-4) }).Epochs[^1].Duration.TotalSeconds;
    epochs.Add((ours, contiguous.Epoch(), channelsLast.Epoch()));
}
epochs.RemoveAt(0);
Console.WriteLine("| epoch of fine-tuning, s | by hand, s | ratio | by hand, channels last, s | ratio of the two by hand |");
Console.WriteLine("| --- | --- | --- | --- | --- |");
Console.WriteLine(
    $"| {Median(e => e.Ours):0.00} | {Median(e => e.Contiguous):0.00} | {Median(e => e.Ours / e.Contiguous):0.00} "
    + $"| {Median(e => e.ChannelsLast):0.00} | {Median(e => e.Contiguous / e.ChannelsLast):0.00} |");
return 0;

double Median(Func<(double Ours, double Contiguous, double ChannelsLast), double> value) =>
    epochs.Select(value).Order().ElementAt(rounds / 2);

internal sealed class ProgressCallback(Action<FitProgress> report) : IProgress<FitProgress>
{
    public void Report(FitProgress value) => report(value);
}
