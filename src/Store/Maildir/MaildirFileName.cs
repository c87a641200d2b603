using System.Buffers.Text;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Maildir;

/// <summary>
/// Reads and makes names of message files: <c>base:2,FLAGS</c>. The base is everything before the last colon and is the
/// file's identity; flag letters that the store does not know are kept.
/// </summary>
internal static class MaildirFileName
{
    private static ReadOnlySpan<byte> InfoPrefix => ":2,"u8;

    /// <summary>The part that stays the same while flags change.</summary>
    public static ReadOnlySpan<byte> Base(ReadOnlySpan<byte> name)
        => name.LastIndexOf((byte)':') is var colon and >= 0 ? name[..colon] : name;

    /// <summary>The flag letters; empty where the name has none.</summary>
    public static ReadOnlySpan<byte> Letters(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> info = name[Base(name).Length..];
        return info.StartsWith(InfoPrefix) ? info[InfoPrefix.Length..] : [];
    }

    /// <summary>The system flags among the letters.</summary>
    public static SystemFlags Flags(ReadOnlySpan<byte> name)
    {
        SystemFlags flags = SystemFlags.None;
        foreach (byte letter in Letters(name))
            flags |= FlagOf(letter);
        return flags;
    }

    /// <summary>The name with other system flags: letters in ASCII order, no repeats, unknown ones kept.</summary>
    /// <param name="name">The name.</param>
    /// <param name="flags">The system flags.</param>
    /// <param name="set">Letters a to z that it gets, a bit for each.</param>
    /// <param name="clear">Letters a to z that it loses before that.</param>
    public static byte[] WithFlags(ReadOnlySpan<byte> name, SystemFlags flags, uint set = 0, uint clear = 0)
    {
        ReadOnlySpan<byte> unchanged = Base(name);
        Span<bool> letters = stackalloc bool[256];
        foreach (byte letter in Letters(name))
            letters[letter] = FlagOf(letter) == SystemFlags.None;
        foreach (byte letter in "DFRST"u8)
            letters[letter] |= (flags & FlagOf(letter)) != 0;
        for (int i = 0; i < 26; i++)
            letters['a' + i] = (letters['a' + i] && (clear & (1u << i)) == 0) || (set & (1u << i)) != 0;

        byte[] result = new byte[unchanged.Length + InfoPrefix.Length + letters.Count(true)];
        unchanged.CopyTo(result);
        InfoPrefix.CopyTo(result.AsSpan(unchanged.Length));
        int at = unchanged.Length + InfoPrefix.Length;
        for (int letter = 0; letter < letters.Length; letter++)
        {
            if (letters[letter])
                result[at++] = (byte)letter;
        }

        return result;
    }

    /// <summary>A base with <c>:2,</c> and the letters of the flags behind it.</summary>
    public static byte[] Join(ReadOnlySpan<byte> baseName, SystemFlags flags)
    {
        Span<byte> letters = stackalloc byte[5];
        int count = Letters(flags, letters);
        byte[] name = new byte[baseName.Length + InfoPrefix.Length + count];
        baseName.CopyTo(name);
        InfoPrefix.CopyTo(name.AsSpan(baseName.Length));
        letters[..count].CopyTo(name.AsSpan(baseName.Length + InfoPrefix.Length));
        return name;
    }

    /// <summary>Whether a name is what <see cref="Join"/> makes of its base and these flags.</summary>
    public static bool IsJoined(ReadOnlySpan<byte> name, SystemFlags flags)
    {
        Span<byte> letters = stackalloc byte[5];
        int count = Letters(flags, letters);
        ReadOnlySpan<byte> info = name[Base(name).Length..];
        return info.StartsWith(InfoPrefix) && info[InfoPrefix.Length..].SequenceEqual(letters[..count]);
    }

    private static int Letters(SystemFlags flags, Span<byte> letters)
    {
        int count = 0;
        foreach (byte letter in "DFRST"u8)
        {
            if ((flags & FlagOf(letter)) != 0)
                letters[count++] = letter;
        }

        return count;
    }

    /// <summary>The value of a size field, <c>,S=</c> (octets stored) or <c>,W=</c> (octets on the wire); -1 where absent or no number.</summary>
    public static long Field(ReadOnlySpan<byte> name, byte letter)
    {
        ReadOnlySpan<byte> rest = Base(name);
        ReadOnlySpan<byte> mark = [(byte)',', letter, (byte)'='];
        int at = rest.LastIndexOf(mark);
        if (at < 0)
            return -1;
        rest = rest[(at + mark.Length)..];
        bool number = Utf8Parser.TryParse(rest, out ulong value, out int used) && value <= long.MaxValue
            && (used == rest.Length || rest[used] == (byte)',');
        return number ? (long)value : -1;
    }

    /// <summary>Says, behind <c>,W=</c>, that POP3 sends just so many octets; other programs pass over what they do not know.</summary>
    public static ReadOnlySpan<byte> SentAsIs => ",P"u8;

    /// <summary>Whether a name says that POP3 sends as many octets as the message has on the wire.</summary>
    public static bool IsSentAsIs(ReadOnlySpan<byte> name) => Base(name).EndsWith(SentAsIs);

    /// <summary>What a file counts for quotas: what its name says (<c>S=</c>), for other programs count that, or else its length.</summary>
    public static long StoredOctets(ReadOnlySpan<byte> name, long otherwise) => Field(name, (byte)'S') is var octets and >= 0 ? octets : otherwise;

    /// <summary>The number that a name begins with, which is when the message came; 0 where it begins with none.</summary>
    public static ulong LeadingTime(ReadOnlySpan<byte> name) => Utf8Parser.TryParse(name, out ulong time, out _) ? time : 0;

    private static SystemFlags FlagOf(byte letter) => letter switch
    {
        (byte)'D' => SystemFlags.Draft,
        (byte)'F' => SystemFlags.Flagged,
        (byte)'R' => SystemFlags.Answered,
        (byte)'S' => SystemFlags.Seen,
        (byte)'T' => SystemFlags.Deleted,
        _ => SystemFlags.None,
    };
}

/// <summary>Compares file names by their base, so that a file is found again whatever its flags became.</summary>
internal sealed class BaseNameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static BaseNameComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => MaildirFileName.Base(x).SequenceEqual(MaildirFileName.Base(y));

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => MaildirFileName.Base(alternate).SequenceEqual(MaildirFileName.Base(other));

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        HashCode hash = default;
        hash.AddBytes(MaildirFileName.Base(alternate));
        return hash.ToHashCode();
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
