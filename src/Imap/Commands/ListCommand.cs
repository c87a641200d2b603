using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store.Accounts;

namespace FullStack.Imap.Commands;

/// <summary>LIST: the mailboxes that match a pattern, or the separator of hierarchy levels.</summary>
/// <remarks>RFC 3501 §6.3.8; selection and return options of RFC 5258 §3 as far as RFC 6154 §2 needs them.</remarks>
internal sealed record ListCommand(MailboxPattern? Pattern, ListSelection Selection, ListReturn Return) : IImapCommand<ListCommand>
{
    public static ImapVerb Verb { get; } = new("LIST", ImapStates.LoggedIn);

    /// <summary>[SP "(" list-select-opts ")"] SP mailbox SP list-mailbox [SP "RETURN" SP "(" return-options ")"]</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ListCommand? command)
    {
        command = null;
        ListSelection selection = ListSelection.None;
        ListReturn returned = ListReturn.None;
        if (reader.TryReadWord(" ("u8) && !TryReadSelection(ref reader, ref selection))
            return false;
        if (!reader.TryReadSpace() || !reader.TryReadMailboxOctets(out ReadOnlySpan<byte> reference)
            || !reader.TryReadSpace() || !reader.TryReadListMailbox(out ReadOnlySpan<byte> pattern))
        {
            return false;
        }

        if (reader.TryReadWord(" RETURN ("u8) && !TryReadReturn(ref reader, ref returned))
            return false;
        bool asksForSeparator = pattern.IsEmpty && selection == ListSelection.None;
        command = reader.TryReadEnd() ? new(asksForSeparator ? null : new(reference, pattern), selection, returned) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Pattern is null)
        {
            session.Writer.Write("* LIST (\\Noselect) \".\" \"\"\r\n"u8);
            return ImapCompletion.Ok("LIST completed");
        }

        foreach (MailboxInfo mailbox in await session.Account.ListAsync(ct))
        {
            if (!IsSelected(mailbox) || !Pattern.Matches(mailbox.Name))
                continue;
            bool withSubscribed = Return.HasFlag(ListReturn.Subscribed) || Selection.HasFlag(ListSelection.Subscribed);
            MailboxListing.Send(session.Writer, "LIST"u8, mailbox.Name, MailboxListing.AttributesOf(mailbox, withSubscribed));
            await session.Connection.FlushIfLargeAsync(ct);
        }

        return ImapCompletion.Ok("LIST completed");
    }

    private bool IsSelected(MailboxInfo mailbox)
    {
        // A name that is only subscribed to is no mailbox; one that only has children is a level of the hierarchy.
        bool isThere = mailbox.Exists || mailbox.HasChildren || Selection.HasFlag(ListSelection.Subscribed);
        return isThere
            && (!Selection.HasFlag(ListSelection.Subscribed) || mailbox.Subscribed)
            && (!Selection.HasFlag(ListSelection.SpecialUse) || mailbox.SpecialUse != SpecialUse.None);
    }

    /// <summary>[option *(SP option)] ")"</summary>
    private static bool TryReadSelection(ref ImapReader reader, ref ListSelection selection)
    {
        if (reader.TryReadOctet((byte)')'))
            return true;
        do
        {
            ListSelection option = reader.TryReadWord("SPECIAL-USE"u8) ? ListSelection.SpecialUse
                : reader.TryReadWord("SUBSCRIBED"u8) ? ListSelection.Subscribed : ListSelection.None;
            if (option == ListSelection.None)
                return false;
            selection |= option;
        }
        while (reader.TryReadSpace());
        return reader.TryReadOctet((byte)')');
    }

    /// <summary>[option *(SP option)] ")". Special uses and children are always returned, so asking for them changes nothing.</summary>
    private static bool TryReadReturn(ref ImapReader reader, ref ListReturn returned)
    {
        if (reader.TryReadOctet((byte)')'))
            return true;
        do
        {
            if (reader.TryReadWord("SUBSCRIBED"u8))
                returned |= ListReturn.Subscribed;
            else if (!reader.TryReadWord("SPECIAL-USE"u8) && !reader.TryReadWord("CHILDREN"u8))
                return false;
        }
        while (reader.TryReadSpace());
        return reader.TryReadOctet((byte)')');
    }
}

/// <summary>Which mailboxes LIST is limited to.</summary>
[Flags]
internal enum ListSelection
{
    None = 0,
    Subscribed = 1,
    SpecialUse = 2,
}

/// <summary>What LIST adds to the attributes it always returns.</summary>
[Flags]
internal enum ListReturn
{
    None = 0,
    Subscribed = 1,
}
