using FullStack.Auth.Backends;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Places;

namespace FullStack.Server.Hosting;

/// <summary>Places of mail as the account directories have them.</summary>
internal sealed class DirectoryPlaces(AccountBackends accounts, StoreOptions options) : IAccountPlaces
{
    public async ValueTask<WantedPlace> OfAsync(AccountName account, CancellationToken ct)
    {
        try
        {
            if (await accounts.FindUserAsync(account.ToString(), ct) is not { } user)
                return WantedPlace.OfUnknownAccount;

            // What a directory makes of an address with a slash in it is another's home, or lies in one.
            WantedPlace wanted = MailLocation.Of(user, options.HomeMaildir);
            return wanted.Home is null || !account.User.Contains('/', StringComparison.Ordinal) ? wanted : throw new FormatException("an address with a / has no mail in a home");
        }
        catch (Exception e) when (e is DirectoryUnavailableException or FormatException)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>What a store is to ask.</summary>
    public static IAccountPlaces For(AccountBackends accounts, StoreOptions options)
        => options.Place == StorePlace.Root ? PlacesBelowRoot.Instance : new DirectoryPlaces(accounts, options);
}
