namespace FullStack.Store.Outside;

/// <summary>A file outside the mail store that gets a message: an mbox, or a Maildir where the path ends in a slash or is that of a directory.</summary>
/// <param name="Path">An absolute path.</param>
/// <param name="Sender">Who sent the message, for the From_ line; empty: nobody.</param>
/// <param name="Arrived">When it came, for the same.</param>
/// <param name="Owner">With whose rights it is opened, and whom it belongs to where it is made; null: this process's.</param>
public sealed record OutsideFile(string Path, string Sender, DateTimeOffset Arrived, UnixUser? Owner);

/// <summary>A user of the system by his numbers.</summary>
/// <param name="User">The user's.</param>
/// <param name="Group">The group's.</param>
public readonly record struct UnixUser(uint User, uint Group)
{
    /// <summary>Whether it has, or could get, the rights of root.</summary>
    public bool IsRoot => User == 0 || Group == 0;
}
