using PureHDF;
using PureHDF.VOL.Native;
using TransferKit.WeightSources.Hdf5;

namespace TransferKit.Tests.WeightSources.Hdf5;

/// <summary>Another reader of HDF5 gives the same numbers for the files of this repository.</summary>
public class Hdf5AgainstPureHdfTests
{
    public static TheoryData<string> Files => [RealWeights.Path, .. Directory.GetFiles(Goldens.Path("h5"), "*.h5")];

    [Theory, MemberData(nameof(Files))]
    public void PureHDF_reads_the_same_numbers(string path)
    {
        using var other = H5File.OpenRead(path);
        using var stream = File.OpenRead(path);
        var own = Hdf5File.Open(path, stream).Root;
        Assert.True(Compare(own, other) > 0);
    }

    private static int Compare(Hdf5Group own, NativeGroup other)
    {
        Assert.Equal(
            other.Children().Select(c => c.Name).Order(StringComparer.Ordinal),
            own.Children.Select(c => c.Name).Order(StringComparer.Ordinal));
        var compared = 0;
        foreach (var child in other.Children())
        {
            switch (own.Find(child.Name), child)
            {
                case (Hdf5Group ownGroup, NativeGroup group):
                    compared += Compare(ownGroup, group);
                    break;
                case (Hdf5Dataset ownArray, NativeDataset array):
                    Assert.Equal(array.Space.Dimensions.Select(d => (long)d), ownArray.Shape);
                    var numbers = new float[ownArray.Count];
                    ownArray.Read(0, numbers);
                    Assert.Equal(Numbers(array), numbers);
                    compared++;
                    break;
                default:
                    Assert.Fail($"{child.Name} is another kind of object for PureHDF.");
                    break;
            }
        }
        return compared;
    }

    private static IEnumerable<float> Numbers(NativeDataset array) => (array.Type.Class, array.Type.Size) switch
    {
        (H5DataTypeClass.FloatingPoint, 2) => array.Read<Half[]>().Select(v => (float)v),
        (H5DataTypeClass.FloatingPoint, 4) => array.Space.Rank == 0 ? [array.Read<float>()] : array.Read<float[]>(),
        (H5DataTypeClass.FloatingPoint, 8) => array.Read<double[]>().Select(v => (float)v),
        (_, 4) => [array.Read<int>()],
        _ => [array.Read<long>()],
    };
}
