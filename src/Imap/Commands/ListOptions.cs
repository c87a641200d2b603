using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Metadata;
using FullStack.Store.Accounts;

namespace FullStack.Imap.Commands;

/// <summary>Which mailboxes LIST is limited to, and how.</summary>
[Flags]
internal enum ListSelection
{
    None = 0,
    Subscribed = 1,
    SpecialUse = 2,

    /// <summary>Mailboxes on other servers too. There are none, so it changes nothing.</summary>
    Remote = 4,

    /// <summary>Parents of mailboxes that are selected, too.</summary>
    RecursiveMatch = 8,

    /// <summary>Those that a mailbox can meet or not.</summary>
    Criteria = Subscribed | SpecialUse,
}

/// <summary>The options of an extended LIST.</summary>
/// <remarks>RFC 5258 §3 and §6; SPECIAL-USE RFC 6154 §2 and §6; STATUS RFC 5819 §2; MYRIGHTS RFC 8440 §3; METADATA RFC 9590 §3.</remarks>
/// <param name="IsExtended">Whether the command has any of the parts that RFC 5258 adds.</param>
/// <param name="Selection">What is listed.</param>
/// <param name="WithSubscribed">Whether \Subscribed is told.</param>
/// <param name="Status">What to tell of each mailbox that can be selected; null: nothing.</param>
internal sealed record ListOptions(bool IsExtended, ListSelection Selection, bool WithSubscribed, StatusItems? Status)
{
    /// <summary>The entries of metadata to tell of each mailbox; null: none.</summary>
    public IReadOnlyList<string>? Metadata { get; init; }

    /// <summary>Whether the user's rights on each mailbox are told.</summary>
    public bool WithRights { get; init; }

    public static ListOptions None { get; } = new(false, ListSelection.None, false, null);

    /// <summary>Whether a mailbox is what the command selects; without criteria, whether it is in the hierarchy at all.</summary>
    public bool Selects(MailboxInfo mailbox)
    {
        // A name that is only subscribed to is no mailbox; one that only has children is a level of the hierarchy.
        bool isThere = mailbox.Exists || mailbox.HasChildren || Selection.HasFlag(ListSelection.Subscribed);
        return isThere
            && (!Selection.HasFlag(ListSelection.Subscribed) || mailbox.Subscribed)
            && (!Selection.HasFlag(ListSelection.SpecialUse) || mailbox.SpecialUse != SpecialUse.None);
    }

    /// <summary>[SP "(" list-select-opts ")"]</summary>
    public static bool TryReadSelection(ref ImapReader reader, ref ListOptions options)
    {
        if (!reader.TryReadWord(" ("u8))
            return true;
        ListSelection selection = ListSelection.None;
        while (!reader.TryReadOctet((byte)')'))
        {
            if (selection != ListSelection.None && !reader.TryReadSpace())
                return false;
            ListSelection option = reader.TryReadWord("SPECIAL-USE"u8) ? ListSelection.SpecialUse
                : reader.TryReadWord("SUBSCRIBED"u8) ? ListSelection.Subscribed
                : reader.TryReadWord("REMOTE"u8) ? ListSelection.Remote
                : reader.TryReadWord("RECURSIVEMATCH"u8) ? ListSelection.RecursiveMatch : ListSelection.None;
            if (option == ListSelection.None)
                return false;
            selection |= option;
        }

        options = options with { IsExtended = true, Selection = selection, WithSubscribed = selection.HasFlag(ListSelection.Subscribed) };

        // "The RECURSIVEMATCH option MUST NOT occur as the only selection option (or only with REMOTE)".
        return !selection.HasFlag(ListSelection.RecursiveMatch) || (selection & ListSelection.Criteria) != 0;
    }

    /// <summary>[SP "RETURN" SP "(" [return-option *(SP return-option)] ")"]. Special uses and children are always told, so asking for them changes nothing.</summary>
    public static bool TryReadReturn(ref ImapReader reader, ref ListOptions options)
    {
        if (!reader.TryReadWord(" RETURN ("u8))
            return true;
        options = options with { IsExtended = true };
        bool isFirst = true;
        while (!reader.TryReadOctet((byte)')'))
        {
            if (!isFirst && !reader.TryReadSpace())
                return false;
            isFirst = false;
            if (reader.TryReadWord("SUBSCRIBED"u8))
                options = options with { WithSubscribed = true };
            else if (reader.TryReadWord("MYRIGHTS"u8))
                options = options with { WithRights = true };
            else if (reader.TryReadWord("STATUS "u8))
            {
                if (!StatusItems.TryRead(ref reader, out StatusItems? items))
                    return false;
                options = options with { Status = items };
            }
            else if (reader.TryReadWord("METADATA "u8))
            {
                if (reader.Peek != (byte)'(' || !reader.TryReadEntries(out IReadOnlyList<string>? entries))
                    return false;
                options = options with { Metadata = entries };
            }
            else if (!reader.TryReadWord("SPECIAL-USE"u8) && !reader.TryReadWord("CHILDREN"u8))
                return false;
        }

        return true;
    }

    /// <summary>list-mailbox / "(" list-mailbox *(SP list-mailbox) ")"</summary>
    /// <param name="reader">Stands before it.</param>
    /// <param name="reference">The reference name, put before each pattern.</param>
    /// <param name="options">Several patterns make the command an extended one.</param>
    /// <param name="patterns">Those that are not empty.</param>
    public static bool TryReadPatterns(
        ref ImapReader reader, scoped ReadOnlySpan<byte> reference, ref ListOptions options, [NotNullWhen(true)] out List<MailboxPattern>? patterns)
    {
        patterns = [];
        bool isMany = reader.TryReadOctet((byte)'(');
        if (isMany)
            options = options with { IsExtended = true };
        do
        {
            if (patterns.Count == MaxPatterns || !reader.TryReadListMailbox(out ReadOnlySpan<byte> pattern))
                return false;
            if (!pattern.IsEmpty)
                patterns.Add(new(reference, pattern, reader.Utf8));
        }
        while (isMany && reader.TryReadSpace());
        return !isMany || reader.TryReadOctet((byte)')');
    }

    /// <summary>Most patterns of one command, each of which is tried on each mailbox.</summary>
    private const int MaxPatterns = 50;
}
