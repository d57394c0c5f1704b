using System.Runtime.InteropServices;

namespace TransferKit;

/// <summary>
/// Thrown when a native library that comes with the packages, such as those of ONNX Runtime and SkiaSharp, is missing or does not load.
/// It is a fault of the machine or of the program's deployment, so no picture is skipped for it.
/// </summary>
public sealed class NativeLibraryException : TransferKitException
{
    private NativeLibraryException(string library, Exception inner) : base(
        $"The native library {library} is missing beside the program, or this system lacks a library that it needs. Build the program "
        + $"again, or publish it for this system: dotnet publish -r {RuntimeInformation.RuntimeIdentifier}. An installed tool is "
        + "repaired by dotnet tool uninstall and install. 'transferkit doctor' names what the system lacks.", inner) => Library = library;

    /// <summary>Gets the name of the library, such as <c>libSkiaSharp</c>.</summary>
    public string Library { get; }

    /// <summary>Returns the exception that says so if another one has a missing library as its cause; otherwise null.</summary>
    internal static NativeLibraryException? Of(Exception e) => e.GetBaseException() is DllNotFoundException missing
        ? new(Quoted(missing.Message), e)
        : null;

    // .NET's message has the name in quotes and many lines about the places that it searched.
    private static string Quoted(string message) => message.Split('\'') is [_, var name, ..] ? name : message;
}
