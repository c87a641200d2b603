using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Metadata;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>LIST: the mailboxes that match patterns, or the separator of hierarchy levels.</summary>
/// <remarks>RFC 3501 §6.3.8; extended RFC 5258; with STATUS RFC 5819, MYRIGHTS RFC 8440; with METADATA RFC 9590.</remarks>
/// <param name="Reference">The reference name as it came.</param>
/// <param name="Patterns">What names have to match one of. None: nothing matches, or the command asks for the separator.</param>
/// <param name="Options">The options.</param>
internal sealed record ListCommand(byte[] Reference, IReadOnlyList<MailboxPattern> Patterns, ListOptions Options) : IImapCommand<ListCommand>
{
    public static ImapVerb Verb { get; } = new("LIST", ImapStates.LoggedIn);

    /// <summary>[SP "(" list-select-opts ")"] SP mailbox SP mbox-or-pat [SP "RETURN" SP "(" return-options ")"]</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ListCommand? command)
    {
        ListOptions options = ListOptions.None;
        command = ListOptions.TryReadSelection(ref reader, ref options)
            && reader.TryReadSpace() && reader.TryReadMailboxOctets(out ReadOnlySpan<byte> reference) && reader.TryReadSpace()
            && ListOptions.TryReadPatterns(ref reader, reference, ref options, out List<MailboxPattern>? patterns)
            && ListOptions.TryReadReturn(ref reader, ref options) && reader.TryReadEnd() ? new(reference.ToArray(), patterns, options) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        // "ANY extended LIST command … MUST NOT treat the empty mailbox name as such a special request" (RFC 5258 §3).
        if (Patterns.Count == 0 && !Options.IsExtended)
        {
            session.Writer.Write("* LIST (\\Noselect) \".\" "u8);
            session.Writer.String(session.Access.Namespaces.RootOf(Reference, session.Writer.Utf8));
            session.Writer.EndLine();
            return ImapCompletion.Ok("LIST completed");
        }

        Options.Status?.Announce(session);
        IReadOnlyList<MailboxInfo> mailboxes = await session.Access.ListAsync(Patterns, Options.Selection.HasFlag(ListSelection.Subscribed), ct);
        ListAncestry? ancestry = Options.Selection.HasFlag(ListSelection.RecursiveMatch) ? new(mailboxes, Options, Matches) : null;
        foreach (MailboxInfo mailbox in ancestry?.WithParents ?? mailboxes)
        {
            if (!Matches(mailbox.Name))
                continue;
            bool isSelected = Options.Selects(mailbox);
            bool tellsChildren = ancestry is not null && ancestry.MustTellChildren(mailbox.Name, isSelected);
            if (isSelected || tellsChildren)
                await SendAsync(session, mailbox, isSelected, tellsChildren, ct);
        }

        return ImapCompletion.Ok("LIST completed");
    }

    private bool Matches(MailboxName name)
    {
        foreach (MailboxPattern pattern in Patterns)
        {
            if (pattern.Matches(name))
                return true;
        }

        return false;
    }

    /// <summary>LIST comes before STATUS, but has to say \Noselect where there is none to come (RFC 5819 §2).</summary>
    private async ValueTask SendAsync(ImapSession session, MailboxInfo mailbox, bool isSelected, bool tellsChildren, CancellationToken ct)
    {
        Result<MailboxStatus>? status = null;
        if (Options.Status is not null && isSelected && mailbox.Exists)
            status = await StatusAsync(session, mailbox.Name, ct);
        List<string> attributes = MailboxListing.AttributesOf(mailbox, Options.WithSubscribed);
        if (Options.IsExtended && !mailbox.Exists)
            attributes.Insert(0, "NonExistent");
        else if (status is { Ok: false })
            attributes.Insert(0, "Noselect");
        MailboxListing.Send(session.Writer, "LIST"u8, mailbox.Name, attributes, tellsChildren ? ListAncestry.ChildInfo(Options.Selection) : "");
        if (status is { Ok: true } known)
            Options.Status!.Send(session, mailbox.Name, known.Value);
        if (Options.WithRights && isSelected && mailbox.Exists && await session.Access.FindAsync(mailbox.Name, AclRights.Lookup, ct) is { Ok: true } found)
        {
            using (found.Value)
                MyRightsCommand.Send(session.Writer, mailbox.Name, found.Value.Rights);
        }

        if (Options.Metadata is { } entries && isSelected && mailbox.Exists
            && await MetadataAccess.ReadAsync(session, new(IsServer: false, mailbox.Name), ct) is { Ok: true } present)
            await MetadataResponses.SendAsync(session, mailbox.Name, entries, default, present.Value, ct);
        await session.Connection.FlushIfLargeAsync(ct);
    }

    private static async ValueTask<Result<MailboxStatus>> StatusAsync(ImapSession session, MailboxName mailbox, CancellationToken ct)
    {
        Result<MailboxPlace> found = await session.Access.FindAsync(mailbox, AclRights.Read, ct);
        if (!found.Ok)
            return found.Error;
        using MailboxPlace place = found.Value;
        return await place.Account.StatusAsync(place.Name, ct);
    }
}
