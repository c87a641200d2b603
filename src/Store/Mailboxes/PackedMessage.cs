namespace FullStack.Store.Mailboxes;

/// <summary>What a chunk keeps of one message: 40 octets, and its base name among those of the chunk.</summary>
/// <param name="ModSeq">Its mod-sequence.</param>
/// <param name="InternalDateSeconds">Its internal date, Unix time.</param>
/// <param name="WireOctets">Its length on the wire.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="NameStart">Where its name begins among the chunk's names.</param>
/// <param name="NameLength">How many octets of it lie there.</param>
/// <param name="Keywords">Which of the chunk's lists of keywords it has.</param>
/// <param name="Flags">Its system flags.</param>
/// <param name="Form">How its file name is made from what lies there.</param>
internal readonly record struct PackedMessage(
    ulong ModSeq, long InternalDateSeconds, long WireOctets, uint Uid, int NameStart, ushort NameLength, ushort Keywords, SystemFlags Flags, NameForm Form);

/// <summary>How a file name is made from the octets kept of it.</summary>
[Flags]
internal enum NameForm : byte
{
    /// <summary>The octets are the name: it has no flags, or some that are not ours.</summary>
    Whole = 0,

    /// <summary>The octets are the base; behind it stand <c>:2,</c> and the letters of the flags.</summary>
    WithFlags = 1,

    /// <summary>The file lies in new/.</summary>
    InNew = 2,
}
