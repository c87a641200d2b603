using System.Diagnostics.CodeAnalysis;

namespace FullStack.Mime;

/// <summary>A compact binary form of <see cref="MimeMessage"/>, for the index. Its first octet is a version.</summary>
/// <remarks>
/// Numbers are LEB128, offsets relative to the enclosing part, strings Latin-1 with a length or a number in
/// <see cref="WellKnownStrings"/>. Any change of the form, of that table or of what the parser finds needs a new version.
/// </remarks>
public static class MimeMessageCodec
{
    internal const byte Version = 3;

    public static byte[] Encode(MimeMessage message)
    {
        MimeMessageWriter writer = new();
        writer.WriteMessage(message);
        return writer.Complete();
    }

    /// <summary>
    /// False where the octets are of another version or damaged: parse the message again. The message refers to
    /// <paramref name="encoded"/>, which must not change any more.
    /// </summary>
    public static bool TryDecode(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out MimeMessage? message)
    {
        MimeMessageReader reader = new(encoded);
        message = reader.ReadMessage();
        return message is not null;
    }

    /// <summary>The envelope alone, which comes before what takes time to decode.</summary>
    /// <param name="encoded">A message's encoded form; the envelope refers to it.</param>
    /// <param name="addresses">Whether the addresses are wanted too; without them they are empty.</param>
    /// <param name="envelope">The outermost header's envelope.</param>
    /// <inheritdoc cref="TryDecode" path="/summary"/>
    public static bool TryDecodeEnvelope(ReadOnlyMemory<byte> encoded, bool addresses, [NotNullWhen(true)] out MessageEnvelope? envelope)
    {
        MimeMessageReader reader = new(encoded);
        envelope = reader.ReadOutermostEnvelope(addresses);
        return envelope is not null;
    }
}
