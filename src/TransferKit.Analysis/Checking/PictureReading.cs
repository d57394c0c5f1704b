using TransferKit.Analysis.Pictures;
using TransferKit.Common;
using TransferKit.Imaging;

namespace TransferKit.Analysis.Checking;

/// <summary>Reads the pictures of folders, several at a time.</summary>
internal sealed class PictureReading(
    ImageLoadOptions images, IProgress<DataCheckProgress>? progress, CancellationToken cancellationToken)
{
    private readonly List<(string Folder, bool IsTest, FolderEntry Entry)> _files = [];

    /// <summary>Gets the pictures in the order of folders and names.</summary>
    public IReadOnlyList<CheckedPicture> Pictures { get; private set; } = [];

    /// <summary>Gets the files that cannot be read.</summary>
    public IReadOnlyList<DataFinding> Findings { get; private set; } = [];

    public void Add(string folder, bool isTest) =>
        _files.AddRange(FolderListing.Of(folder, recursive: true).Select(entry => (folder, isTest, entry)));

    public bool HasReadable(string folder) => Pictures.Any(p => p.Folder == folder && p.Facts is not null);

    public void Run()
    {
        var (pictures, errors, done) = (new CheckedPicture[_files.Count], new Exception?[_files.Count], 0);
        Parallel.For(0, _files.Count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            var (folder, isTest, entry) = _files[i];
            PictureFacts? facts = null;
            errors[i] = entry.Error;
            try
            {
                if (entry.Error is null)
                    facts = PictureFacts.Read(Path.Combine(folder, entry.Path), images, cancellationToken);
            }
            catch (Exception e) when (e is ImageDecodeException or IOException or UnauthorizedAccessException)
            {
                errors[i] = e;
            }
            pictures[i] = new()
            {
                Folder = folder,
                Name = entry.Path,
                IsTest = isTest,
                Facts = facts,
                Label = FeatureTable.FolderOf(entry.Path),
            };
            progress?.Report(new(DataCheckStep.Reading, Interlocked.Increment(ref done), _files.Count));
        });
        Pictures = pictures;
        Findings =
        [
            .. pictures.Zip(errors).Where(p => p.Second is not null)
                .Select(p => p.First.Finding(DataFindingKind.Unreadable, Printable.Of(Reason(p.Second!)))),
        ];
    }

    // The finding names the picture, and the message of an image begins with its path.
    private static string Reason(Exception error) => $"It cannot be read: {(error as ImageDecodeException)?.Detail ?? error.Message}";
}
