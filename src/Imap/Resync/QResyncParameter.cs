using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Store;

namespace FullStack.Imap.Resync;

/// <summary>What a client says of a mailbox as it knew it, when it opens it again: QRESYNC of SELECT and EXAMINE.</summary>
/// <remarks>RFC 7162 §3.2.5.</remarks>
/// <param name="UidValidity">The UIDVALIDITY it knew.</param>
/// <param name="Since">The mod-sequence up to which it knew everything.</param>
/// <param name="Known">The UIDs it knew; null: all.</param>
/// <param name="MatchNumbers">Some message numbers it knew, rising; empty where it gave none.</param>
/// <param name="MatchUids">Their UIDs; as many as there are numbers.</param>
internal sealed record QResyncParameter(UidValidity UidValidity, ModSeq Since, NumberRanges? Known, NumberRanges MatchNumbers, NumberRanges MatchUids)
{
    /// <summary>"QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")" (RFC 7162 §7)</summary>
    public static bool TryRead(ref ImapReader reader, [NotNullWhen(true)] out QResyncParameter? parameter)
    {
        parameter = null;
        if (!reader.TryReadWord("QRESYNC ("u8) || !reader.TryReadNzNumber(out uint validity) || !reader.TryReadSpace()
            || !reader.TryReadNumber64(out ulong since) || since == 0)
        {
            return false;
        }

        NumberRanges? known = null;
        NumberRanges matchNumbers = NumberRanges.Empty, matchUids = NumberRanges.Empty;
        if (reader.Rest.StartsWith(" "u8) && !reader.Rest.StartsWith(" ("u8) && !(reader.TryReadSpace() && reader.TryReadNumbers(out known)))
            return false;
        if (reader.TryReadWord(" ("u8) && !TryReadMatchData(ref reader, ref matchNumbers, ref matchUids))
            return false;
        parameter = reader.TryReadOctet((byte)')') ? new(new(validity), new(since), known, matchNumbers, matchUids) : null;
        return parameter is not null;
    }

    /// <summary>seq-match-data = "(" known-sequence-set SP known-uid-set ")": as many of the one as of the other</summary>
    private static bool TryReadMatchData(ref ImapReader reader, ref NumberRanges numbers, ref NumberRanges uids)
    {
        int start = reader.Position;
        if (!reader.TryReadNumbers(out NumberRanges? readNumbers) || !reader.TryReadSpace() || !reader.TryReadNumbers(out NumberRanges? readUids))
            return false;
        if (readNumbers.CountNumbers() != readUids.CountNumbers())
        {
            reader.Position = start;
            return false;
        }

        (numbers, uids) = (readNumbers, readUids);
        return reader.TryReadOctet((byte)')');
    }
}
