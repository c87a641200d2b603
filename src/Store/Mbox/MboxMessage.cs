namespace FullStack.Store.Mbox;

/// <summary>One of the metadata fields in a message's header.</summary>
/// <param name="Field">Which.</param>
/// <param name="Offset">Where its line begins in the file.</param>
/// <param name="Octets">Its length with the line end, and with the lines that continue it.</param>
/// <param name="ValueOffset">Octets from <paramref name="Offset"/> to what follows the colon.</param>
/// <param name="ValueOctets">Room for the value: up to the line end, spaces included; 0 where the field goes over several lines.</param>
/// <param name="Value">The value without spaces around it.</param>
internal sealed record MboxFieldPlace(MboxField Field, long Offset, int Octets, int ValueOffset, int ValueOctets, byte[] Value);

/// <summary>A message as it lies in the file: what a scan of it gives.</summary>
internal sealed class MboxMessage
{
    /// <summary>Where its From_ line begins.</summary>
    public required long Offset { get; init; }

    /// <summary>Where its header begins.</summary>
    public required long HeaderOffset { get; init; }

    /// <summary>Where the header's fields end: at the empty line, or at <see cref="End"/> where there is none.</summary>
    public required long HeaderEnd { get; init; }

    /// <summary>Where its body begins; <see cref="End"/> where it has none.</summary>
    public required long BodyOffset { get; init; }

    /// <summary>Where it ends; the empty line before the next one is not part of it.</summary>
    public required long End { get; init; }

    /// <summary>Where the next one's From_ line begins, or the file ends.</summary>
    public required long Next { get; init; }

    /// <summary>Its size on the wire, as <see cref="MboxContent"/> gives it, every line end as CRLF.</summary>
    public required long WireOctets { get; init; }

    /// <summary>Lines whose first <c>&gt;</c> is quoting; 0 where nothing is to be unquoted.</summary>
    public required long QuotedLines { get; init; }

    /// <summary>The length of its body up to its last line that is not empty, without line end.</summary>
    public required long TextOctets { get; init; }

    /// <summary>The date of its From_ line; null where the file's first line has none.</summary>
    public required DateTimeOffset? Date { get; init; }

    /// <summary>What stays the same whatever flags programs write into it.</summary>
    public required MessageToken Token { get; init; }

    /// <summary>The metadata fields, in order.</summary>
    public required IReadOnlyList<MboxFieldPlace> Fields { get; init; }

    /// <summary>It is UW-IMAP's and Dovecot's place for the mailbox's numbers, and no mail.</summary>
    public required bool IsInternal { get; init; }

    /// <summary>Its Content-Length says where it ends.</summary>
    public required bool IsCounted { get; init; }

    /// <summary>The last field of a kind; null where there is none.</summary>
    public MboxFieldPlace? Find(MboxField field)
    {
        for (int i = Fields.Count - 1; i >= 0; i--)
        {
            if (Fields[i].Field == field)
                return Fields[i];
        }

        return null;
    }
}
