using TransferKit.Tests;

namespace TransferKit.PublicApi.Tests;

public class DelegatingBackboneTests
{
    private static readonly string Pictures = Goldens.Path("..", "..", "docs", "samples", "pictures");

    [Fact]
    public void A_wrapper_that_only_observes_gives_the_features_of_the_wrapped_and_is_called_for_every_batch()
    {
        using var observed = new Observed(new Shared());

        var rows = new FeatureExtractor(observed, new() { BatchSize = 3 }).Extract(Pictures);

        var expected = new FeatureExtractor(SharedBackbone.MobileNet, new() { BatchSize = 3 }).Extract(Pictures);
        Assert.Equal(expected.Keys, rows.Keys);
        Assert.All(rows, r => Assert.Equal(expected[r.Key].Features.ToArray(), r.Value.Features.ToArray()));
        // The pictures come in batches, written into the extractor's own memory.
        Assert.Equal(2, observed.Batches);
    }

    [Fact]
    public void A_wrapper_that_changes_features_is_never_passed_over()
    {
        using var doubled = new Doubled(new Shared());

        var rows = new FeatureExtractor(doubled).Extract(Pictures);

        var plain = new FeatureExtractor(SharedBackbone.MobileNet).Extract(Pictures);
        Assert.All(rows, r => Assert.Equal(plain[r.Key].Features.ToArray().Select(v => 2 * v), r.Value.Features.ToArray()));
    }

    [Fact]
    public void A_service_of_a_wrapped_backbone_is_found_through_every_wrapper()
    {
        using IBackbone wrapped = new Observed(new Doubled(new Shared()));

        Assert.IsType<Observed>(wrapped.GetService(typeof(DelegatingBackbone)));
        Assert.IsType<Doubled>(wrapped.GetService(typeof(Doubled)));
        Assert.Same(SharedBackbone.MobileNet, wrapped.GetService(SharedBackbone.MobileNet.GetType()));
        Assert.Null(wrapped.GetService(typeof(TrainedModel)));
        Assert.Null(wrapped.GetService(typeof(Doubled), "key"));
    }

    [Fact]
    public void A_wrapper_prepares_pictures_as_the_wrapped_backbone_does()
    {
        using IBackbone wrapped = new Observed(new Shared());

        Assert.Same(SharedBackbone.MobileNet.Images, wrapped.Images);
        Assert.Equal(SharedBackbone.MobileNet.Outputs, wrapped.Outputs);
        Assert.Equal(SharedBackbone.MobileNet.UnboundLayers, wrapped.UnboundLayers);
    }

    private sealed class Shared() : DelegatingBackbone(SharedBackbone.MobileNet)
    {
#pragma warning disable CA2215 // Other tests use the shared backbone after this wrapper is disposed.
        protected override void Dispose(bool disposing)
#pragma warning restore CA2215
        {
        }
    }

    private sealed class Observed(IBackbone inner) : DelegatingBackbone(inner)
    {
        public int Batches { get; private set; }

        public override void Predict(ReadOnlySpan<byte> pixels, Memory<float> output, CancellationToken cancellationToken = default)
        {
            Batches++;
            base.Predict(pixels, output, cancellationToken);
        }
    }

    private sealed class Doubled(IBackbone inner) : DelegatingBackbone(inner)
    {
        public override void Predict(ReadOnlySpan<byte> pixels, Memory<float> output, CancellationToken cancellationToken = default)
        {
            base.Predict(pixels, output, cancellationToken);
            foreach (ref var value in output.Span)
                value *= 2;
        }
    }
}
