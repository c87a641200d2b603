using FullStack.Store.Accounts;

namespace FullStack.Store.Places;

/// <summary>All mail belongs below the store's root.</summary>
public sealed class PlacesBelowRoot : IAccountPlaces
{
    public static PlacesBelowRoot Instance { get; } = new();

    public ValueTask<WantedPlace> OfAsync(AccountName account, CancellationToken ct) => new(WantedPlace.BelowRoot);
}
