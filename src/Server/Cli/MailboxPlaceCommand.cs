using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Server.Hosting;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Places;

namespace FullStack.Server.Cli;

/// <summary>fullstack mailbox place: where accounts' Maildirs are, and moving one to where its directory wants it.</summary>
internal static class MailboxPlaceCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string?> address = new("ADDRESS") { Description = "The account; all accounts if there is none.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> move = new("--move") { Description = "Move the account's mail to where its directory wants it, UIDs and all. The server must not run." };
        Option<bool> json = Listing.JsonOption();
        Command command = new("place", "List where accounts' Maildirs are, where their directories want them, and what is in the way. Works while the server runs.") { address, move, json };
        command.SetAction(async (line, ct) =>
        {
            if (line.GetValue(move) && line.GetValue(address) is null)
                throw new CommandFailedException(ExitCode.Usage, "--move is for one account");
            StoreOptions store = options.Load(line, terminal).Configuration!.Store;
            IReadOnlyList<AccountName> names = await MailboxCommand.AccountsForAsync(line, terminal, options, line.GetValue(address), ct);
            using AccountDirectory directory = options.ReadDirectory(line, terminal);
            await using AccountBackends accounts = options.OpenAccounts(line, terminal, directory);
            IAccountPlaces places = DirectoryPlaces.For(accounts, store);
            PlaceMove mover = new(store);
            if (line.GetValue(move))
            {
                terminal.Output.WriteLine($"{names[0]}: {await MoveAsync(mover, places, names[0], ct)}");
                return ExitCode.Ok;
            }

            Listing listing = new("account", "maildir", "wanted", "problem");
            foreach (AccountName name in names)
            {
                (string maildir, string? wanted, string? problem) = await LookAsync(mover, places, name, ct);
                listing.Add(name.ToString(), maildir, wanted ?? "", problem ?? "");
            }

            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<(string Maildir, string? Wanted, string? Problem)> LookAsync(PlaceMove mover, IAccountPlaces places, AccountName name, CancellationToken ct)
    {
        try
        {
            return mover.Look(name, await places.OfAsync(name, ct));
        }
        catch (IOException e)
        {
            return ("", null, e.Message); // the others still can be told of
        }
    }

    private static async Task<string> MoveAsync(PlaceMove mover, IAccountPlaces places, AccountName name, CancellationToken ct)
    {
        try
        {
            return mover.Run(name, await places.OfAsync(name, ct), ct);
        }
        catch (StoreLockedException e)
        {
            throw new CommandFailedException(ExitCode.TryLater, $"{e.Message}: stop the server first");
        }
        catch (IOException e)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{name}: {e.Message}");
        }
    }
}
