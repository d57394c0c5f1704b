using System.Runtime.InteropServices;

namespace TransferKit.Common;

/// <summary>
/// Sets environment variables for native libraries of this process. .NET keeps its own copy, whose changes native code does not see.
/// </summary>
internal static partial class NativeEnvironment
{
    /// <summary>
    /// Sets a variable for native code on Linux and macOS. A value that the user has set takes precedence over the default.
    /// </summary>
    public static void SetDefault(string name, string value)
    {
        if (OperatingSystem.IsWindows())
            return;
        var own = Environment.GetEnvironmentVariable(name);
        try
        {
            _ = SetVariable(name, string.IsNullOrEmpty(own) ? value : own, overwrite: 1);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A system without this C library has none of the libraries that read such variables either.
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
