namespace FullStack.Server;

/// <summary>How programs of this host send mail.</summary>
public sealed class SendmailConfiguration
{
    /// <summary>Where the <c>sendmail</c> command leaves its messages; empty: a folder of the data folder, which only the server's own user and root can reach.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Users whose programs may name any sender without a word about it in the message, besides root and the server's own.</summary>
    public IReadOnlyList<string> TrustedUsers { get; init; } = [];
}
