using System.Reflection;
using System.Reflection.Emit;

namespace TransferKit.Architecture.Tests;

/// <summary>Finds the types that a type mentions: in its signatures, its attributes and the instructions of its methods.</summary>
internal static class TypeReferences
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => c.Value);

    public static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type;
    }

    public static IEnumerable<MethodBase> Methods(Type type) =>
        type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared));

    /// <summary>Gets the types of the same assembly that a type mentions, with the outermost type standing for nested ones.</summary>
    public static HashSet<Type> Of(Type type)
    {
        var found = new HashSet<Type>();
        Add(type.BaseType);
        Add(type.GetInterfaces());
        AddAttributes(type);
        foreach (var field in type.GetFields(Declared))
            Add(field.FieldType);
        foreach (var method in Methods(type))
        {
            Add(method.GetParameters().Select(p => p.ParameterType));
            Add((method as MethodInfo)?.ReturnType);
            AddAttributes(method);
            if (method.IsGenericMethodDefinition)
                Add(method.GetGenericArguments().SelectMany(a => a.GetGenericParameterConstraints()));
            AddBody(method);
        }
        found.Remove(Outermost(type));
        return found;

        void Add(object? mention)
        {
            switch (mention)
            {
                case IEnumerable<Type> types:
                    foreach (var each in types)
                        Add(each);
                    break;
                case Type { HasElementType: true } composed:
                    Add(composed.GetElementType());
                    break;
                case Type { IsGenericParameter: false } named:
                    if (named.IsConstructedGenericType)
                        Add(named.GetGenericArguments());
                    if (named.Assembly == type.Assembly)
                        found.Add(Outermost(named.IsConstructedGenericType ? named.GetGenericTypeDefinition() : named));
                    break;
                case MethodBase method:
                    Add(method.DeclaringType);
                    Add((method as MethodInfo)?.ReturnType);
                    if (method.IsGenericMethod)
                        Add(method.GetGenericArguments());
                    break;
                case FieldInfo field:
                    Add(field.DeclaringType);
                    Add(field.FieldType);
                    break;
            }
        }

        void AddAttributes(MemberInfo member) => Add(member.GetCustomAttributesData().Select(a => a.AttributeType));

        void AddBody(MethodBase method)
        {
            if (method.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } code)
                return;
            Add(body.LocalVariables.Select(v => v.LocalType));
            Add(body.ExceptionHandlingClauses.Where(c => c.Flags == ExceptionHandlingClauseOptions.Clause).Select(c => c.CatchType!));
            var typeArguments = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
            var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
            for (var at = 0; at < code.Length;)
            {
                var value = (short)code[at++];
                if (value == 0xFE)
                    value = unchecked((short)(0xFE00 | code[at++]));
                switch (OpCodesByValue[value].OperandType)
                {
                    case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                        Add(method.Module.ResolveMember(BitConverter.ToInt32(code, at), typeArguments, methodArguments));
                        at += 4;
                        break;
                    case OperandType.InlineSwitch:
                        at += 4 + 4 * BitConverter.ToInt32(code, at);
                        break;
                    case OperandType.InlineI8 or OperandType.InlineR:
                        at += 8;
                        break;
                    case OperandType.InlineVar:
                        at += 2;
                        break;
                    case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                        at++;
                        break;
                    case OperandType.InlineNone:
                        break;
                    default:
                        at += 4;
                        break;
                }
            }
        }
    }
}
