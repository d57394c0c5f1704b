using BenchmarkDotNet.Running;
using TransferKit.Benchmarks;

if (args is ["nodes", .. var names])
    OptimisedNodes.Run(names);
else
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
