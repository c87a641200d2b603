using System.Buffers;
using System.Text;

namespace FullStack.Mime;

/// <summary>Says in a part's header how its body is encoded from now on (RFC 2045 §6.1).</summary>
public static class TransferEncodingField
{
    public const string Base64 = "base64";
    public const string QuotedPrintable = "quoted-printable";

    private static ReadOnlySpan<byte> Name => "Content-Transfer-Encoding"u8;

    /// <summary>A body without the encoding that its header names; one that is in none stays as it is.</summary>
    public static Stream Decoded(Stream body, string encoding)
    {
        bool isQuotedPrintable = encoding.Equals(QuotedPrintable, StringComparison.OrdinalIgnoreCase);
        return isQuotedPrintable || encoding.Equals(Base64, StringComparison.OrdinalIgnoreCase) ? new TransferDecodingStream(body, isQuotedPrintable) : body;
    }

    /// <summary>A header with the field as its last one, and without any other of its name.</summary>
    /// <param name="header">The header with the blank line that ends it; lines end in CRLF or LF.</param>
    /// <param name="encoding">What the field says.</param>
    /// <param name="ofMessage">
    /// The header is a message's own, and has to say that it is one by MIME. One of a message without a word about its text gets that it is in
    /// an unknown character set (RFC 1428 §3).
    /// </param>
    public static byte[] Say(ReadOnlySpan<byte> header, string encoding, bool ofMessage = false)
    {
        ArrayBufferWriter<byte> output = new(header.Length + 128);
        bool isDropped = false, isMime = false, hasType = false;
        while (!header.IsEmpty)
        {
            int length = header.IndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> line = length == 0 ? header : header[..length];
            if (line.TrimEnd("\r\n"u8).IsEmpty)
                break;
            if (line[0] is not ((byte)' ' or (byte)'\t'))
                isDropped = IsField(line, Name);
            isMime |= IsField(line, "MIME-Version"u8);
            hasType |= IsField(line, "Content-Type"u8);
            if (!isDropped)
                output.Write(line);
            header = header[line.Length..];
        }

        if (ofMessage && !isMime)
            output.Write("MIME-Version: 1.0\r\n"u8);
        if (ofMessage && !hasType)
            output.Write("Content-Type: text/plain; charset=unknown-8bit\r\n"u8);
        output.Write(Name);
        output.Write(": "u8);
        output.Write(Encoding.ASCII.GetBytes(encoding));
        output.Write("\r\n"u8);
        output.Write(header.IsEmpty ? "\r\n"u8 : header);
        return output.WrittenSpan.ToArray();
    }

    private static bool IsField(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name)
        => line.IndexOf((byte)':') is var colon and > 0 && Ascii.EqualsIgnoreCase(line[..colon].TrimEnd(" \t"u8), name);
}
