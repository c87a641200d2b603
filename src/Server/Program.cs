using FullStack.Server.Commands;

return await CommandLine.RunAsync(args, Terminal.OfProcess(), CancellationToken.None);
