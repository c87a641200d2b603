using FullStack.Server.Cli;
using FullStack.Server.Cli.Sendmail;

Terminal terminal = Terminal.OfProcess();
return SendmailCommand.ModeOf(ProgramName.OfProcess()) is { } mode
    ? await SendmailCommand.RunAsync(mode, args, terminal, CancellationToken.None)
    : await CommandLine.RunAsync(args, terminal, CancellationToken.None);
