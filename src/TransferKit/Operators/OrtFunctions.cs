using System.Runtime.InteropServices;

namespace TransferKit.Operators;

/// <summary>
/// The functions of ONNX Runtime's C API that custom operators need and its C# API does not offer. The API is a table of functions
/// whose indexes never change between versions. Each function returns a status, which is null on success.
/// </summary>
internal static unsafe partial class OrtFunctions
{
    /// <summary>The API version of ONNX Runtime 1.17, the first with all these functions.</summary>
    public const uint Version = 17;

    private static readonly nint* Table = ((delegate* unmanaged<uint, nint*>)(*OrtGetApiBase()))(Version);

    public static readonly delegate* unmanaged<int, byte*, nint> CreateStatus = (delegate* unmanaged<int, byte*, nint>)Table[0];
    public static readonly delegate* unmanaged<nint, byte*> GetErrorMessage = (delegate* unmanaged<nint, byte*>)Table[2];
    public static readonly delegate* unmanaged<byte*, nint*, nint> CreateCustomOpDomain =
        (delegate* unmanaged<byte*, nint*, nint>)Table[26];
    public static readonly delegate* unmanaged<nint, void*, nint> AddToCustomOpDomain = (delegate* unmanaged<nint, void*, nint>)Table[27];
    public static readonly delegate* unmanaged<nint, nint, nint> AddCustomOpDomain = (delegate* unmanaged<nint, nint, nint>)Table[28];
    public static readonly delegate* unmanaged<nint, void**, nint> GetTensorMutableData =
        (delegate* unmanaged<nint, void**, nint>)Table[51];
    public static readonly delegate* unmanaged<nint, long*, nuint, nint> SetDimensions =
        (delegate* unmanaged<nint, long*, nuint, nint>)Table[59];
    public static readonly delegate* unmanaged<nint, nuint*, nint> GetDimensionsCount = (delegate* unmanaged<nint, nuint*, nint>)Table[61];
    public static readonly delegate* unmanaged<nint, long*, nuint, nint> GetDimensions =
        (delegate* unmanaged<nint, long*, nuint, nint>)Table[62];
    public static readonly delegate* unmanaged<nint, byte**, nuint, nint> GetSymbolicDimensions =
        (delegate* unmanaged<nint, byte**, nuint, nint>)Table[63];
    public static readonly delegate* unmanaged<nint, nint*, nint> GetTensorTypeAndShape = (delegate* unmanaged<nint, nint*, nint>)Table[65];
    public static readonly delegate* unmanaged<nint, byte*, long*, nint> GetAttribute =
        (delegate* unmanaged<nint, byte*, long*, nint>)Table[86];
    public static readonly delegate* unmanaged<nint, nuint, nint*, nint> GetInput =
        (delegate* unmanaged<nint, nuint, nint*, nint>)Table[90];
    public static readonly delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint> GetOutput =
        (delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)Table[91];
    public static readonly delegate* unmanaged<nint, void> ReleaseTensorTypeAndShape = (delegate* unmanaged<nint, void>)Table[99];
    public static readonly delegate* unmanaged<nint, nuint, nint*, nint> GetInferredShape =
        (delegate* unmanaged<nint, nuint, nint*, nint>)Table[268];
    public static readonly delegate* unmanaged<nint, byte*, nint*, nint> GetInferredAttribute =
        (delegate* unmanaged<nint, byte*, nint*, nint>)Table[269];
    public static readonly delegate* unmanaged<nint, nuint, nint, nint> SetInferredShape =
        (delegate* unmanaged<nint, nuint, nint, nint>)Table[270];
    public static readonly delegate* unmanaged<nint, int, void*, nuint, nuint*, nint> ReadAttribute =
        (delegate* unmanaged<nint, int, void*, nuint, nuint*, nint>)Table[272];
    public static readonly delegate* unmanaged<nint, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, nint> ParallelFor =
        (delegate* unmanaged<nint, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, nint>)Table[274];

    /// <summary>Throws if a status is an error.</summary>
    public static void Check(nint status)
    {
        if (status != 0)
            throw new EngineException($"ONNX Runtime: {Marshal.PtrToStringUTF8((nint)GetErrorMessage(status))}");
    }

    // Returns a structure whose first field is the function that returns the table.
    [LibraryImport("onnxruntime")]
    private static partial nint* OrtGetApiBase();
}
