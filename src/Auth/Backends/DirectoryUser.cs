namespace FullStack.Auth.Backends;

/// <summary>One account as a directory has it.</summary>
/// <param name="Address">Lower case.</param>
/// <param name="Quota">How much it may keep.</param>
public sealed record DirectoryUser(string Address, DirectoryQuota Quota = default)
{
    /// <summary>The host, perhaps with a port, to which the account has moved; null: it is here.</summary>
    public string? MovedTo { get; init; }

    /// <summary>The account's home, an absolute path that an administrator chose; null: nothing is said.</summary>
    public string? Home { get; init; }

    /// <summary>What the directory says of where its mail is, as it says it: a path, or Dovecot's <c>maildir:~/Maildir</c>, or something else by that name; null: nothing.</summary>
    public string? Mail { get; init; }

    /// <summary>As whom programs run for the account; null: nothing is said.</summary>
    public uint? UserId { get; init; }

    /// <inheritdoc cref="UserId"/>
    public uint? GroupId { get; init; }

    /// <summary>From where, and to what, it may log in.</summary>
    public LoginRules Login { get; init; } = LoginRules.None;

    /// <summary>Addresses that it may send as, beside those that lead to it; <c>@domain</c>: all of a domain.</summary>
    public IReadOnlyList<string> SendAs { get; init; } = [];

    /// <summary>Whether it may send as an address because its directory says so.</summary>
    public bool MaySendAs(string address)
        => DirectoryAddress.TryParse(address, out DirectoryAddress wanted)
            && SendAs.Any(one => DirectoryAddress.TryParseAlias(one, out DirectoryAddress allowed) && (allowed == wanted || allowed == wanted with { Local = "" }));
}
