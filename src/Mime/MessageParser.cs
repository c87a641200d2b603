namespace FullStack.Mime;

/// <summary>Finds a message's structure while it streams by: push octets in any pieces, then complete. Never throws on any input.</summary>
public sealed class MessageParser
{
    /// <summary>Takes the next octets; line ends may be CRLF, LF or mixed.</summary>
    public void Push(ReadOnlySpan<byte> octets) => throw new NotImplementedException();

    /// <summary>Ends the message and gives what was found. Call once.</summary>
    public MimeMessage Complete() => throw new NotImplementedException();
}

/// <summary>A compact binary form of <see cref="MimeMessage"/>, for the index. Its first octet is a version.</summary>
public static class MimeMessageCodec
{
    public static byte[] Encode(MimeMessage message) => throw new NotImplementedException();

    /// <summary>False where the octets are of another version or damaged: parse the message again.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MimeMessage? message)
        => throw new NotImplementedException();
}
