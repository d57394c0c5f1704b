using TransferKit;
using static TransferKit.Pooling;

namespace Snippets;

// The first lines of a program; outside the namespace TransferKit, where they are needed.
internal static class FirstLines
{
    public static IBackbone Load() => Backbone.Load("resnet50", includeTop: false, pooling: Avg);
}
