using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store.Accounts;

namespace FullStack.Imap.Commands;

/// <summary>The LIST response that a command other than LIST sends: of the mailbox that it opened, or the name that it brought to its one form.</summary>
/// <remarks>RFC 9051 §6.3.2 and §6.3.9.7 (OLDNAME).</remarks>
internal static class NameAnnouncement
{
    /// <summary>Tells the mailbox with its attributes, and the name that the client gave where it was another form of it.</summary>
    public static ValueTask SendAsync(ImapSession session, MailboxArgument mailbox, MailboxPlace place, CancellationToken ct)
        => SendAsync(session, place, mailbox.OldName, ct);

    /// <summary>Tells the mailbox where the client gave its name in another form, and nothing else.</summary>
    public static async ValueTask SendIfChangedAsync(ImapSession session, MailboxArgument mailbox, MailboxPlace place, CancellationToken ct)
    {
        if (mailbox.OldName is not null)
            await SendAsync(session, place, mailbox.OldName, ct);
    }

    /// <summary>Tells what a mailbox is called that was renamed, where the client gave either name in another form.</summary>
    /// <param name="session">Whose client is told.</param>
    /// <param name="from">What it was called.</param>
    /// <param name="to">What it is called.</param>
    /// <param name="place">The mailbox.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async ValueTask SendIfChangedAsync(ImapSession session, MailboxArgument from, MailboxArgument to, MailboxPlace place, CancellationToken ct)
    {
        if ((from.OldName ?? to.OldName) is not null)
            await SendAsync(session, place, from.OldName ?? from.Name!.Text, ct);
    }

    /// <summary>Tells that a mailbox is gone whose name the client gave in another form.</summary>
    public static void SendIfDeleted(ImapSession session, MailboxArgument mailbox)
    {
        if (mailbox.OldName is not null)
            MailboxListing.Send(session.Writer, "LIST"u8, mailbox.Name!, ["NonExistent"], oldName: mailbox.OldName);
    }

    private static async ValueTask SendAsync(ImapSession session, MailboxPlace place, string? oldName, CancellationToken ct)
    {
        if (await session.Access.InfoAsync(place, ct) is { } info)
            MailboxListing.Send(session.Writer, "LIST"u8, place.Shown, MailboxListing.AttributesOf(info, withSubscribed: !place.IsForeign), oldName: oldName);
    }
}
