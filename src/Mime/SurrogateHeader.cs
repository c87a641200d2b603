using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace FullStack.Mime;

/// <summary>Writes a header with UTF-8 in ASCII, for readers that do not know RFC 6532: what can be shown is kept, the rest left out.</summary>
/// <remarks>
/// RFC 6858 §2: an address with UTF-8 in it becomes one that belongs to nobody, with the real one as its display name; a Subject becomes encoded
/// words; parameters and other fields are left out. A field with octets that are no UTF-8 stays as it is: it was never sent as such.
/// </remarks>
public static class SurrogateHeader
{
    /// <summary>What stands for addresses that cannot be shown. Below .invalid nobody ever has an address.</summary>
    private const string Nobody = "invalid@internationalized-address.invalid";

    private const int LineLength = 76;

    /// <summary>Whether a header, or anything else, has UTF-8 beyond ASCII in it.</summary>
    public static bool IsNeededFor(ReadOnlySpan<byte> header) => !Ascii.IsValid(header);

    /// <summary>Rewrites a header.</summary>
    /// <param name="header">The header with its blank line; what follows that is ignored.</param>
    /// <returns>The header with its blank line as it was there or not; line ends are CRLF.</returns>
    public static byte[] Write(ReadOnlySpan<byte> header)
    {
        ArrayBufferWriter<byte> output = new(header.Length + 64);
        HeaderLines lines = new(header);
        int end = 0;
        while (lines.MoveNext())
        {
            ReadOnlySpan<byte> raw = header[lines.Raw];
            end = lines.Raw.End.GetOffset(header.Length);
            if (Ascii.IsValid(raw) || !Utf8.IsValid(raw))
                WriteLines(output, raw);
            else if (Ascii.IsValid(header[lines.Name]))
                WriteField(output, header[lines.Name], header[lines.Value]);
        }

        if (end < header.Length)
            output.Write("\r\n"u8);
        return output.WrittenSpan.ToArray();
    }

    private static void WriteField(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(name, "Subject"u8))
            Write(output, name, EncodedWords.Encode(EncodedWords.Decode(HeaderValue.UnfoldToOwn(value).Span.Trim(" \t"u8))).Split(' '), "");
        else if (Ascii.EqualsIgnoreCase(name, "Return-Path"u8))
            Write(output, name, [$"<{Nobody}>"], "");
        else if (IsAddressField(name))
            Write(output, name, Addresses(value), "");
        else if (Ascii.EqualsIgnoreCase(name, "Content-Type"u8) || Ascii.EqualsIgnoreCase(name, "Content-Disposition"u8))
            WriteParameters(output, name, HeaderValue.UnfoldToOwn(value).Span.Trim(" \t"u8));
    }

    private static bool IsAddressField(ReadOnlySpan<byte> name)
    {
        if (name.Length > 7 && Ascii.EqualsIgnoreCase(name[..7], "Resent-"u8))
            name = name[7..];
        return Ascii.EqualsIgnoreCase(name, "From"u8) || Ascii.EqualsIgnoreCase(name, "To"u8) || Ascii.EqualsIgnoreCase(name, "Cc"u8)
            || Ascii.EqualsIgnoreCase(name, "Bcc"u8) || Ascii.EqualsIgnoreCase(name, "Sender"u8) || Ascii.EqualsIgnoreCase(name, "Reply-To"u8);
    }

    /// <summary>The list in pieces, between which it may be folded.</summary>
    private static List<string> Addresses(ReadOnlySpan<byte> value)
    {
        List<string> pieces = [];
        bool isFirst = true;
        foreach (MessageAddress address in AddressList.Parse(value))
        {
            if (address.IsGroupEnd)
            {
                pieces[^1] += ";";
                isFirst = false;
                continue;
            }

            if (!isFirst)
                pieces[^1] += ",";
            isFirst = address.IsGroupStart;
            string text = address.IsGroupStart ? $"{Phrase(address.Mailbox!.Value)}:" : Mailbox(address);
            pieces.AddRange(text.Split(' '));
        }

        return pieces;
    }

    private static string Mailbox(MessageAddress address)
    {
        string? name = address.Name is { } given ? EncodedWords.Decode(given.Span) : null;
        ReadOnlySpan<byte> local = (address.Mailbox ?? default).Span, host = (address.Host ?? default).Span;
        string spec = $"{Encoding.UTF8.GetString(local)}@{Encoding.UTF8.GetString(host)}";
        bool isPlain = !spec.AsSpan().ContainsAnyExceptInRange('!', '~') && local.IndexOfAny("()<>,;:\"\\["u8) < 0 && !local.IsEmpty && !host.IsEmpty;
        return isPlain ? AddressList.Format(name, spec) : AddressList.Format(name is null ? spec : $"{name} <{spec}>", Nobody);
    }

    private static string Phrase(ReadOnlyMemory<byte> name)
    {
        string formatted = AddressList.Format(EncodedWords.Decode(name.Span), "x");
        return formatted == "x" ? "group" : formatted[..^" <x>".Length];
    }

    /// <summary>Leaves out the parameters that are not ASCII; without what stands before them there is no field.</summary>
    private static void WriteParameters(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        List<string> pieces = [];
        bool quoted = false, isFirst = true;
        for (int start = 0, at = 0; at <= value.Length; at++)
        {
            if (at < value.Length && (quoted || value[at] != ';'))
            {
                if (value[at] == '"')
                    quoted = !quoted;
                else if (value[at] == '\\' && quoted)
                    at++;
                continue;
            }

            ReadOnlySpan<byte> piece = value[start..Math.Min(at, value.Length)].Trim(" \t"u8);
            start = at + 1;
            if (isFirst && !Ascii.IsValid(piece))
                return;
            isFirst = false;
            if (Ascii.IsValid(piece) && !piece.IsEmpty)
                pieces.Add(Encoding.ASCII.GetString(piece));
        }

        Write(output, name, pieces, ";");
    }

    /// <summary>Writes a field, folded between its pieces.</summary>
    private static void Write(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> name, IReadOnlyList<string> pieces, string separator)
    {
        StringBuilder field = new(Encoding.ASCII.GetString(name));
        field.Append(':');
        int column = field.Length;
        for (int i = 0; i < pieces.Count; i++)
        {
            string piece = i < pieces.Count - 1 ? pieces[i] + separator : pieces[i];
            if (i > 0 && column + 1 + piece.Length > LineLength)
            {
                field.Append("\r\n");
                column = 0;
            }

            field.Append(' ').Append(piece);
            column += 1 + piece.Length;
        }

        output.Write(Encoding.ASCII.GetBytes(field.Append("\r\n").ToString()));
    }

    /// <summary>Writes lines as they are, their ends as CRLF.</summary>
    private static void WriteLines(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? default : lines[(end + 1)..];
            output.Write(line.EndsWith("\r"u8) ? line[..^1] : line);
            output.Write("\r\n"u8);
        }
    }
}
