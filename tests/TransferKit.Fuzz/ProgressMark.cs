using System.IO.MemoryMappedFiles;

namespace TransferKit.Fuzz;

/// <summary>The number of the input that a worker is at, and how many it could read, in memory that outlives the worker.</summary>
internal sealed class ProgressMark : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public ProgressMark(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, 2 * sizeof(long));
        _view = _file.CreateViewAccessor();
    }

    public long Number { get => _view.ReadInt64(0); set => _view.Write(0, value); }

    public long Read { get => _view.ReadInt64(sizeof(long)); set => _view.Write(sizeof(long), value); }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
