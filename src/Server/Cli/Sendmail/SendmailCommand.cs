using FullStack.Server.Configuration;
using FullStack.Server.Drop;
using FullStack.Store;
using FullStack.Store.Spool;

namespace FullStack.Server.Cli.Sendmail;

/// <summary>sendmail, mailq and newaliases: the names under which programs have always sent mail.</summary>
/// <remarks>It drops messages in a folder from which the server takes them, and so works for every user, and whether the server runs or not.</remarks>
internal static class SendmailCommand
{
    /// <summary>Where messages are dropped if no configuration can be read.</summary>
    public const string StandardFolder = "/var/spool/fullstack";

    private const string StandardFile = "/etc/fullstack/" + ConfigurationOptions.FileName;

    /// <summary>The names, and what they do.</summary>
    public static IReadOnlyList<(string Name, string Description)> Names { get; } =
    [
        ("sendmail", "Send the message on standard input, with the options that programs give sendmail. Also where the program is called by that name."),
        ("mailq", "List mail that waits, as mailq does."),
        ("newaliases", "Check the aliases."),
    ];

    /// <summary>What a program name asks for; null where it is none of these.</summary>
    /// <param name="program">A name, or a path to it.</param>
    public static SendmailMode? ModeOf(string program) => Path.GetFileName(program) switch
    {
        "sendmail" => SendmailMode.Send,
        "mailq" => SendmailMode.List,
        "newaliases" => SendmailMode.Aliases,
        _ => null,
    };

    /// <returns>The exit code: one of sysexits.h, for that is what callers know.</returns>
    public static async Task<int> RunAsync(SendmailMode mode, IReadOnlyList<string> arguments, Terminal terminal, CancellationToken ct)
    {
        try
        {
            SendmailOptions options = SendmailOptions.Parse(mode, arguments);
            return options.Mode switch
            {
                SendmailMode.List => MailqListing.Print(ConfigurationOf(options), terminal),
                SendmailMode.Aliases => CheckAliases(ConfigurationOf(options), terminal),
                SendmailMode.Flush => MailqListing.Flush(ConfigurationOf(options), options.Flushed),
                SendmailMode.Session => await LocalSession.RunAsync(PlaceOf(options), terminal, ct),
                SendmailMode.Batch => await LocalSession.PlayAsync(PlaceOf(options), terminal, ct),
                _ => await SubmissionAsync(options, terminal, ct),
            };
        }
        catch (CommandFailedException e)
        {
            terminal.Error.WriteLine("sendmail: " + e.Message);
            return e.ExitCode;
        }
        catch (UnauthorizedAccessException e)
        {
            terminal.Error.WriteLine("sendmail: " + e.Message);
            return ExitCode.NotPermitted;
        }
        catch (IOException e)
        {
            terminal.Error.WriteLine("sendmail: " + e.Message);
            return ExitCode.TryLater;
        }
    }

    private static async Task<int> SubmissionAsync(SendmailOptions options, Terminal terminal, CancellationToken ct)
    {
        DropPlace place = PlaceOf(options);
        await using BufferedStream input = new(terminal.InputOctets, 64 * 1024);
        await new Submission(options, place, terminal.Time).RunAsync(input, ct);
        return ExitCode.Ok;
    }

    /// <summary>The aliases are in the directory, where they count as soon as they are there.</summary>
    private static int CheckAliases(ServerConfiguration configuration, Terminal terminal)
    {
        if (configuration.Routing.Aliases.Table.File.Length > 0)
            return AliasLoading.Run(configuration, terminal);
        using Auth.Backends.AccountDirectory directory = Auth.Backends.AccountDirectory.OpenToRead(configuration.DirectoryFile, configuration.Domains);
        terminal.Output.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{configuration.DirectoryFile}: {directory.ListAliases(null).Count()} aliases"));
        return ExitCode.Ok;
    }

    /// <summary>Where messages go, and what is to be known of the server: from the configuration where it can be read, else from the folder that all users share.</summary>
    private static DropPlace PlaceOf(SendmailOptions options)
    {
        DropFolder shared = new(StandardFolder, SyncMode.Full);
        if (NamedFile(options) is null && DropSite.Read(shared.ReadNote()) is { } site)
            return new(shared, site);
        ServerConfiguration configuration = ConfigurationOf(options);
        return new(new(configuration.DropFolder, configuration.Store.Sync), DropSite.Of(configuration));
    }

    private static ServerConfiguration ConfigurationOf(SendmailOptions options)
    {
        string file = NamedFile(options) ?? StandardFile;
        if (!File.Exists(file))
            throw new CommandFailedException(ExitCode.Configuration, $"{file} is not there, or not for you to see; nor is there a folder {StandardFolder} of a server");
        ConfigurationFile read = ConfigurationFile.Load(file);
        return read.Configuration ?? throw new CommandFailedException(ExitCode.Configuration, string.Join("\nsendmail: ", read.Problems.Select(problem => problem.In(file))));
    }

    // Not the ones in the present folder, as for other commands: whoever's folder it is would get the mail of root's jobs.
    private static string? NamedFile(SendmailOptions options)
        => options.ConfigurationFile ?? (Environment.GetEnvironmentVariable("FULLSTACK_CONFIG") is { Length: > 0 } named ? named : null);
}

/// <summary>Where a message is dropped.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Site">The server that will take it up.</param>
internal sealed record DropPlace(DropFolder Folder, DropSite Site);
