namespace FullStack.Store.Places;

/// <summary>Where an account's mail belongs, as a directory has it.</summary>
/// <param name="IsKnown">Whether a directory has the account. Mail of others is where it was.</param>
/// <param name="Home">Its home, an absolute path; null: below the store's root.</param>
/// <param name="Maildir">The Maildir, from the home.</param>
public readonly record struct WantedPlace(bool IsKnown, string? Home, string Maildir)
{
    /// <summary>Below the store's root.</summary>
    public static WantedPlace BelowRoot { get; } = new(true, null, "");

    /// <summary>No directory has the account.</summary>
    public static WantedPlace OfUnknownAccount { get; } = new(false, null, "");
}
