using System.Reflection;
using TorchSharp;
using TransferKit.Training.Torch;
using static TorchSharp.torch;

namespace TransferKit.Training.Tests.Torch;

public class NumbersTests
{
    // A collection that frees a number too early comes once in many thousand calls; the code shows at once who is open to it.
    [Fact]
    public void Native_numbers_are_made_only_where_they_are_held()
    {
        var conversions = typeof(Scalar).GetMethods().Where(m => m.Name == "op_Implicit").ToHashSet<MethodBase>();
        var open = OpenCalls(CalledMethods.In(typeof(torch).Assembly), conversions);
        Assert.Contains(typeof(Tensor).GetMethod("op_Addition", [typeof(Tensor), typeof(Tensor)])!, open);

        var calls = CalledMethods.In(typeof(Optimizer).Assembly)
            .Where(m => m.Key.DeclaringType != typeof(Numbers))
            .SelectMany(m => m.Value.Where(open.Contains).Select(called => $"{m.Key.DeclaringType}.{m.Key.Name} calls {called}"));

        Assert.Empty(calls);
    }

    // The conversions, and what calls them without disposing of the number, directly or through another such method.
    private static HashSet<MethodBase> OpenCalls(Dictionary<MethodBase, HashSet<MethodBase>> torchSharp, HashSet<MethodBase> conversions)
    {
        var dispose = typeof(IDisposable).GetMethod(nameof(IDisposable.Dispose))!;
        HashSet<MethodBase> open = [.. conversions];
        for (var known = 0; known < open.Count;)
        {
            known = open.Count;
            open.UnionWith(torchSharp
                .Where(m => m.Value.Overlaps(open))
                .Where(m => !m.Value.Contains(dispose) || !conversions.IsSupersetOf(m.Value.Where(open.Contains)))
                .Select(m => m.Key));
        }
        return open;
    }
}
