using System.Diagnostics.CodeAnalysis;
using FullStack.Store;

namespace FullStack.Imap.Grammar;

/// <summary>Reads sequence sets.</summary>
internal static class SequenceSetGrammar
{
    /// <summary>
    /// sequence-set = (seq-number / seq-range) *("," sequence-set) / seq-last-command; seq-range = seq-number ":" seq-number;
    /// seq-last-command = "$" (RFC 5182 §3), which by these rules is the last member where there are others
    /// </summary>
    public static bool TryReadSequenceSet(this ref ImapReader reader, [NotNullWhen(true)] out SequenceSet? set)
    {
        int start = reader.Position;
        List<NumberRange> ranges = [];
        bool hasSaved = false;
        do
        {
            hasSaved = reader.TryReadOctet((byte)'$');
            if (hasSaved)
                break;
            if (ranges.Count == SequenceSet.MaxRanges || !TryReadRange(ref reader, out NumberRange range))
            {
                reader.Position = start;
                set = null;
                return false;
            }

            ranges.Add(range);
        }
        while (reader.TryReadOctet((byte)','));

        set = new([.. ranges], hasSaved);
        return true;
    }

    /// <summary>A sequence-set without "*" and "$": numbers that mean the same whatever is in the mailbox.</summary>
    public static bool TryReadNumbers(this ref ImapReader reader, [NotNullWhen(true)] out NumberRanges? numbers)
    {
        int start = reader.Position;
        bool isPlain = reader.TryReadSequenceSet(out SequenceSet? set) && !set.HasStar && !set.HasSaved;
        numbers = isPlain ? set!.Resolve(1) : null;
        if (!isPlain)
            reader.Position = start;
        return isPlain;
    }

    private static bool TryReadRange(ref ImapReader reader, out NumberRange range)
    {
        range = default;
        if (!TryReadSeqNumber(ref reader, out uint first))
            return false;
        uint last = first;
        if (reader.TryReadOctet((byte)':') && !TryReadSeqNumber(ref reader, out last))
            return false;
        range = new(first, last);
        return true;
    }

    /// <summary>seq-number = nz-number / "*"</summary>
    private static bool TryReadSeqNumber(ref ImapReader reader, out uint number)
    {
        number = SequenceSet.Star;
        return reader.TryReadOctet((byte)'*') || reader.TryReadNzNumber(out number);
    }
}
