using FullStack.Mime;
using FullStack.Store.Annotations;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>A message that is about to be answered for, with what was read of it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Entry">What the mailbox has of it in memory.</param>
/// <param name="IsNowSeen">Whether this command set \Seen.</param>
internal readonly record struct FetchedMessage(int Number, MessageEntry Entry, bool IsNowSeen = false)
{
    /// <summary>The message, where all of it is in memory: one without structure is as long as its entry says. Null where it is to be opened when its turn comes, or never.</summary>
    public MessageContent? Content { get; init; }

    /// <summary>Null where <see cref="FetchNeeds.Structure"/> was not asked for, nor needed for want of the octets.</summary>
    public MimeMessage? Structure { get; init; }

    /// <summary>Null where neither <see cref="FetchNeeds.Envelope"/> nor <see cref="FetchNeeds.Structure"/> was asked for.</summary>
    public MessageEnvelope? Envelope { get; init; }

    /// <summary>Null where nothing of it was asked for.</summary>
    public MessageIdentity? Identity { get; init; }

    /// <summary>Its annotations as the session's user sees them; none where they were not asked for.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];
}
