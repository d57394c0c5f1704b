namespace TransferKit.WeightSources.Hdf5;

/// <summary>
/// Says what is wrong with an object of an HDF5 file, as a predicate: "is a soft link". <see cref="Hdf5File.At{T}"/> puts
/// the names of the file and of the object before it; it never leaves the reader.
/// </summary>
internal sealed class Hdf5Exception(string problem, Exception? innerException = null) : Exception(problem, innerException)
{
    public static Hdf5Exception Damaged(string detail) => new($"is damaged: {detail}");

    public static Hdf5Exception Refused(string feature) =>
        new($"{feature}, which weight files of Keras do not have; save the weights again with Keras or h5py's defaults");
}
