using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FullStack.Mime;

namespace FullStack.Store.Identity;

/// <summary>
/// The Message-IDs by which a message belongs to a thread, as numbers: its own, and those it answers to. Messages that have
/// one in common are in one thread.
/// </summary>
internal static class ThreadKeys
{
    /// <summary>Most Message-IDs of one message that count.</summary>
    private const int MaxKeys = 20;

    /// <param name="message">The message.</param>
    /// <param name="emailId">Makes a thread of its own for a message without any Message-ID.</param>
    public static List<ulong> Of(MimeMessage message, string emailId)
    {
        List<ulong> keys = [];
        MessageEnvelope envelope = message.Root.Envelope ?? MessageEnvelope.Empty;
        Add(keys, envelope.InReplyTo);
        Add(keys, envelope.MessageId);
        if (keys.Count == 0)
            keys.Add(Hash(Encoding.ASCII.GetBytes(emailId)));
        return keys;
    }

    private static void Add(List<ulong> keys, ReadOnlyMemory<byte>? field)
    {
        ReadOnlySpan<byte> rest = field is { } octets ? octets.Span : default;
        while (keys.Count < MaxKeys && rest.IndexOf((byte)'<') is var start and >= 0)
        {
            rest = rest[(start + 1)..];
            int end = rest.IndexOf((byte)'>');
            if (end <= 0)
                return;
            ulong key = Hash(rest[..end]);
            if (!keys.Contains(key))
                keys.Add(key);
            rest = rest[(end + 1)..];
        }
    }

    /// <summary>1 to 2^63-1, as a column holds it.</summary>
    private static ulong Hash(ReadOnlySpan<byte> id)
        => Math.Max(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(id)) & long.MaxValue, 1);
}
