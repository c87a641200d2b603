namespace FullStack.Imap.Fetch;

/// <summary>What a data item needs of a message besides what an open mailbox has in memory: UID, flags, mod-sequence, dates and size.</summary>
[Flags]
internal enum FetchNeeds
{
    Nothing = 0,

    /// <summary>The envelope, which is read without the rest of the structure.</summary>
    Envelope = 1,

    /// <summary>The structure, which has the envelope in it.</summary>
    Structure = 2,

    /// <summary>When the message came into the mailbox.</summary>
    SaveDate = 4,
    EmailId = 8,
    ThreadId = 16,

    /// <summary>The message's file, opened.</summary>
    Octets = 32,

    /// <summary>The message's annotations.</summary>
    Annotations = 64,

    /// <summary>Where the message ends: the octets tell where they are read all at once, else the structure.</summary>
    Extent = 128,
}
