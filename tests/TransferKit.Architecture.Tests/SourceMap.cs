using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace TransferKit.Architecture.Tests;

/// <summary>Maps the types of an assembly to the source files that declare them, read from its portable debug symbols.</summary>
internal sealed class SourceMap
{
    // The compiler records the documents of types that have no method bodies under this kind.
    private static readonly Guid TypeDefinitionDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private readonly Dictionary<int, SortedSet<string>> _filesByType = [];

    public SourceMap(Assembly assembly, string sourceFolder)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(assembly.Location, ".pdb")));
        var symbols = provider.GetMetadataReader();
        string? Relative(DocumentHandle handle)
        {
            var path = symbols.GetString(symbols.GetDocument(handle).Name).Replace('\\', '/');
            var at = path.LastIndexOf($"/{sourceFolder}/", StringComparison.Ordinal);
            var relative = at < 0 ? null : path[(at + sourceFolder.Length + 2)..];
            return relative is null || relative.StartsWith("obj/", StringComparison.Ordinal) ? null : relative;
        }

        foreach (var type in assembly.GetTypes())
        {
            var outermost = TypeReferences.Outermost(type).MetadataToken;
            foreach (var method in TypeReferences.Methods(type))
            {
                var handle = MetadataTokens.MethodDebugInformationHandle(method.MetadataToken & 0xFFFFFF);
                var information = symbols.GetMethodDebugInformation(handle);
                if (!information.Document.IsNil && Relative(information.Document) is { } file)
                    Add(outermost, file);
            }
            foreach (var handle in symbols.GetCustomDebugInformation(MetadataTokens.EntityHandle(type.MetadataToken)))
            {
                var information = symbols.GetCustomDebugInformation(handle);
                if (symbols.GetGuid(information.Kind) != TypeDefinitionDocuments)
                    continue;
                var documents = symbols.GetBlobReader(information.Value);
                while (documents.RemainingBytes > 0)
                {
                    if (Relative(MetadataTokens.DocumentHandle(documents.ReadCompressedInteger())) is { } file)
                        Add(outermost, file);
                }
            }
        }
    }

    /// <summary>Gets the files that declare a type, relative to the source folder; none for generated code.</summary>
    public ImmutableArray<string> FilesOf(Type type) =>
        _filesByType.TryGetValue(TypeReferences.Outermost(type).MetadataToken, out var files) ? [.. files] : [];

    private void Add(int type, string file)
    {
        if (!_filesByType.TryGetValue(type, out var files))
            _filesByType[type] = files = new(StringComparer.Ordinal);
        files.Add(file);
    }
}
