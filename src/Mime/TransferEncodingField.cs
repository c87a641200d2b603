using System.Buffers;
using System.Text;

namespace FullStack.Mime;

/// <summary>Says in a part's header that its body is base64 now (RFC 2045 §6.1).</summary>
public static class TransferEncodingField
{
    private static ReadOnlySpan<byte> Name => "Content-Transfer-Encoding"u8;

    /// <summary>A header with the field as its last one, and without any other of its name.</summary>
    /// <param name="header">The header with the blank line that ends it; lines end in CRLF or LF.</param>
    public static byte[] SayBase64(ReadOnlySpan<byte> header)
    {
        ArrayBufferWriter<byte> output = new(header.Length + 64);
        bool isDropped = false;
        while (!header.IsEmpty)
        {
            int length = header.IndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> line = length == 0 ? header : header[..length];
            if (line.TrimEnd("\r\n"u8).IsEmpty)
                break;
            if (line[0] is not ((byte)' ' or (byte)'\t'))
                isDropped = IsField(line);
            if (!isDropped)
                output.Write(line);
            header = header[line.Length..];
        }

        output.Write(Name);
        output.Write(": base64\r\n"u8);
        output.Write(header.IsEmpty ? "\r\n"u8 : header);
        return output.WrittenSpan.ToArray();
    }

    private static bool IsField(ReadOnlySpan<byte> line)
        => line.IndexOf((byte)':') is var colon and > 0 && Ascii.EqualsIgnoreCase(line[..colon].TrimEnd(" \t"u8), Name);
}
