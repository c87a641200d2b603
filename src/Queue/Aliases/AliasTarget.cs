namespace FullStack.Queue.Aliases;

/// <summary>One thing that an alias, or a file of a user's own, sends mail to. Its text is what an administrator would write.</summary>
public abstract record AliasTarget;

/// <summary>An address.</summary>
/// <param name="LocalPart">Without quotes and backslashes.</param>
/// <param name="Domain">Its domain; null: that of whose target it is.</param>
/// <param name="IsFinal">It stands behind a backslash: the account itself is meant, whatever alias or file of its own there is.</param>
public sealed record AddressTarget(string LocalPart, string? Domain, bool IsFinal = false) : AliasTarget
{
    public override string ToString() => $"{(IsFinal ? "\\" : "")}{new Smtp.MailboxAddress(LocalPart, Domain ?? "")}";
}

/// <summary>A program that gets the message on standard input.</summary>
/// <param name="Command">What the shell is given.</param>
public sealed record ProgramTarget(string Command) : AliasTarget
{
    public override string ToString() => $"\"|{Command}\"";
}

/// <summary>A file that the message is appended to, or a Maildir where the path ends in a slash.</summary>
/// <param name="Path">An absolute path.</param>
public sealed record FileTarget(string Path) : AliasTarget
{
    public bool IsMaildir => Path.EndsWith('/');

    public override string ToString() => Path;
}

/// <summary>A file with further targets.</summary>
/// <param name="Path">An absolute path.</param>
public sealed record IncludeTarget(string Path) : AliasTarget
{
    public override string ToString() => $":include:{Path}";
}
