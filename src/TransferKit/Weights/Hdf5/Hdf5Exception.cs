namespace TransferKit.WeightSources.Hdf5;

/// <summary>
/// Thrown with a predicate such as "is a soft link" that says what is wrong with an object. <see cref="Hdf5File.At{T}"/> adds the names of
/// file and object, so this exception never leaves the reader.
/// </summary>
internal sealed class Hdf5Exception(string problem, Exception? innerException = null) : Exception(problem, innerException)
{
    public static Hdf5Exception Damaged(string detail) => new($"is damaged: {detail}");

    public static Hdf5Exception Refused(string feature) =>
        new($"{feature}, which weight files of Keras do not have; save the weights again with Keras or h5py's defaults");
}
