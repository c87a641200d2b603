using FullStack.Queue.Aliases;

namespace FullStack.Queue.Routing;

/// <summary>Where targets stand that an address is followed to.</summary>
/// <param name="Address">The alias or the account.</param>
/// <param name="Domain">The domain of targets without one.</param>
internal sealed record TargetSource(string Address, string Domain)
{
    /// <summary>The account's own file; null: an alias.</summary>
    public PersonalFile? File { get; init; }

    /// <summary>What the address that led to the account's own file has behind the account's name; empty: nothing.</summary>
    public string Extension { get; init; } = "";

    /// <summary>Whether a target is the Maildir of the account whose own file this is.</summary>
    public bool IsMailbox(AliasTarget target) => target is FileTarget path && File is { } own && PersonalFiles.IsMailbox(path, own.Path);
}
