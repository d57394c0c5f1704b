using System.Runtime.Intrinsics;
using TransferKit.Operators;

namespace TransferKit.Tests.Operators;

/// <summary>Checks what operators on maps compute of single numbers, with vectors of both lengths where the processor has them.</summary>
public sealed unsafe class VectorsTests
{
    [Fact]
    public void Swish_is_exact_to_the_last_places()
    {
        foreach (var value in Values())
        {
            var expected = value / (1 + Math.Exp(-(double)value));
            foreach (var actual in Activated<SwishActivation>(new(MapActivationKind.Swish), value))
                Assert.True(Math.Abs(actual - expected) <= 3e-7 * Math.Abs(expected) + 1e-30, $"{value}: {actual} for {expected}");
        }
    }

    [Fact]
    public void Whatever_is_no_number_stays_none()
    {
        Assert.All(Activated<SwishActivation>(new(MapActivationKind.Swish), float.NaN), actual => Assert.True(float.IsNaN(actual)));
        Assert.All(Activated<ClipActivation>(new(MapActivationKind.Clip, 0, 6), float.NaN), actual => Assert.True(float.IsNaN(actual)));
        Assert.All(
            Activated<HardSwishActivation>(new(MapActivationKind.HardSwish, 1f / 6, 0.5f), float.NaN),
            actual => Assert.True(float.IsNaN(actual)));
    }

    [Fact]
    public void Large_numbers_become_themselves_or_nearly_zero()
    {
        foreach (var actual in Activated<SwishActivation>(new(MapActivationKind.Swish), 3e38f))
            Assert.Equal(3e38f, actual);
        foreach (var actual in Activated<SwishActivation>(new(MapActivationKind.Swish), -1000))
            Assert.InRange(actual, -1e-30f, 0);
    }

    private static IEnumerable<float> Values() => Enumerable.Range(-80_00, 160_01).Select(i => i / 100f);

    private static IEnumerable<float> Activated<TActivation>(MapActivation activation, float value)
        where TActivation : IMapActivation
    {
        Assert.SkipUnless(CustomOperators.AreSupported, "This processor has no fused products of vectors.");
        yield return TActivation.Of<Vectors256, Vector256<float>>(activation, Vector256.Create(value))[5];
        if (Vector512.IsHardwareAccelerated)
            yield return TActivation.Of<Vectors512, Vector512<float>>(activation, Vector512.Create(value))[11];
    }
}
