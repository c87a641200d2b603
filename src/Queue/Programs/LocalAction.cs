using FullStack.Store.Outside;

namespace FullStack.Queue.Programs;

/// <summary>What is done with a message that an alias or a user's own file does not send to a mailbox or an address.</summary>
public sealed record LocalAction
{
    /// <summary>The command of a program; null: it is a file.</summary>
    public string? Command { get; init; }

    /// <summary>The path of a file or Maildir; null: it is a program.</summary>
    public string? File { get; init; }

    /// <summary>The address for which it is done.</summary>
    public required string Recipient { get; init; }

    /// <summary>The account whose file says so; null: the file of aliases does.</summary>
    public string? Account { get; init; }

    /// <summary>The folder in which a program begins, and HOME.</summary>
    public string? Home { get; init; }

    /// <summary>What the address has behind the account's name.</summary>
    public string? Extension { get; init; }

    /// <summary>What the name of a file that ends in -default stands for.</summary>
    public string? Default { get; init; }

    /// <summary>The numbers of whom it is done as; null: the user that the configuration names.</summary>
    public uint? User { get; init; }

    /// <inheritdoc cref="User"/>
    public uint? Group { get; init; }

    /// <summary>An instruction of a .courier file: the end of its program is read as Courier does.</summary>
    public bool IsCourier { get; init; }

    /// <summary>What is done after it, if it succeeds and does not say that it was the last.</summary>
    public LocalAction? Next { get; init; }

    /// <summary>As the aliases would have it.</summary>
    public string Text => Command is null ? File ?? "" : "|" + Command;

    /// <summary>Whom it is done as, where it says so.</summary>
    public UnixUser? Owner => User is { } user && Group is { } group ? new(user, group) : null;
}
