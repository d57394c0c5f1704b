using TransferKit.Imaging;

namespace TransferKit.Features;

/// <summary>Holds the pixels or errors of consecutive files that run together. The reader reuses it for later files.</summary>
internal sealed class FileBatch(int capacity, int imageBytes)
{
    private byte[] _pixels = [];
    private FolderEntry[] _files = [];
    private Exception?[] _errors = [];
    private ImageFileDetails?[] _details = [];
    private TaskCompletionSource _completion = new();
    private int _left;

    public int Count { get; private set; }

    /// <summary>Gets the number of files with pixels, once the batch is complete.</summary>
    public int Images { get; private set; }

    /// <summary>Gets a task that completes when every file has pixels or an error.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Empties the batch.</summary>
    public void Begin()
    {
        // Memory is allocated on first use, because a small folder fills one batch only.
        if (_errors.Length == 0)
        {
            _pixels = GC.AllocateUninitializedArray<byte>(checked(capacity * imageBytes));
            (_files, _errors, _details) = (new FolderEntry[capacity], new Exception?[capacity], new ImageFileDetails?[capacity]);
        }
        Count = 0;
        _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Adds a file. None is decoded before all are added.</summary>
    public void Add(FolderEntry file)
    {
        (_files[Count], _errors[Count], _details[Count]) = (file, null, null);
        _left = ++Count;
    }

    public FolderEntry File(int index) => _files[index];

    public Exception? Error(int index) => _errors[index];

    public ImageFileDetails? Details(int index) => _details[index];

    /// <summary>Gets the memory that one file's pixels are decoded into.</summary>
    public Span<byte> PixelsOf(int index) => _pixels.AsSpan(index * imageBytes, imageBytes);

    /// <summary>Marks a file as decoded, or as failed with an error.</summary>
    public void Done(int index, Exception? error, ImageFileDetails? details)
    {
        (_errors[index], _details[index]) = (error, details);
        if (Interlocked.Decrement(ref _left) > 0)
            return;
        CloseGaps();
        _completion.TrySetResult();
    }

    /// <summary>Ends the extraction with an error that does not belong to a file.</summary>
    public void Fail(Exception error) => _completion.TrySetException(error);

    /// <summary>
    /// Gets the pixels of the first images, (count, h, w, 3), once the batch is complete. Those behind the last are black.
    /// </summary>
    public ReadOnlyMemory<byte> Pixels(int count)
    {
        // Bytes of earlier images, or of no image, might be floats that are not finite.
        _pixels.AsSpan(Images * imageBytes, (count - Images) * imageBytes).Clear();
        return _pixels.AsMemory(0, count * imageBytes);
    }

    /// <summary>Gets the pixels of one of the images, (1, h, w, 3), once the batch is complete.</summary>
    public ReadOnlyMemory<byte> Image(int image) => _pixels.AsMemory(image * imageBytes, imageBytes);

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
