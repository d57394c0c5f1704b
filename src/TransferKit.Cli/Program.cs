using TransferKit.Cli;

return await Tool.RunAsync(args).ConfigureAwait(false);
