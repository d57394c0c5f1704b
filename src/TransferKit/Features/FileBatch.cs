using TransferKit.Imaging;

namespace TransferKit.Features;

/// <summary>Some files of a folder, one after another, that run together: their pixels, or why they have none. Used again and again.</summary>
internal sealed class FileBatch(IReadOnlyList<FolderEntry> files, int capacity, int imageBytes)
{
    private byte[] _pixels = [];
    private Exception?[] _errors = [];
    private TaskCompletionSource _whole = new();
    private int _first;
    private int _left;

    public int Count { get; private set; }

    /// <summary>How many of the files gave pixels; known when the batch is whole.</summary>
    public int Images { get; private set; }

    /// <summary>Ends when all files are dealt with.</summary>
    public Task Whole => _whole.Task;

    public void Begin(int first, int count)
    {
        // A folder of few files takes one batch only.
        if (_errors.Length == 0)
            (_pixels, _errors) = (GC.AllocateUninitializedArray<byte>(checked(capacity * imageBytes)), new Exception?[capacity]);
        (_first, Count, _left) = (first, count, count);
        _whole = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public FolderEntry File(int index) => files[_first + index];

    public Exception? Error(int index) => _errors[index];

    /// <summary>The place of one file's pixels, to be written.</summary>
    public Span<byte> PixelsOf(int index) => _pixels.AsSpan(index * imageBytes, imageBytes);

    /// <summary>Tells that a file's pixels are written, or why not.</summary>
    public void Done(int index, Exception? error)
    {
        _errors[index] = error;
        if (Interlocked.Decrement(ref _left) > 0)
            return;
        CloseGaps();
        _whole.TrySetResult();
    }

    /// <summary>Ends the extraction with an error that is no file's.</summary>
    public void Fail(Exception error) => _whole.TrySetException(error);

    /// <summary>The pixels of all images, (images, h, w, 3), when the batch is whole.</summary>
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
