using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Upgrades;
using FullStack.Store.Posix;

namespace FullStack.Server.Cli;

/// <summary>The options by which every command finds the server it is about.</summary>
internal sealed class ConfigurationOptions
{
    /// <summary>The name of the configuration file in a folder made by quickstart.</summary>
    public const string FileName = "fullstack.yaml";

    /// <summary>The folder that quickstart makes if none is named.</summary>
    public const string DemoFolder = "fullstack-demo";

    /// <summary>Where a configuration is looked for if none is named, in this order.</summary>
    private static readonly string[] Defaults = [FileName, Path.Combine(DemoFolder, FileName), "/etc/fullstack/" + FileName];

    private readonly Option<string?> _config = new("--config")
    {
        Description = $"The configuration file. Default: the first there is of {string.Join(", ", Defaults)}.",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly Option<string?> _data = new("--data")
    {
        Description = $"Instead of --config: a folder that quickstart made ({FileName} in it is the configuration).",
        HelpName = "DIR",
        Recursive = true,
    };

    public IReadOnlyList<Option> All => [_config, _data];

    /// <summary>The file named by --config; null where the option is absent.</summary>
    public string? ConfigFile(ParseResult line) => line.GetValue(_config);

    /// <summary>The folder named by --data; null where the option is absent.</summary>
    public string? DataFolder(ParseResult line) => line.GetValue(_data);

    /// <summary>The configuration file that the command line means.</summary>
    /// <exception cref="CommandFailedException">It means none, or two.</exception>
    public string FileFor(ParseResult line)
    {
        (string? config, string? data) = (ConfigFile(line), DataFolder(line));
        if (config is not null && data is not null)
            throw new CommandFailedException(ExitCode.Usage, "give --config or --data, not both");
        return config ?? (data is not null ? Path.Combine(data, FileName) : Array.Find(Defaults, File.Exists))
            ?? throw new CommandFailedException(
                ExitCode.Configuration, $"no configuration: give --config FILE (looked for {string.Join(", ", Defaults)})");
    }

    /// <summary>Reads the configuration that the command line means; prints all that is wrong with it.</summary>
    /// <exception cref="CommandFailedException">There is none, or it has mistakes.</exception>
    /// <exception cref="Store.Upgrades.LaterFormatException">A later program has used the data folder.</exception>
    public ConfigurationFile Load(ParseResult line, Terminal terminal)
    {
        ConfigurationFile file = ConfigurationFile.Load(FileFor(line));
        if (file.Configuration is { } configuration)
        {
            DataFormat.Require(configuration.Data);
            return file;
        }

        foreach (ConfigurationProblem problem in file.Problems)
            terminal.Error.WriteLine(problem.In(file.File));
        throw new CommandFailedException(ExitCode.Configuration, file.Problems.Count == 1 ? "1 mistake in the configuration" : $"{file.Problems.Count} mistakes in the configuration");
    }

    /// <summary>Opens the account directory to read it, with the configuration's domains in it. Nothing changes on the disk, whatever program made the file.</summary>
    public AccountDirectory ReadDirectory(ParseResult line, Terminal terminal)
    {
        ServerConfiguration configuration = Load(line, terminal).Configuration!;
        return AccountDirectory.OpenToRead(configuration.DirectoryFile, configuration.Domains);
    }

    /// <summary>Opens the account directory to change it, with the configuration's domains in it. A running server sees every change at once.</summary>
    public AccountDirectory OpenDirectory(ParseResult line, Terminal terminal)
    {
        ServerConfiguration configuration = Load(line, terminal).Configuration!;
        PrivateFolder.Make(configuration.Data);
        AccountDirectory directory = new(configuration.DirectoryFile);
        FolderOwner.Give(configuration.DirectoryFile);
        foreach (string domain in configuration.Domains)
            directory.AddDomain(domain);
        return directory;
    }

    /// <summary>All accounts: those of a directory that was opened, and of the configuration's others.</summary>
    public AccountBackends OpenAccounts(ParseResult line, Terminal terminal, AccountDirectory directory)
        => new(directory, AccountSources.Make(Load(line, terminal).Configuration!.Directories), TimeProvider.System);
}
