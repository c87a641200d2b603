using System.Runtime.InteropServices;

namespace FullStack.Store.Mailboxes;

/// <summary>What a chunk keeps of one message: 40 octets, and its base name among those of the chunk.</summary>
/// <param name="ModSeq">Its mod-sequence.</param>
/// <param name="InternalDateSeconds">Its internal date, Unix time.</param>
/// <param name="StoredOctets">Its length on the disk.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="AddedOctets">How much longer it is on the wire; <see cref="Uncounted"/> where nobody counted.</param>
/// <param name="NameStart">Where its name begins among the chunk's names.</param>
/// <param name="NameLength">How many octets of it lie there.</param>
/// <param name="Keywords">Which of the chunk's lists of keywords it has.</param>
/// <param name="Flags">Its system flags.</param>
/// <param name="Form">How its file name is made from what lies there, and what else is so or not.</param>
/// <remarks>The fields lie as they are named: chunks are written into the index as they lie in memory.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct PackedMessage(
    ulong ModSeq, long InternalDateSeconds, long StoredOctets, uint Uid, int AddedOctets, ushort NameStart, ushort NameLength, ushort Keywords, SystemFlags Flags,
    PackedForm Form)
{
    /// <summary>Stands for a length on the wire that is not known.</summary>
    public const int Uncounted = int.MinValue;

    /// <summary>Its length on the wire; -1 where that is not known.</summary>
    public long WireOctets => AddedOctets == Uncounted ? MessageEntry.Uncounted : StoredOctets + AddedOctets;

    /// <summary>What <see cref="AddedOctets"/> is for these lengths. A difference that does not fit is counted anew whenever it is asked for.</summary>
    public static int AddedFor(long wireOctets, long storedOctets)
        => wireOctets >= 0 && wireOctets - storedOctets is > int.MinValue and <= int.MaxValue ? (int)(wireOctets - storedOctets) : Uncounted;
}

/// <summary>How a file name is made from the octets kept of it, and what else is so or not.</summary>
[Flags]
internal enum PackedForm : byte
{
    /// <summary>The octets are the name: it has no flags, or some that are not ours.</summary>
    Whole = 0,

    /// <summary>The octets are the base; behind it stand <c>:2,</c> and the letters of the flags.</summary>
    WithFlags = 1,

    /// <summary>The file lies in new/.</summary>
    InNew = 2,

    /// <summary>POP3 is known to send just the length on the wire.</summary>
    SentAsIs = 4,
}
