using FullStack.Store.Accounts;

namespace FullStack.Store.Places;

/// <summary>Knows where the mail of an account belongs. It is asked once for each opening of an account, before anything is looked for or made.</summary>
public interface IAccountPlaces
{
    /// <summary>Where an account's mail belongs.</summary>
    /// <exception cref="IOException">It cannot be found out now: the account is not opened, and whoever wanted to is told to try again later.</exception>
    ValueTask<WantedPlace> OfAsync(AccountName account, CancellationToken ct);
}
