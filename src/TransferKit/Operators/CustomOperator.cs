using System.Runtime.InteropServices;
using System.Text;

namespace TransferKit.Operators;

/// <summary>
/// An operator of ours as ONNX Runtime calls it: the structure <c>OrtCustomOp</c> of version 17 of the C API, and after it what tells the
/// operators apart. ONNX Runtime passes a pointer to it to each callback. All inputs and the output are required tensors on the CPU.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CustomOperator
{
    /// <summary>ONNX' numbers of the types of tensors.</summary>
    public const int Float = 1;
    public const int Byte = 2;
    public const int SignedByte = 3;
    public const int Int = 6;

    private const int MostInputs = 5;
    private const int MostDimensions = 8;
    private const int Fail = 1;
    private const int IntegerAttribute = 1;

    private uint _version;
    private nint _createKernelWithoutStatus;
    private delegate* unmanaged<CustomOperator*, byte*> _getName;
    private delegate* unmanaged<CustomOperator*, byte*> _getExecutionProvider;
    private delegate* unmanaged<CustomOperator*, nuint, int> _getInputType;
    private delegate* unmanaged<CustomOperator*, nuint> _getInputCount;
    private delegate* unmanaged<CustomOperator*, nuint, int> _getOutputType;
    private delegate* unmanaged<CustomOperator*, nuint> _getOutputCount;
    private nint _computeWithoutStatus;
    private delegate* unmanaged<long*, void> _destroyKernel;
    private delegate* unmanaged<CustomOperator*, nuint, int> _getInputCharacteristic;
    private delegate* unmanaged<CustomOperator*, nuint, int> _getOutputCharacteristic;
    private delegate* unmanaged<CustomOperator*, nuint, int> _getInputMemory;
    private nint _getVariadicInputMinimum;
    private nint _getVariadicInputIsHomogeneous;
    private nint _getVariadicOutputMinimum;
    private nint _getVariadicOutputIsHomogeneous;
    private delegate* unmanaged<CustomOperator*, nint, nint, long**, nint> _createKernel;
    private delegate* unmanaged<long*, nint, nint> _computeKernel;
    private delegate* unmanaged<CustomOperator*, nint, nint> _inferShape;
    private delegate* unmanaged<CustomOperator*, int> _getStartVersion;
    private delegate* unmanaged<CustomOperator*, int> _getEndVersion;

    private byte* _name;
    private byte** _attributes;
    private int _attributeCount;
    private fixed int _inputTypes[MostInputs];
    private int _inputCount;
    private int _outputType;
    private delegate*<long*, long**, long*, void> _shapeOf;
    private delegate*<long*, nint, void> _compute;

    /// <summary>Creates an operator, which is never freed.</summary>
    /// <param name="name">Its name in the domain of this library.</param>
    /// <param name="attributes">
    /// The names of its attributes, all whole numbers, in the order in which <paramref name="compute"/> gets them.
    /// </param>
    /// <param name="inputTypes">The types of its inputs.</param>
    /// <param name="outputType">The type of its output.</param>
    /// <param name="shapeOf">
    /// Changes the first input's shape to the output's, given the attributes and the inputs' shapes; null if they are the same. The first
    /// dimension, which is the number of images, stays.
    /// </param>
    /// <param name="compute">Computes the output from the attributes and ONNX Runtime's context. What it throws fails the run.</param>
    public static CustomOperator* Create(
        string name, string[] attributes, int[] inputTypes, int outputType, delegate*<long*, long**, long*, void> shapeOf,
        delegate*<long*, nint, void> compute)
    {
        var created = (CustomOperator*)NativeMemory.AllocZeroed((nuint)sizeof(CustomOperator));
        created->_version = OrtFunctions.Version;
        created->_getName = &GetName;
        created->_getExecutionProvider = &GetExecutionProvider;
        created->_getInputType = &GetInputType;
        created->_getInputCount = &GetInputCount;
        created->_getOutputType = &GetOutputType;
        created->_getOutputCount = &GetOutputCount;
        created->_destroyKernel = &DestroyKernel;
        created->_getInputCharacteristic = &GetRequired;
        created->_getOutputCharacteristic = &GetRequired;
        created->_getInputMemory = &GetRequired;
        created->_createKernel = &CreateKernel;
        created->_computeKernel = &Compute;
        created->_inferShape = &InferShape;
        created->_getStartVersion = &GetVersion;
        created->_getEndVersion = &GetVersion;

        created->_name = Permanent(name);
        created->_attributeCount = attributes.Length;
        created->_attributes = (byte**)NativeMemory.Alloc((nuint)attributes.Length, (nuint)sizeof(byte*));
        for (var i = 0; i < attributes.Length; i++)
            created->_attributes[i] = Permanent(attributes[i]);
        inputTypes.CopyTo(new Span<int>(created->_inputTypes, MostInputs));
        (created->_inputCount, created->_outputType) = (inputTypes.Length, outputType);
        created->_shapeOf = shapeOf;
        created->_compute = compute;
        return created;
    }

    /// <summary>Returns the number of an input's dimensions.</summary>
    public static int Rank(nint context, int index)
    {
        nint value, info;
        nuint count;
        OrtFunctions.Check(OrtFunctions.GetInput(context, (nuint)index, &value));
        OrtFunctions.Check(OrtFunctions.GetTensorTypeAndShape(value, &info));
        var status = OrtFunctions.GetDimensionsCount(info, &count);
        OrtFunctions.ReleaseTensorTypeAndShape(info);
        OrtFunctions.Check(status);
        return checked((int)count);
    }

    /// <summary>Returns an input's numbers and writes its first <paramref name="rank"/> dimensions to <paramref name="shape"/>.</summary>
    public static T* Input<T>(nint context, int index, long* shape, int rank)
        where T : unmanaged
    {
        nint value, info;
        void* data;
        OrtFunctions.Check(OrtFunctions.GetInput(context, (nuint)index, &value));
        OrtFunctions.Check(OrtFunctions.GetTensorMutableData(value, &data));
        OrtFunctions.Check(OrtFunctions.GetTensorTypeAndShape(value, &info));
        var status = OrtFunctions.GetDimensions(info, shape, (nuint)rank);
        OrtFunctions.ReleaseTensorTypeAndShape(info);
        OrtFunctions.Check(status);
        return (T*)data;
    }

    /// <summary>Allocates the output with the given shape.</summary>
    public static T* Output<T>(nint context, long* shape, int rank)
        where T : unmanaged
    {
        nint value;
        void* data;
        OrtFunctions.Check(OrtFunctions.GetOutput(context, 0, shape, (nuint)rank, &value));
        OrtFunctions.Check(OrtFunctions.GetTensorMutableData(value, &data));
        return (T*)data;
    }

    public static byte* Permanent(string text) => (byte*)Marshal.StringToCoTaskMemUTF8(text);

    [UnmanagedCallersOnly]
    private static byte* GetName(CustomOperator* op) => op->_name;

    [UnmanagedCallersOnly]
    private static byte* GetExecutionProvider(CustomOperator* op) => null;

    [UnmanagedCallersOnly]
    private static nuint GetInputCount(CustomOperator* op) => (nuint)op->_inputCount;

    [UnmanagedCallersOnly]
    private static int GetInputType(CustomOperator* op, nuint index) => op->_inputTypes[(int)index];

    [UnmanagedCallersOnly]
    private static nuint GetOutputCount(CustomOperator* op) => 1;

    [UnmanagedCallersOnly]
    private static int GetOutputType(CustomOperator* op, nuint index) => op->_outputType;

    // The value 0 means a required input or output, and also the default memory.
    [UnmanagedCallersOnly]
    private static int GetRequired(CustomOperator* op, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static int GetVersion(CustomOperator* op) => 1;

    // ONNX Runtime stores the pointer as the kernel: to the function that computes the output, and behind it the attributes' numbers.
    [UnmanagedCallersOnly]
    private static nint CreateKernel(CustomOperator* op, nint api, nint info, long** kernel)
    {
        var numbers = (long*)NativeMemory.Alloc((nuint)op->_attributeCount + 1, sizeof(long));
        numbers[0] = (long)op->_compute;
        nint status = 0;
        for (var i = 0; i < op->_attributeCount && status == 0; i++)
            status = OrtFunctions.GetAttribute(info, op->_attributes[i], numbers + 1 + i);
        if (status != 0)
            NativeMemory.Free(numbers);
        *kernel = numbers;
        return status;
    }

    // Without the shape of an output, ONNX Runtime would know none of those after it. It would then plan no memory for them, and copy a map
    // before a convolution adds to it, instead of adding in place.
    [UnmanagedCallersOnly]
    private static nint InferShape(CustomOperator* op, nint context)
    {
        try
        {
            op->InferShape(context);
            return 0;
        }
        catch (Exception e)
        {
            return Failure(e);
        }
    }

    private readonly void InferShape(nint context)
    {
        var attributes = stackalloc long[_attributeCount];
        for (var i = 0; i < _attributeCount; i++)
        {
            nint attribute;
            nuint length;
            OrtFunctions.Check(OrtFunctions.GetInferredAttribute(context, _attributes[i], &attribute));
            OrtFunctions.Check(OrtFunctions.ReadAttribute(attribute, IntegerAttribute, attributes + i, sizeof(long), &length));
        }
        var shapes = stackalloc long*[_inputCount];
        var dimensions = stackalloc long[_inputCount * MostDimensions];
        nint first = 0;
        nuint rank = 0;
        for (var i = _inputCount - 1; i >= 0; i--)
        {
            OrtFunctions.Check(OrtFunctions.GetInferredShape(context, (nuint)i, &first));
            OrtFunctions.Check(OrtFunctions.GetDimensionsCount(first, &rank));
            shapes[i] = dimensions + i * MostDimensions;
            if (rank is 0 or > MostDimensions)
                return;
            OrtFunctions.Check(OrtFunctions.GetDimensions(first, shapes[i], rank));
        }
        var names = stackalloc byte*[MostDimensions];
        OrtFunctions.Check(OrtFunctions.GetSymbolicDimensions(first, names, rank));
        var output = stackalloc long[MostDimensions];
        for (nuint i = 0; i < rank; i++)
        {
            output[i] = shapes[0][i];
            // Only the number of images may be a name in place of a number.
            if (output[i] < 0 && (i > 0 || *names[0] == 0))
                return;
        }
        if (_shapeOf != null)
            _shapeOf(attributes, shapes, output);
        OrtFunctions.Check(OrtFunctions.SetDimensions(first, output, rank));
        OrtFunctions.Check(OrtFunctions.SetInferredShape(context, 0, first));
    }

    // Exceptions must not reach the native caller.
    [UnmanagedCallersOnly]
    private static nint Compute(long* kernel, nint context)
    {
        try
        {
            ((delegate*<long*, nint, void>)kernel[0])(kernel + 1, context);
            return 0;
        }
        catch (Exception e)
        {
            return Failure(e);
        }
    }

    private static nint Failure(Exception exception)
    {
        fixed (byte* message = Encoding.UTF8.GetBytes(exception.Message + '\0'))
            return OrtFunctions.CreateStatus(Fail, message);
    }

    [UnmanagedCallersOnly]
    private static void DestroyKernel(long* kernel) => NativeMemory.Free(kernel);
}
