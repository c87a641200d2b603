using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Store.Annotations;

namespace FullStack.Imap.Annotations;

/// <summary>Reads entries of annotations, their attributes and values. On failure the reader stands where the error is.</summary>
/// <remarks>RFC 5257 §5; names §3.2: one that is none is an error of syntax.</remarks>
internal static class AnnotationGrammar
{
    /// <summary>Longest name of an entry, in octets.</summary>
    public const int MaxNameOctets = 255;

    /// <summary>Most entries, or values, in one list.</summary>
    public const int MaxEntries = 200;

    /// <summary>att-annotate, behind the word: "(" entry-att *(SP entry-att) ")"; entry-att = entry SP "(" att-value *(SP att-value) ")"</summary>
    public static bool TryReadAnnotations(this ref ImapReader reader, [NotNullWhen(true)] out IReadOnlyList<AnnotationChange>? changes)
    {
        changes = null;
        List<AnnotationChange> read = [];
        if (!reader.TryReadOctet((byte)'('))
            return false;
        do
        {
            if (!reader.TryReadAnnotationEntry(out string? entry) || !reader.TryReadWord(" ("u8))
                return false;
            do
            {
                if (read.Count == MaxEntries || !TryReadAttributeValue(ref reader, entry, out AnnotationChange? change))
                    return false;
                read.Add(change);
            }
            while (reader.TryReadSpace());
            if (!reader.TryReadOctet((byte)')'))
                return false;
        }
        while (reader.TryReadSpace());
        changes = read;
        return reader.TryReadOctet((byte)')');
    }

    /// <summary>entry = astring</summary>
    public static bool TryReadAnnotationEntry(this ref ImapReader reader, [NotNullWhen(true)] out string? entry)
    {
        int start = reader.Position;
        entry = reader.TryReadAString(out ReadOnlySpan<byte> octets) && IsName(octets) && !octets.ContainsAny((byte)'*', (byte)'%')
            ? Encoding.ASCII.GetString(octets) : null;
        if (entry is null)
            reader.Position = start;
        return entry is not null;
    }

    /// <summary>entry-match = list-mailbox</summary>
    public static bool TryReadAnnotationPattern(this ref ImapReader reader, [NotNullWhen(true)] out AnnotationPattern? pattern)
    {
        int start = reader.Position;
        pattern = null;
        if (reader.TryReadListMailbox(out ReadOnlySpan<byte> octets) && octets.Length <= MaxNameOctets
            && (octets.ContainsAny((byte)'*', (byte)'%') ? octets[0] is (byte)'/' or (byte)'*' or (byte)'%' : IsName(octets)))
            pattern = new(Encoding.ASCII.GetString(octets));
        if (pattern is null)
            reader.Position = start;
        return pattern is not null;
    }

    /// <summary>value = nstring / literal8; null is NIL</summary>
    public static bool TryReadAnnotationValue(this ref ImapReader reader, out byte[]? value)
    {
        bool isRead = reader.TryReadNString(out ReadOnlySpan<byte> octets, out bool isNil) || reader.TryReadLiteral8(out octets);
        value = isRead && !isNil ? octets.ToArray() : null;
        return isRead;
    }

    /// <summary>attrib, of those that a predicate takes</summary>
    public static bool TryReadAnnotationAttribute(this ref ImapReader reader, Func<AnnotationAttribute[], bool> isTaken, [NotNullWhen(true)] out AnnotationAttribute[]? attributes)
    {
        int start = reader.Position;
        attributes = null;
        if (reader.TryReadAString(out ReadOnlySpan<byte> name) && AnnotationAttribute.TryParse(name, out AnnotationAttribute[]? meant) && isTaken(meant))
            attributes = meant;
        if (attributes is null)
            reader.Position = start;
        return attributes is not null;
    }

    /// <summary>The part of a message that an entry is about, as numbers; none where it is about the whole message.</summary>
    public static IReadOnlyList<uint> PartOf(string entry)
    {
        int end = entry.IndexOf('/', 1);
        ReadOnlySpan<char> first = entry.AsSpan(1, (end < 0 ? entry.Length : end) - 1);
        List<uint> path = [];
        if (first.IsEmpty || !char.IsAsciiDigit(first[0]))
            return path;
        while (true)
        {
            int dot = first.IndexOf('.');
            path.Add(uint.TryParse(dot < 0 ? first : first[..dot], System.Globalization.NumberStyles.None, null, out uint part) ? part : 0);
            if (dot < 0)
                return path;
            first = first[(dot + 1)..];
        }
    }

    /// <summary>att-value = attrib SP value, of the attributes that a client can set</summary>
    private static bool TryReadAttributeValue(ref ImapReader reader, string entry, [NotNullWhen(true)] out AnnotationChange? change)
    {
        change = null;
        if (!reader.TryReadAnnotationAttribute(static meant => meant is [{ IsSize: false }], out AnnotationAttribute[]? attribute) || !reader.TryReadSpace()
            || !reader.TryReadAnnotationValue(out byte[]? value))
            return false;
        change = new(entry, attribute[0].IsShared, value);
        return true;
    }

    /// <summary>
    /// Begins with a slash, no two of them together, none at the end, ASCII without NUL; not <c>/flags</c>, which is reserved (RFC
    /// 5257 §3.5); below a number the rest of a part specifier and something more.
    /// </summary>
    private static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name.Length is < 2 or > MaxNameOctets || name[0] != '/' || name[^1] == '/' || name.IndexOf("//"u8) >= 0 || name.ContainsAnyExceptInRange((byte)1, (byte)0x7F))
            return false;
        if (name.SequenceEqual("/flags"u8) || name.StartsWith("/flags/"u8))
            return false;
        IReadOnlyList<uint> part = PartOf(Encoding.ASCII.GetString(name));
        return part.Count == 0 || (!part.Contains(0u) && name[1..].Contains((byte)'/'));
    }
}
