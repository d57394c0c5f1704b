using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TransferKit.SideBySide;

/// <summary>Runs AVX-512's dot products of bytes, which .NET has no function for and ONNX Runtime's int8 kernels consist of.</summary>
internal static unsafe partial class MachineCode
{
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int PrivateAnonymous = 0x22;

    // A loop of twelve `vpdpbusd %zmm13,%zmm12,%zmm0` to `%zmm11`, then `dec %rdi`, `jne` to its start, `vzeroupper` and `ret`.
    private static ReadOnlySpan<byte> DotProducts =>
    [
        0x62, 0xD2, 0x1D, 0x48, 0x50, 0xC5, 0x62, 0xD2, 0x1D, 0x48, 0x50, 0xCD, 0x62, 0xD2, 0x1D, 0x48, 0x50, 0xD5,
        0x62, 0xD2, 0x1D, 0x48, 0x50, 0xDD, 0x62, 0xD2, 0x1D, 0x48, 0x50, 0xE5, 0x62, 0xD2, 0x1D, 0x48, 0x50, 0xED,
        0x62, 0xD2, 0x1D, 0x48, 0x50, 0xF5, 0x62, 0xD2, 0x1D, 0x48, 0x50, 0xFD, 0x62, 0x52, 0x1D, 0x48, 0x50, 0xC5,
        0x62, 0x52, 0x1D, 0x48, 0x50, 0xCD, 0x62, 0x52, 0x1D, 0x48, 0x50, 0xD5, 0x62, 0x52, 0x1D, 0x48, 0x50, 0xDD,
        0x48, 0xFF, 0xCF, 0x75, 0xB3, 0xC5, 0xF8, 0x77, 0xC3,
    ];

    /// <summary>Whether the processor and the operating system can run the loop.</summary>
    public static bool HasDotProducts =>
        OperatingSystem.IsLinux() && Avx512F.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Ecx & 1 << 11) != 0;

    /// <summary>Writes the loop to a page of its own. Returns a function of the number of steps, of twelve instructions each.</summary>
    public static delegate* unmanaged<long, void> LoadDotProducts()
    {
        var size = (nuint)Environment.SystemPageSize;
        var page = Map(null, size, ReadWrite, PrivateAnonymous, -1, 0);
        if ((nint)page == -1)
            throw new InvalidOperationException($"No memory for machine code: error {Marshal.GetLastPInvokeError()}.");
        DotProducts.CopyTo(new(page, DotProducts.Length));
        if (Protect(page, size, ReadExecute) != 0)
            throw new InvalidOperationException($"The system refuses to run new machine code: error {Marshal.GetLastPInvokeError()}.");
        return (delegate* unmanaged<long, void>)page;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(void* address, nuint length, int protection);
}
