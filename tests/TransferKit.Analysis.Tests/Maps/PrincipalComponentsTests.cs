using TransferKit.Analysis.Maps;

namespace TransferKit.Analysis.Tests.Maps;

public class PrincipalComponentsTests
{
    public static TheoryData<string> Names => new(MapGolden.All.Pca.Select(g => g.Name));

    [Theory, MemberData(nameof(Names))]
    public void Coordinates_and_shares_are_those_of_scikit_learn(string name)
    {
        var golden = MapGolden.All.Pca.Single(g => g.Name == name);

        var found = PrincipalComponents.Of(MapGolden.Table(golden.Features, golden.Dimensions), null, default);

        var scale = golden.Coordinates.Max(Math.Abs);
        for (var i = 0; i < golden.Coordinates.Length; i++)
            Assert.Equal(golden.Coordinates[i], found.Coordinates[i % 2][i / 2], 1e-6 * scale);
        for (var c = 0; c < 2; c++)
            Assert.Equal(golden.Shares[c], found.Shares[c], 1e-8);
    }

    [Fact]
    public void Features_without_variance_or_of_one_number_have_zeros_in_their_place()
    {
        var same = PrincipalComponents.Of(MapGolden.Table([3, 4, 3, 4, 3, 4], 2), null, default);
        var line = PrincipalComponents.Of(MapGolden.Table([1, 2, 6], 1), null, default);

        Assert.All(same.Coordinates.SelectMany(c => c), value => Assert.Equal(0, value));
        Assert.Equal([0, 0], same.Shares);
        Assert.Equal([-2, -1, 3], line.Coordinates[0].Select(value => Math.Round(value, 9)));
        Assert.All(line.Coordinates[1], value => Assert.Equal(0, value));
        Assert.Equal(1, line.Shares[0], 1e-12);
    }
}
