using FullStack.Auth.Backends;
using FullStack.Server.Hosting;
using FullStack.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Server.Cli;

/// <summary>The mail store as a command has it, quietly, for what it would log is about a service; and the directories that know where mail is.</summary>
internal sealed class CommandStore : IAsyncDisposable
{
    private readonly AccountDirectory _directory;
    private readonly AccountBackends _accounts;

    private CommandStore(AccountDirectory directory, AccountBackends accounts, MailStore store) => (_directory, _accounts, Store) = (directory, accounts, store);

    public MailStore Store { get; }

    /// <exception cref="CommandFailedException">A server holds it.</exception>
    public static async Task<CommandStore> OpenAsync(System.CommandLine.ParseResult line, Terminal terminal, ConfigurationOptions options)
    {
        ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
        StoreOptions wanted = configuration.Store;
        PrivateFolder.Make(configuration.Data);
        AccountDirectory directory = options.ReadDirectory(line, terminal);
        AccountBackends accounts = options.OpenAccounts(line, terminal, directory);
        try
        {
            return new(directory, accounts, new MailStore(wanted, TimeProvider.System, NullLoggerFactory.Instance, places: DirectoryPlaces.For(accounts, wanted)));
        }
        catch (Exception e)
        {
            await accounts.DisposeAsync();
            directory.Dispose();
            if (e is StoreLockedException)
                throw new CommandFailedException(ExitCode.TryLater, $"{e.Message}: stop the server first");
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await _accounts.DisposeAsync();
        _directory.Dispose();
    }
}
