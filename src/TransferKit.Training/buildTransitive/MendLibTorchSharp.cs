// The SDK compiles this file alone against netstandard2.0 during the build, so it uses an old C# version.
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Lets copies of <c>libLibTorchSharp.so</c> load beside an older libstdc++ than the one they were built with. They ask for
/// a version of it that they call nothing of; one bit in the copy says that it may be missing. In mode <c>auto</c> it does
/// nothing where the library would load as it is.
/// </summary>
public sealed class MendLibTorchSharp : Task
{
    /// <summary>Gets or sets the copies in the output folder.</summary>
    [Required]
    public ITaskItem[] Libraries { get; set; }

    /// <summary>Gets or sets the symbol version that may be missing, such as <c>GLIBCXX_3.4.32</c>.</summary>
    [Required]
    public string Version { get; set; }

    /// <summary>Gets or sets the mode: <c>always</c>, or <c>auto</c> if only an old libstdc++ of this machine needs the patch.</summary>
    public string Mode { get; set; }

    public override bool Execute()
    {
        var libStdCpp = LibStdCpp.Find();
        if (!string.Equals(Mode, "always", StringComparison.OrdinalIgnoreCase))
        {
            if (libStdCpp == null)
            {
                Log.LogWarning("TransferKit.Training: libtorch needs libstdc++.so.6, which this machine lacks. "
                    + "Install it (Debian: libstdc++6) and build again. libLibTorchSharp.so was not patched.");
                return true;
            }
            if (LibStdCpp.Offers(libStdCpp, Version))
                return true;
        }
        foreach (var library in Libraries)
            Mend(library.ItemSpec, libStdCpp ?? "the target's libstdc++");
        return true;
    }

    private void Mend(string path, string libStdCpp)
    {
        try
        {
            var needs = new VersionNeeds(File.ReadAllBytes(path));
            if (!needs.Requires(Version))
                return;
            needs.Weaken(Version, path);
            Log.LogMessage(MessageImportance.High,
                "TransferKit.Training: patched {0}, so that it loads without {1}, which it never uses and {2} lacks.",
                path, Version, libStdCpp);
        }
        catch (Exception e) when (e is IOException || e is UnauthorizedAccessException || e is ArgumentException)
        {
            Log.LogWarning(
                "TransferKit.Training: {0} requires {1}, which {2} lacks, and could not be patched: {3} "
                    + "It needs the libstdc++ of GCC 13.2 or newer.",
                path, Version, libStdCpp, e.Message);
        }
    }

    /// <summary>Represents the symbol versions that an ELF64 library requires of others (section <c>.gnu.version_r</c>).</summary>
    private sealed class VersionNeeds
    {
        private const int SectionType = 0x6ffffffe;
        private const byte Weak = 2;
        private readonly byte[] _elf;
        private readonly Dictionary<string, int> _flagsAt = new Dictionary<string, int>();

        public VersionNeeds(byte[] elf)
        {
            _elf = elf;
            // TorchSharp's libraries for Linux are all 64-bit and little-endian.
            if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[4] != 2 || elf[5] != 1)
                throw new ArgumentException("It is not a 64-bit ELF library.");
            var sections = Int64(40);
            var (size, count) = (Int16(58), Int16(60));
            for (var i = 0; i < count; i++)
            {
                var section = sections + i * size;
                if (Int32(section + 4) == SectionType)
                    Read(Int64(section + 24), Int64(sections + Int32(section + 40) * size + 24), Int32(section + 44));
            }
        }

        public bool Requires(string version)
        {
            int at;
            return _flagsAt.TryGetValue(version, out at) && (_elf[at] & Weak) == 0;
        }

        /// <summary>Replaces the library atomically. A hard-linked original stays unchanged.</summary>
        public void Weaken(string version, string path)
        {
            _elf[_flagsAt[version]] |= Weak;
            var beside = path + "." + Guid.NewGuid().ToString("N") + ".tmp";
            try
            {
                File.WriteAllBytes(beside, _elf);
                // The next build copies the library again if its time differs.
                File.SetLastWriteTimeUtc(beside, File.GetLastWriteTimeUtc(path));
                File.Replace(beside, path, null);
            }
            finally
            {
                File.Delete(beside);
            }
        }

        // Elf64_Verneed has version, count, file, aux, next; its Elf64_Vernaux entries have hash, flags, other, name, next.
        private void Read(int need, int strings, int count)
        {
            for (var i = 0; i < count; i++, need += Int32(need + 12))
            {
                var entry = need + Int32(need + 8);
                for (var k = 0; k < Int16(need + 2); k++, entry += Int32(entry + 12))
                    _flagsAt[Text(strings + Int32(entry + 8))] = entry + 4;
            }
        }

        private int Int16(int at) { return BitConverter.ToUInt16(_elf, at); }

        private int Int32(int at) { return BitConverter.ToInt32(_elf, at); }

        private int Int64(int at) { return checked((int)BitConverter.ToInt64(_elf, at)); }

        private string Text(int at) { return Encoding.ASCII.GetString(_elf, at, Array.IndexOf(_elf, (byte)0, at) - at); }
    }

    private static class LibStdCpp
    {
        private const string Name = "libstdc++.so.6";

        /// <summary>Finds the libstdc++ of this process or of the usual folders, or returns null.</summary>
        public static string Find()
        {
            try
            {
                foreach (var line in File.ReadAllLines("/proc/self/maps"))
                {
                    var at = line.IndexOf('/');
                    var file = at < 0 ? "" : line.Substring(at);
                    if (Path.GetFileName(file).StartsWith(Name, StringComparison.Ordinal) && File.Exists(file))
                        return file;
                }
            }
            catch (Exception e) when (e is IOException || e is UnauthorizedAccessException)
            {
                // Without /proc, the usual folders are searched.
            }
            foreach (var folder in new[] { "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib" })
            {
                if (File.Exists(Path.Combine(folder, Name)))
                    return Path.Combine(folder, Name);
            }
            return null;
        }

        /// <summary>Returns whether a library contains the name of a version, enclosed in zero bytes.</summary>
        public static bool Offers(string library, string version)
        {
            var bytes = Encoding.GetEncoding("ISO-8859-1").GetString(File.ReadAllBytes(library));
            return bytes.IndexOf("\0" + version + "\0", StringComparison.Ordinal) >= 0;
        }
    }
}
