using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FullStack.Mime;

namespace FullStack.Imap.Threading;

/// <summary>
/// Message ids as numbers of one size, whatever their length: a digest that nobody can make two ids agree in. Ids compare with case
/// (RFC 5256 §3).
/// </summary>
internal static class ReferenceDigests
{
    /// <summary>Most references of one message that count: the first, and the last ones. Longer lists are cut by mail programs too.</summary>
    public const int MaxReferences = 128;

    /// <summary>The id of a message; null where it has none.</summary>
    public static UInt128? Of(MessageEnvelope envelope) => First(envelope.MessageId);

    /// <summary>"the Message IDs in the References header line", else "the first … found in the In-Reply-To header line" (RFC 5256 §3)</summary>
    public static UInt128[] ReferencesOf(MessageEnvelope envelope)
    {
        if (envelope.References is { } references && All(references.Span) is { Length: > 0 } ids)
            return ids;
        return First(envelope.InReplyTo) is { } parent ? [parent] : [];
    }

    private static UInt128? First(ReadOnlyMemory<byte>? value)
    {
        if (value is not { } present)
            return null;
        MessageIdReader reader = new(present.Span);
        Span<byte> id = stackalloc byte[MessageIdReader.MaxOctets];
        return reader.TryRead(id, out int length) ? Digest(id[..length]) : null;
    }

    private static UInt128[] All(ReadOnlySpan<byte> value)
    {
        List<UInt128> ids = [];
        MessageIdReader reader = new(value);
        Span<byte> id = stackalloc byte[MessageIdReader.MaxOctets];
        while (reader.TryRead(id, out int length))
            ids.Add(Digest(id[..length]));
        return ids.Count <= MaxReferences ? [.. ids] : [ids[0], .. ids[^(MaxReferences - 1)..]];
    }

    private static UInt128 Digest(ReadOnlySpan<byte> id)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(id, digest);
        return MemoryMarshal.Read<UInt128>(digest);
    }
}
