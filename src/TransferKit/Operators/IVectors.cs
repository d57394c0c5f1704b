namespace TransferKit.Operators;

/// <summary>
/// The instructions of one kind of processor for operators on maps of floats. All kinds compute the same bits.
/// </summary>
/// <typeparam name="TVector">The processor's vector of floats.</typeparam>
internal unsafe interface IVectors<TVector>
    where TVector : unmanaged
{
    /// <summary>The number of floats of a vector.</summary>
    static abstract int Count { get; }

    /// <summary>
    /// The number of rows that <see cref="Product"/> multiplies. The rows of a block are padded to a multiple of it with arbitrary
    /// numbers.
    /// </summary>
    static abstract int Rows { get; }

    /// <summary>The number of filters that <see cref="Product"/> multiplies.</summary>
    static abstract int Filters { get; }

    static abstract TVector Create(float value);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    static abstract TVector Divide(TVector left, TVector right);

    /// <summary>Returns the larger number, and where the value is not a number, the value.</summary>
    static abstract TVector AtLeast(TVector bound, TVector value);

    /// <summary>Returns the smaller number, and where the value is not a number, the value.</summary>
    static abstract TVector AtMost(TVector bound, TVector value);

    /// <summary>Returns <c>factor * value + addend</c>, rounded once.</summary>
    static abstract TVector Sum(TVector factor, TVector value, TVector addend);

    /// <summary>Moves the bits of each number to the left.</summary>
    static abstract TVector ShiftBits(TVector value, int count);

    /// <summary>
    /// Computes the matrix product of rows by channels with channels by filters. All sums stay in registers, so the loop reads only rows
    /// and kernel and writes nothing.
    /// </summary>
    /// <param name="rows">The first of the channels in the first row.</param>
    /// <param name="stride">The distance of two rows.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="kernel">The first filter of the kernel, which has <see cref="WinogradConvolution.Panel"/> for each channel.</param>
    /// <param name="products">The first filter of the products, which have as many for each row.</param>
    /// <param name="isContinued">Whether the products are added to those of the channels before.</param>
    static abstract void Product(float* rows, nint stride, nint channels, float* kernel, float* products, bool isContinued);
}
