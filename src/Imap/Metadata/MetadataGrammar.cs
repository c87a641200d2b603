using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Metadata;

/// <summary>What a METADATA command is about.</summary>
/// <param name="IsServer">The server as a whole: the client gave an empty name.</param>
/// <param name="Mailbox">Else the mailbox; without name where there can be none of that name.</param>
internal readonly record struct MetadataTarget(bool IsServer, MailboxName? Mailbox);

/// <summary>Reads names and values of entries. A name that is none is an error of syntax (RFC 5464 §3.2).</summary>
/// <remarks>RFC 5464 §5.</remarks>
internal static class MetadataGrammar
{
    /// <summary>Most entries in one command.</summary>
    public const int MaxEntries = 1000;

    /// <summary>mailbox, which may be the empty string</summary>
    public static bool TryReadMetadataTarget(this ref ImapReader reader, out MetadataTarget target)
    {
        int start = reader.Position;
        target = new(IsServer: true, null);
        if (reader.TryReadMailboxOctets(out ReadOnlySpan<byte> octets) && octets.IsEmpty)
            return true;
        reader.Position = start;
        bool isRead = reader.TryReadMailbox(out MailboxArgument mailbox);
        target = new(IsServer: false, mailbox.Name);
        return isRead;
    }

    /// <summary>entries = entry / "(" entry *(SP entry) ")"</summary>
    public static bool TryReadEntries(this ref ImapReader reader, [NotNullWhen(true)] out IReadOnlyList<string>? entries)
    {
        entries = null;
        List<string> read = [];
        bool isMany = reader.TryReadOctet((byte)'(');
        do
        {
            if (read.Count == MaxEntries || !TryReadEntry(ref reader, mayBeScope: true, out string? entry))
                return false;
            if (!read.Contains(entry, StringComparer.OrdinalIgnoreCase))
                read.Add(entry);
        }
        while (isMany && reader.TryReadSpace());
        entries = read;
        return !isMany || reader.TryReadOctet((byte)')');
    }

    /// <summary>entry-values = "(" entry-value *(SP entry-value) ")"; entry-value = entry SP value; value = nstring / literal8</summary>
    public static bool TryReadEntryValues(this ref ImapReader reader, [NotNullWhen(true)] out IReadOnlyList<MetadataChange>? changes)
    {
        changes = null;
        List<MetadataChange> read = [];
        if (!reader.TryReadOctet((byte)'('))
            return false;
        do
        {
            if (read.Count == MaxEntries || !TryReadEntry(ref reader, mayBeScope: false, out string? entry) || !reader.TryReadSpace()
                || !TryReadValue(ref reader, out byte[]? value))
                return false;
            read.Add(new(entry, value));
        }
        while (reader.TryReadSpace());
        changes = read;
        return reader.TryReadOctet((byte)')');
    }

    private static bool TryReadValue(ref ImapReader reader, out byte[]? value)
    {
        bool isRead = reader.TryReadNString(out ReadOnlySpan<byte> octets, out bool isNil) || reader.TryReadLiteral8(out octets);
        value = isNil ? null : octets.ToArray();
        return isRead;
    }

    /// <summary>entry = astring, which begins with its scope. To ask for all of a scope, the scope alone will do.</summary>
    private static bool TryReadEntry(ref ImapReader reader, bool mayBeScope, [NotNullWhen(true)] out string? entry)
    {
        int start = reader.Position;
        entry = null;
        if (reader.TryReadAString(out ReadOnlySpan<byte> octets) && octets.Length <= AccountMetadata.MaxNameLength)
        {
            string name = Encoding.Latin1.GetString(octets);
            bool isScope = mayBeScope && (Ascii.EqualsIgnoreCase(octets, "/private"u8) || Ascii.EqualsIgnoreCase(octets, "/shared"u8));
            entry = isScope || AccountMetadata.IsEntry(name) ? name : null;
        }

        if (entry is null)
            reader.Position = start;
        return entry is not null;
    }
}
