using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace FullStack.Store.SideFiles;

/// <summary>
/// A line of a side file: eight hexadecimal digits that check the rest, a space, the text, LF. So a line that a power cut
/// tore, or that somebody changed by hand, is told from one that was written.
/// </summary>
internal static class SideLine
{
    private const int CheckDigits = 8;

    private static readonly SearchValues<byte> s_plain = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Where(static octet => octet != '%').Select(static octet => (byte)octet)]);

    /// <summary>Adds a line.</summary>
    /// <param name="target">Takes it.</param>
    /// <param name="text">Its text, without LF.</param>
    public static void Write(IBufferWriter<byte> target, ReadOnlySpan<byte> text)
    {
        Span<byte> line = target.GetSpan(CheckDigits + 1 + text.Length + 1);
        _ = Utf8Formatter.TryFormat(Check(text), line, out _, new StandardFormat('x', CheckDigits));
        line[CheckDigits] = (byte)' ';
        text.CopyTo(line[(CheckDigits + 1)..]);
        line[CheckDigits + 1 + text.Length] = (byte)'\n';
        target.Advance(CheckDigits + 1 + text.Length + 1);
    }

    /// <summary>The text of a line, which is given without its LF; false where the check fails.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (line.Length <= CheckDigits || line[CheckDigits] != ' '
            || !Utf8Parser.TryParse(line[..CheckDigits], out uint check, out int used, 'x') || used != CheckDigits)
            return false;
        text = line[(CheckDigits + 1)..];
        return Check(text) == check;
    }

    /// <summary>Adds octets so that they hold no space, no control character and no colon: those are written <c>%XX</c>.</summary>
    public static void Escape(IBufferWriter<byte> target, ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            int plain = octets.IndexOfAnyExcept(s_plain);
            if (plain < 0)
            {
                target.Write(octets);
                return;
            }

            target.Write(octets[..plain]);
            Span<byte> escaped = target.GetSpan(3);
            escaped[0] = (byte)'%';
            _ = Utf8Formatter.TryFormat(octets[plain], escaped[1..], out _, new StandardFormat('X', 2));
            target.Advance(3);
            octets = octets[(plain + 1)..];
        }
    }

    /// <summary>What <see cref="Escape"/> was given.</summary>
    public static byte[] Unescape(ReadOnlySpan<byte> escaped)
    {
        if (!escaped.Contains((byte)'%'))
            return escaped.ToArray();
        byte[] octets = new byte[escaped.Length];
        int count = 0;
        while (!escaped.IsEmpty)
        {
            bool isEscape = escaped[0] == '%' && escaped.Length >= 3 && Utf8Parser.TryParse(escaped.Slice(1, 2), out octets[count], out int used, 'X') && used == 2;
            if (!isEscape)
                octets[count] = escaped[0];
            count++;
            escaped = escaped[(isEscape ? 3 : 1)..];
        }

        return octets[..count];
    }

    /// <summary>Adds text that is ASCII by its nature: digits and letters.</summary>
    public static void Append(IBufferWriter<byte> target, string ascii) => Encoding.ASCII.GetBytes(ascii, target);

    /// <summary>Adds a space, the field's letter and its number.</summary>
    public static void AppendField(IBufferWriter<byte> target, char letter, ulong value)
        => Append(target, string.Create(CultureInfo.InvariantCulture, $" {letter}{value}"));

    private static uint Check(ReadOnlySpan<byte> text)
    {
        uint check = uint.MaxValue;
        for (; text.Length >= sizeof(ulong); text = text[sizeof(ulong)..])
            check = BitOperations.Crc32C(check, System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(text));
        foreach (byte octet in text)
            check = BitOperations.Crc32C(check, octet);
        return ~check;
    }
}
