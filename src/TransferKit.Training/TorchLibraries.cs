using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace TransferKit.Training;

/// <summary>
/// Loads libtorch's libraries by their full paths, each after those that it needs. The system's loader takes a loaded library for any
/// later request of its name, so a libtorch elsewhere, such as on <c>LD_LIBRARY_PATH</c>, does not take its place.
/// </summary>
internal static class TorchLibraries
{
    /// <summary>The environment variable with libtorch's folder, for libraries that are not next to the program.</summary>
    public const string FolderVariable = "TRANSFERKIT_LIBTORCH";

    private static readonly string[] Required = ["torch_cpu", "LibTorchSharp"];
    private static readonly string[] InOrder = ["c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch", "LibTorchSharp"];
    private static readonly Dictionary<string, nint> Loaded = [];

    private static string? NamedFolder =>
        Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? folder : null;

    /// <summary>
    /// Loads what TorchSharp calls. TorchSharp itself would copy libtorch into the program's folder where it does not find it.
    /// </summary>
    /// <exception cref="DllNotFoundException">A library is missing or does not load.</exception>
    public static void Load()
    {
        foreach (var name in InOrder)
        {
            if (Folders().Select(folder => Path.Combine(folder, FileName(name))).FirstOrDefault(File.Exists) is { } path)
                Loaded[name] = NativeLibrary.Load(path);
        }
        foreach (var needed in Required.Where(name => !Loaded.ContainsKey(name)))
        {
            if (NamedFolder is { } folder)
                throw new DllNotFoundException($"{FolderVariable} names '{folder}', which has no {FileName(needed)}.");
            Loaded[needed] = NativeLibrary.Load(needed, typeof(torch).Assembly, null);
        }
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += static (assembly, name) =>
            assembly == typeof(torch).Assembly ? Loaded.GetValueOrDefault(name) : 0;
    }

    // The runtime searches the program's folders first when TorchSharp asks for a name, and a second libtorch must not come in.
    private static IEnumerable<string> Folders()
    {
        var searched = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string)?.Split(Path.PathSeparator) ?? [];
        foreach (var folder in searched.Where(f => f.Length > 0).Append(AppContext.BaseDirectory))
            yield return folder;
        if (NamedFolder is not { } named)
            yield break;
        yield return named;
        // Portable builds put native libraries into a folder per system.
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        yield return Path.Combine(named, "runtimes", $"{system}-{architecture}", "native");
    }

    private static string FileName(string name) => OperatingSystem.IsWindows() ? $"{name}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{name}.dylib"
        : $"lib{name}.so";
}
