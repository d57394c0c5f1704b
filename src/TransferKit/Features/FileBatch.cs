using TransferKit.Imaging;

namespace TransferKit.Features;

/// <summary>Holds the pixels or errors of consecutive files that run together. The reader reuses it for later files.</summary>
internal sealed class FileBatch(IReadOnlyList<FolderEntry> files, int capacity, int imageBytes)
{
    private byte[] _pixels = [];
    private Exception?[] _errors = [];
    private TaskCompletionSource _completion = new();
    private int _first;
    private int _left;

    public int Count { get; private set; }

    /// <summary>Gets the number of files with pixels, once the batch is complete.</summary>
    public int Images { get; private set; }

    /// <summary>Gets a task that completes when every file has pixels or an error.</summary>
    public Task Completion => _completion.Task;

    public void Begin(int first, int count)
    {
        // Memory is allocated on first use, because a small folder fills one batch only.
        if (_errors.Length == 0)
            (_pixels, _errors) = (GC.AllocateUninitializedArray<byte>(checked(capacity * imageBytes)), new Exception?[capacity]);
        (_first, Count, _left) = (first, count, count);
        _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public FolderEntry File(int index) => files[_first + index];

    public Exception? Error(int index) => _errors[index];

    /// <summary>Gets the memory that one file's pixels are decoded into.</summary>
    public Span<byte> PixelsOf(int index) => _pixels.AsSpan(index * imageBytes, imageBytes);

    /// <summary>Marks a file as decoded, or as failed with an error.</summary>
    public void Done(int index, Exception? error)
    {
        _errors[index] = error;
        if (Interlocked.Decrement(ref _left) > 0)
            return;
        CloseGaps();
        _completion.TrySetResult();
    }

    /// <summary>Ends the extraction with an error that does not belong to a file.</summary>
    public void Fail(Exception error) => _completion.TrySetException(error);

    /// <summary>Gets the pixels of all images, (images, h, w, 3), once the batch is complete.</summary>
    public ReadOnlyMemory<byte> Pixels => _pixels.AsMemory(0, Images * imageBytes);

    private void CloseGaps()
    {
        Images = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_errors[i] is not null)
                continue;
            if (Images < i)
                PixelsOf(i).CopyTo(PixelsOf(Images));
            Images++;
        }
    }
}
