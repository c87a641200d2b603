namespace FullStack.Mime;

/// <summary>One entry of an address list in ENVELOPE's terms (RFC 9051 §7.5.2): a mailbox, or the start or end of a group.</summary>
/// <param name="Name">Display name, octets as they came, quotes and escapes removed; null where there is none.</param>
/// <param name="Route">The obsolete source route (RFC 5322 §4.4); null where there is none.</param>
/// <param name="Mailbox">Local part; the group's name where <paramref name="Host"/> is null; null itself at the end of a group.</param>
/// <param name="Host">Domain; null for the start and the end of a group.</param>
/// <remarks>
/// What is broken has an empty (not null) <paramref name="Mailbox"/> or <paramref name="Host"/>: null would mean a group.
/// Dovecot writes <c>MISSING_MAILBOX</c> and <c>MISSING_DOMAIN</c> in their place.
/// </remarks>
public sealed record MessageAddress(ReadOnlyMemory<byte>? Name, ReadOnlyMemory<byte>? Route, ReadOnlyMemory<byte>? Mailbox, ReadOnlyMemory<byte>? Host)
{
    /// <summary>What closes a group.</summary>
    public static MessageAddress GroupEnd { get; } = new(null, null, null, null);

    /// <summary>True for what opens a group: <see cref="Mailbox"/> is its name.</summary>
    public bool IsGroupStart => Host is null && Mailbox is not null;

    /// <summary>True for what closes a group.</summary>
    public bool IsGroupEnd => Mailbox is null;
}
