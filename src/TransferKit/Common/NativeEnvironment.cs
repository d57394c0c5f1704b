using System.Runtime.InteropServices;

namespace TransferKit.Common;

/// <summary>The environment variables that native libraries of this process read. .NET's own are a copy that they do not see.</summary>
internal static partial class NativeEnvironment
{
    /// <summary>Sets a variable for native code on Linux and macOS; the value that .NET has, as the user set it, goes before the default.</summary>
    public static void SetDefault(string name, string value)
    {
        if (OperatingSystem.IsWindows())
            return;
        var own = Environment.GetEnvironmentVariable(name);
        _ = SetVariable(name, string.IsNullOrEmpty(own) ? value : own, overwrite: 1);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
