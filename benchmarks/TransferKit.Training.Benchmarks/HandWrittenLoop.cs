using System.Diagnostics;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

#pragma warning disable IDE1006 // TorchSharp registers modules by the names of their fields.

namespace TransferKit.Training.Benchmarks;

/// <summary>
/// Implements MobileNetV2 of alpha 0.35 and a plain TorchSharp training loop, with all images in memory. Every layer keeps the memory
/// layout of its input, so that the layout of the images is that of the whole network.
/// </summary>
internal sealed class HandWrittenLoop
{
    private const int BatchSize = 32;
    private readonly bool _isChannelsLast;
    private readonly Tensor _pixels;
    private readonly Tensor _labels;
    private readonly Module<Tensor, Tensor> _network;
    private readonly optim.Optimizer _optimizer;

    public HandWrittenLoop(ImageFolder images, int side, int classes, bool isChannelsLast = false)
    {
        _isChannelsLast = isChannelsLast;
        var options = new ImageLoadOptions { Interpolation = Interpolation.Bicubic };
        var decoded = images.Images.Select(i => RgbImage.Load(i.Path).Resize(side, side, options.Interpolation).Pixels.ToArray()).ToArray();
        using var bytes = tensor(decoded.SelectMany(p => p).ToArray(), [decoded.Length, side, side, 3]);
        _pixels = bytes.to(ScalarType.Float32) / 127.5 - 1;
        _labels = tensor(images.Images.Select(i => (long)i.Classes[0]).ToArray());
        _network = Network(classes);
        _optimizer = optim.Adam(_network.parameters(), 3e-4);
    }

    public double Epoch()
    {
        var clock = Stopwatch.StartNew();
        _network.train();
        using var order = randperm(_pixels.shape[0]);
        for (long at = 0; at < _pixels.shape[0]; at += BatchSize)
        {
            using var scope = NewDisposeScope();
            var batch = order.slice(0, at, Math.Min(at + BatchSize, _pixels.shape[0]), 1);
            _optimizer.zero_grad();
            var pixels = _pixels.index_select(0, batch).permute(0, 3, 1, 2);
            var logits = _network.forward(_isChannelsLast ? pixels : pixels.contiguous());
            var loss = functional.cross_entropy(logits, _labels.index_select(0, batch));
            loss.backward();
            _optimizer.step();
            _ = loss.item<float>();
        }
        return clock.Elapsed.TotalSeconds;
    }

    private static Sequential Network(int classes)
    {
        var layers = new List<Module<Tensor, Tensor>>
        {
            Conv2d(3, 16, 3, stride: 2, padding: 1, bias: false), BatchNorm2d(16, 1e-3, 1e-3), ReLU6(inplace: true),
        };
        var inputs = 16;
        (int Expansion, int Outputs, int Blocks, int Stride)[] stages =
            [(1, 8, 1, 1), (6, 8, 2, 2), (6, 16, 3, 2), (6, 24, 4, 2), (6, 32, 3, 1), (6, 56, 3, 2), (6, 112, 1, 1)];
        foreach (var (expansion, outputs, blocks, stride) in stages)
        {
            for (var i = 0; i < blocks; i++, inputs = outputs)
                layers.Add(new Block(inputs, outputs, expansion, i == 0 ? stride : 1));
        }
        layers.AddRange(
        [
            Conv2d(inputs, 1280, 1, bias: false), BatchNorm2d(1280, 1e-3, 1e-3), ReLU6(inplace: true),
            AdaptiveAvgPool2d([1, 1]), Flatten(), Linear(1280, classes),
        ]);
        return Sequential(layers);
    }

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Sequential layers;
        private readonly bool adds;

        public Block(int inputs, int outputs, int expansion, int stride) : base("block")
        {
            var wide = inputs * expansion;
            List<Module<Tensor, Tensor>> inside = [];
            if (expansion > 1)
                inside.AddRange([Conv2d(inputs, wide, 1, bias: false), BatchNorm2d(wide, 1e-3, 1e-3), ReLU6(inplace: true)]);
            inside.AddRange(
            [
                Conv2d(wide, wide, 3, stride: stride, padding: 1, groups: wide, bias: false),
                BatchNorm2d(wide, 1e-3, 1e-3), ReLU6(inplace: true),
            ]);
            inside.AddRange([Conv2d(wide, outputs, 1, bias: false), BatchNorm2d(outputs, 1e-3, 1e-3)]);
            layers = Sequential(inside);
            adds = stride == 1 && inputs == outputs;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => adds ? input + layers.forward(input) : layers.forward(input);
    }
}
