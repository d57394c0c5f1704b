using System.Reflection;
using System.Reflection.Emit;

namespace TransferKit.Training.Tests.Torch;

/// <summary>Finds the methods that the code of an assembly names.</summary>
internal static class CalledMethods
{
    private const BindingFlags Own =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private static readonly Dictionary<short, OperandType> Operands = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value, code => code.OperandType);

    /// <summary>Gets each method of an assembly with those that its code names.</summary>
    public static Dictionary<MethodBase, HashSet<MethodBase>> In(Assembly assembly) => assembly.GetTypes()
        .SelectMany(type => (MethodBase[])[.. type.GetMethods(Own), .. type.GetConstructors(Own)])
        .ToDictionary(method => method, Of);

    private static HashSet<MethodBase> Of(MethodBase method)
    {
        HashSet<MethodBase> called = [];
        var code = new BinaryReader(new MemoryStream(method.GetMethodBody()?.GetILAsByteArray() ?? []));
        while (code.BaseStream.Position < code.BaseStream.Length)
        {
            short first = code.ReadByte();
            var operand = Operands[first == 0xFE ? (short)((first << 8) | code.ReadByte()) : first];
            if (operand is OperandType.InlineMethod)
            {
                called.Add(Named(method, code.ReadInt32()));
                continue;
            }
            var length = operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4L * code.ReadInt32(),
                _ => 4,
            };
            code.BaseStream.Position += length;
        }
        return called;
    }

    // A method of a generic type is found as the type declares it.
    private static MethodBase Named(MethodBase method, int token)
    {
        var named = method.Module.ResolveMethod(
            token, method.DeclaringType!.GetGenericArguments(), method is MethodInfo info ? info.GetGenericArguments() : [])!;
        return named is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericMethodDefinition() : named;
    }
}
