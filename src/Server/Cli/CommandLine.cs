using System.CommandLine;
using System.Net.Sockets;
using FullStack.Auth.Backends;
using FullStack.Server.Cli.Sendmail;
using FullStack.Server.Hosting;
using FullStack.Server.Tls;
using FullStack.Store;
using FullStack.Store.Upgrades;

namespace FullStack.Server.Cli;

/// <summary>The command line of the program.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command.</summary>
    /// <returns>The exit code, one of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, Terminal terminal, CancellationToken ct)
    {
        if (arguments.Length > 0 && !arguments[0].Contains('/') && SendmailCommand.ModeOf(arguments[0]) is { } mode)
            return await SendmailCommand.RunAsync(mode, arguments[1..], terminal, ct);
        ParseResult line = Parse(arguments, terminal);
        if (line.Errors.Count > 0)
        {
            foreach (System.CommandLine.Parsing.ParseError error in line.Errors)
                terminal.Error.WriteLine("fullstack: " + error.Message);
            terminal.Error.WriteLine("fullstack: --help shows the commands and their options");
            return ExitCode.Usage;
        }

        InvocationConfiguration invocation = new()
        {
            Output = terminal.Output,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // signals are the service's own
        };
        try
        {
            return await line.InvokeAsync(invocation, ct);
        }
        catch (Exception e) when (CodeOf(e) is { } code)
        {
            terminal.Error.WriteLine("fullstack: " + e.Message);
            return code;
        }
    }

    /// <summary>Reads a command line and does nothing.</summary>
    internal static ParseResult Parse(IReadOnlyList<string> arguments, Terminal terminal)
        => Root(terminal).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null }); // @example.org is a catch-all, not a file with arguments

    /// <summary>All commands.</summary>
    internal static RootCommand Root(Terminal terminal)
    {
        ConfigurationOptions options = new();
        LogOptions logs = new();
        Option<string?> domain = QuickstartCommand.DomainOption();
        RootCommand root = new("FullStack Mail: SMTP, IMAP and POP3 in one server. Without a command: serve with --config, else quickstart.")
        {
            QuickstartCommand.Create(terminal, options),
            ServeCommand.Create(terminal, options),
            CheckCommand.Create(terminal, options),
            DoctorCommand.Create(terminal, options),
            UserCommand.Create(terminal, options),
            AuthCommand.Create(terminal, options),
            DomainCommand.Create(terminal, options),
            AliasCommand.Create(terminal, options),
            DnsCommand.Create(terminal, options),
            CertificateCommand.Create(terminal, options),
            MailboxCommand.Create(terminal, options),
            QueueCommand.Create(terminal, options),
            BackupCommand.Create(terminal, options),
            RestoreCommand.Create(terminal, options),
            UpgradeCommand.Create(terminal, options),
            TraceCommand.Create(terminal, options),
            TlsReportCommand.Create(terminal, options),
        };
        foreach (Option option in options.All.Concat(logs.All).Append(domain))
            root.Add(option);
        foreach ((string name, string description) in SendmailCommand.Names)
            root.Add(new Command(name, description) { TreatUnmatchedTokensAsErrors = false }); // their options are read elsewhere
        root.SetAction((line, ct) => options.ConfigFile(line) is not null
            ? ServeCommand.RunAsync(line, terminal, options, logs, ct)
            : QuickstartCommand.RunAsync(line, terminal, options, domain, logs, ct));
        return root;
    }

    // What an administrator can put right is a sentence and an exit code; anything else is a bug and keeps its trace.
    private static int? CodeOf(Exception e) => e switch
    {
        CommandFailedException failed => failed.ExitCode,
        CertificateException => ExitCode.Configuration,
        ListenException { Error: SocketError.AccessDenied } => ExitCode.NotPermitted,
        ListenException => ExitCode.Unavailable,
        UnauthorizedAccessException => ExitCode.NotPermitted,
        PlatformNotSupportedException => ExitCode.Unavailable,
        StoreLockedException => ExitCode.TryLater,
        LaterFormatException => ExitCode.BadData,
        StartRefusedException { Trouble: StartTrouble.NotPermitted } => ExitCode.NotPermitted,
        StartRefusedException { Trouble: StartTrouble.CannotWrite } => ExitCode.CannotCreate,
        StartRefusedException => ExitCode.TryLater,
        DirectoryUnavailableException => ExitCode.Failed,
        IOException => ExitCode.CannotCreate,
        _ => null,
    };
}
