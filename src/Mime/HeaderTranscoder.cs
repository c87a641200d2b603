using System.Buffers;
using System.Text;

namespace FullStack.Mime;

/// <summary>Puts the encoded words and the extended parameters of a header into another charset; all else stays octet by octet.</summary>
/// <remarks>
/// RFC 5259 §6: words stay words, "a failure to do so may alter the semantics of structured headers", and what cannot be decoded stays as it is.
/// Parameters (RFC 2231) in other charsets, or in pieces, are put together, converted and cut anew; comments beside them go.
/// </remarks>
public sealed class HeaderTranscoder
{
    /// <summary>Longest header taken, in octets.</summary>
    public const int MaxOctets = 256 * 1024;

    private const int MaxWordOctets = 75, MaxLineOctets = 76;

    private readonly Encoding _target;
    private readonly string _charset;
    private readonly ArrayBufferWriter<byte> _output = new();

    private HeaderTranscoder(Encoding target, string charset) => (_target, _charset) = (target, charset);

    /// <summary>Octets written since the last line end.</summary>
    private int Column => _output.WrittenCount - 1 - _output.WrittenSpan.LastIndexOf((byte)'\n');

    /// <summary>The header in another charset.</summary>
    /// <param name="header">The header with its blank line, if it has one; lines end in CRLF.</param>
    /// <param name="target">The charset's encoding; where its fallback throws, so does this.</param>
    /// <param name="charset">The charset's name, as it is to be written.</param>
    /// <exception cref="EncoderFallbackException">The charset lacks a character.</exception>
    public static byte[] Transcode(ReadOnlySpan<byte> header, Encoding target, string charset)
    {
        HeaderTranscoder transcoder = new(target, charset);
        HeaderLines lines = new(header);
        int end = 0;
        while (lines.MoveNext())
        {
            end = lines.Raw.End.Value;
            if (!transcoder.TryWriteParameters(header[lines.Name], header[lines.Value]))
                transcoder.WriteWords(header[lines.Raw]);
        }

        transcoder._output.Write(header[end..]);
        return transcoder._output.WrittenSpan.ToArray();
    }

    private void WriteWords(ReadOnlySpan<byte> field)
    {
        while (!field.IsEmpty)
        {
            int start = field.IndexOf("=?"u8);
            _output.Write(start < 0 ? field : field[..start]);
            if (start < 0)
                return;
            field = field[start..];
            if (EncodedWord.TryRead(field, out EncodedWord word))
            {
                field = field[WriteRun(field, word.IsBase64)..];
                continue;
            }

            _output.Write(field[..2]);
            field = field[2..];
        }
    }

    /// <summary>Writes the words that stand side by side at the beginning; returns how many octets they are.</summary>
    private int WriteRun(ReadOnlySpan<byte> field, bool asBase64)
    {
        StringBuilder text = new();
        WordRun run = new(text);
        int at = 0, end = 0;
        while (field[at..].StartsWith("=?"u8) && EncodedWord.TryRead(field[at..], out EncodedWord word))
        {
            run.Add(word);
            end = at += word.Length;
            while (at < field.Length && field[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                at++;
        }

        run.Flush();
        WriteText(text.ToString(), asBase64);
        return end;
    }

    /// <summary>Writes a text as words, as many as it takes: each holds whole characters, and is one by itself (RFC 2047 §5).</summary>
    private void WriteText(string text, bool asBase64)
    {
        bool isFirst = true;
        for (int start = 0; start < text.Length;)
        {
            int end = start;
            byte[] word = [];
            while (end < text.Length)
            {
                int next = end + (char.IsSurrogatePair(text, end) ? 2 : 1);
                byte[] longer = Word(text.AsSpan(start, next - start), asBase64);
                if (longer.Length > MaxWordOctets && end > start)
                    break;
                (word, end) = (longer, next);
            }

            if (!isFirst)
                _output.Write(Column + 1 + word.Length > MaxLineOctets ? "\r\n "u8 : " "u8);
            else if (Column > 1 && Column + word.Length > MaxLineOctets && _output.WrittenSpan is [.., (byte)' ' or (byte)'\t'])
                _output.Write("\r\n "u8);
            _output.Write(word);
            isFirst = false;
            start = end;
        }
    }

    private byte[] Word(ReadOnlySpan<char> text, bool asBase64)
    {
        byte[] octets = new byte[_target.GetByteCount(text)];
        _target.GetBytes(text, octets);
        StringBuilder word = new StringBuilder("=?").Append(_charset).Append(asBase64 ? "?B?" : "?Q?");
        if (asBase64)
        {
            word.Append(Convert.ToBase64String(octets));
        }
        else
        {
            foreach (byte octet in octets) // only what may stand in a phrase, too (RFC 2047 §5 (3))
                _ = octet == (byte)' ' ? word.Append('_') : char.IsAsciiLetterOrDigit((char)octet) ? word.Append((char)octet) : Escape(word, '=', octet);
        }

        return Encoding.ASCII.GetBytes(word.Append("?=").ToString());
    }

    /// <summary>Writes Content-Type and Content-Disposition anew where they have extended parameters; false for other fields.</summary>
    private bool TryWriteParameters(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        bool hasParameters = Ascii.EqualsIgnoreCase(name, "Content-Type"u8) || Ascii.EqualsIgnoreCase(name, "Content-Disposition"u8);
        if (!hasParameters || !value.Contains((byte)'*'))
            return false;
        (string head, List<MimeParameter> parameters) = ContentFields.ReadWithParameters(value);
        if (!parameters.Exists(static parameter => parameter.Name.EndsWith('*')))
            return false;
        _output.Write(name);
        _output.Write(": "u8);
        _output.Write(Encoding.Latin1.GetBytes(head));
        foreach (MimeParameter parameter in parameters)
            WriteParameter(parameter);
        _output.Write("\r\n"u8);
        return true;
    }

    private void WriteParameter(MimeParameter parameter)
    {
        if (!parameter.Name.EndsWith('*'))
        {
            string quoted = parameter.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            WriteLine($"{parameter.Name}=\"{quoted}\"");
            return;
        }

        MimeParameter.ReadExtended(parameter.Value, out string charset, out string language, out byte[] octets);
        if (Charsets.Find(charset) is not { } encoding)
        {
            WriteLine($"{parameter.Name}={parameter.Value}"); // as it is: "if the charset or encoding is not recognized"
            return;
        }

        WriteExtended(parameter.Name[..^1], $"{_charset}'{language}'", _target.GetBytes(encoding.GetString(octets)));
    }

    /// <summary>In one piece where it fits into a line, else in several, none of which cuts an octet (RFC 2231 §3, §4.1).</summary>
    private void WriteExtended(string name, string prefix, byte[] octets)
    {
        StringBuilder text = new();
        List<string> pieces = [];
        int room = Math.Max(MaxLineOctets - name.Length - "*nnn*=;  ".Length, 10);
        text.Append(prefix);
        foreach (byte octet in octets)
        {
            if (text.Length + 3 > room)
            {
                pieces.Add(text.ToString());
                text.Clear();
            }

            _ = char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'.' or (byte)'_' ? text.Append((char)octet) : Escape(text, '%', octet);
        }

        pieces.Add(text.ToString());
        for (int i = 0; i < pieces.Count; i++)
            WriteLine(pieces.Count == 1 ? $"{name}*={pieces[i]}" : $"{name}*{i}*={pieces[i]}");
    }

    /// <summary>A parameter on a line of its own.</summary>
    private void WriteLine(string parameter)
    {
        _output.Write(";\r\n "u8);
        _output.Write(Encoding.Latin1.GetBytes(parameter.Replace('\r', ' ').Replace('\n', ' ')));
    }

    private static StringBuilder Escape(StringBuilder text, char sign, byte octet) => text.Append(sign).Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
}
