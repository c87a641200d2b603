using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace FullStack.Store.Mbox;

/// <summary>What the first message's X-IMAPbase or X-IMAP tells: UIDVALIDITY, the last UID given out, and the mailbox's keywords.</summary>
internal readonly record struct MboxBase(uint UidValidity, uint LastUid)
{
    /// <summary>Reads a value; false where it is damaged or has zeros for numbers.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out MboxBase numbers)
    {
        numbers = default;
        if (!Utf8Parser.TryParse(value, out uint validity, out int used) || validity == 0 || used == value.Length || value[used] != ' ')
            return false;
        value = value[used..].TrimStart((byte)' ');
        if (!Utf8Parser.TryParse(value, out uint last, out used) || used < value.Length && value[used] != ' ')
            return false;
        numbers = new(validity, last);
        return true;
    }

    /// <summary>The value as Dovecot writes it: the last UID with ten digits, so that it grows in place.</summary>
    public byte[] Format(IEnumerable<string> keywords)
        => Encoding.UTF8.GetBytes(string.Join(' ', [string.Create(CultureInfo.InvariantCulture, $"{UidValidity} {LastUid:D10}"), .. keywords]));
}
