using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>What is known of how POP3 sends the messages of a mailbox.</summary>
/// <param name="Examined">The last UID up to which messages were looked at.</param>
/// <param name="Differing">Those of which POP3 sends another number of octets than their size on the wire, or that have another form for who takes ASCII headers only; by UID.</param>
public sealed record KnownSizes(uint Examined, IReadOnlyDictionary<uint, SentSize> Differing)
{
    /// <summary>What POP3 sends of a message; of one that nobody looked at yet, its size on the wire.</summary>
    public SentSize Of(MessageEntry message) => Differing.TryGetValue(message.Uid.Value, out SentSize size) ? size : new(message.WireOctets, message.WireOctets);

    /// <summary>Whether the headers of a message are known to be ASCII, so that it has one form only.</summary>
    public bool IsSurelyAscii(Uid uid) => uid.Value <= Examined && !Differing.ContainsKey(uid.Value);
}
