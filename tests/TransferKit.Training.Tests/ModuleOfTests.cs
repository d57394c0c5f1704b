using System.Runtime.CompilerServices;

namespace TransferKit.Training.Tests;

/// <summary>
/// Makes the library's module initializer run before any test. Some tests call TorchSharp first, and oneDNN keeps what its first
/// convolution finds.
/// </summary>
internal static class ModuleOfTests
{
    [ModuleInitializer]
    internal static void Load() => RuntimeHelpers.RunModuleConstructor(typeof(TransferModel).Module.ModuleHandle);
}
