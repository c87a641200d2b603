using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Takeover;

/// <summary>What a former server's list says of one message.</summary>
/// <param name="Uid">Its UID.</param>
/// <param name="Uidl">The UIDL it was given one by one; null where the server made UIDLs by a rule.</param>
/// <param name="Guid">The GUID it was given; null where it is the file's name.</param>
/// <param name="WireOctets">Its length with every line end as CRLF; -1 where unknown.</param>
internal readonly record struct FormerMessage(uint Uid, string? Uidl = null, string? Guid = null, long WireOctets = -1);

/// <summary>
/// The list of UIDs that a former server kept of a folder: Courier's <c>courierimapuiddb</c>, which is version 1, or
/// Dovecot's <c>dovecot-uidlist</c>, version 1 or 3.
/// </summary>
/// <remarks>
/// One line that cannot be understood makes the whole list void: a UID that is wrong would show a client another message
/// than the one it has, and to download again is the lesser evil.
/// </remarks>
internal sealed class FormerUidList
{
    /// <summary>Highest UIDVALIDITY taken over: room is left above it for the lives to come.</summary>
    public const uint MaxUidValidity = uint.MaxValue - (1 << 20);

    private readonly Dictionary<string, FormerMessage> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, string> _byUid = [];
    private uint _lastUid;

    private FormerUidList(uint version, uint validity, uint next) => (Version, UidValidity, UidNext) = (version, validity, next);

    /// <summary>The format's version: 1 or 3.</summary>
    public uint Version { get; }

    public uint UidValidity { get; }

    /// <summary>Above every UID of the list, also of those whose file is gone.</summary>
    public uint UidNext { get; private set; }

    public int Count => _byName.Count;

    /// <summary>Finds a message by the base of its file name, each octet as one character.</summary>
    public bool TryFind(string baseName, out FormerMessage message) => _byName.TryGetValue(baseName, out message);

    /// <summary>A list of what lies with the messages themselves; null where UIDs do not rise, or are not below the next one.</summary>
    public static FormerUidList? Of(uint validity, uint next, IEnumerable<(uint Uid, string BaseName)> messages)
    {
        if (validity is 0 or > MaxUidValidity || next is 0 or > MailboxCounters.LastUsableUid)
            return null;
        FormerUidList list = new(version: 1, validity, next);
        foreach ((uint uid, string name) in messages)
        {
            if (uid <= list._lastUid || uid >= next || !list._byName.TryAdd(name, new(uid)))
                return null;
            list._lastUid = uid;
        }

        return list;
    }

    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out FormerUidList? list)
    {
        TextLines lines = new(text);
        list = lines.TryRead(out ReadOnlySpan<byte> header) ? ParseHeader(header) : null;
        if (list is null)
            return false;
        bool valid = true;
        while (valid && lines.TryRead(out ReadOnlySpan<byte> line))
            valid = list.Version == 1 ? list.TryAddOld(line) : list.TryAddNew(line);
        valid = valid && lines.AtEnd && list.UidNext <= MailboxCounters.LastUsableUid;
        list = valid ? list : null;
        return valid;
    }

    /// <summary>The UIDVALIDITY in a list's first line; 0 where there is none that could be taken over.</summary>
    public static uint PeekUidValidity(ReadOnlySpan<byte> text)
        => new TextLines(text).TryRead(out ReadOnlySpan<byte> header) ? ParseHeader(header)?.UidValidity ?? 0 : 0;

    private static FormerUidList? ParseHeader(ReadOnlySpan<byte> line)
    {
        uint validity = 0, next = 0;
        bool valid = Words.TryNumber(Words.Take(ref line), out uint version);
        if (version == 1)
            valid &= Words.TryNumber(Words.Take(ref line), out validity) && Words.TryNumber(line, out next);
        else
        {
            // "3 V<uidvalidity> N<uidnext> G<guid>", the fields in any order, others possible.
            valid &= version == 3;
            while (valid && !line.IsEmpty)
            {
                ReadOnlySpan<byte> field = Words.Take(ref line);
                valid = !field.IsEmpty && field[0] switch
                {
                    (byte)'V' => Words.TryNumber(field[1..], out validity),
                    (byte)'N' => Words.TryNumber(field[1..], out next),
                    _ => true,
                };
            }
        }

        return valid && validity is > 0 and <= MaxUidValidity && next > 0 ? new(version, validity, next) : null;
    }

    /// <summary><c>uid base-name</c>: written whole each time, so its UIDs rise and stay below the next one.</summary>
    private bool TryAddOld(ReadOnlySpan<byte> line)
    {
        if (!Words.TryNumber(Words.Take(ref line), out uint uid) || uid <= _lastUid || uid >= UidNext || !TryReadName(line, out string? name))
            return false;
        _lastUid = uid;
        return _byName.TryAdd(name, new(uid));
    }

    /// <summary><c>uid [field]... :base-name</c>: lines are appended, so a later one for a UID or a name takes the place of an earlier one.</summary>
    private bool TryAddNew(ReadOnlySpan<byte> line)
    {
        if (!Words.TryNumber(Words.Take(ref line), out uint uid) || uid is 0 or > MailboxCounters.LastUsableUid)
            return false;
        string? uidl = null, guid = null;
        long wireOctets = -1;
        while (!line.IsEmpty && line[0] != ':')
        {
            ReadOnlySpan<byte> field = Words.Take(ref line);
            if (field.IsEmpty)
                return false;
            switch (field[0])
            {
                case (byte)'P':
                    uidl = Encoding.Latin1.GetString(field[1..]);
                    break;
                case (byte)'G':
                    guid = Encoding.Latin1.GetString(field[1..]);
                    break;
                case (byte)'W' when Utf8Parser.TryParse(field[1..], out ulong octets, out int used) && used == field.Length - 1 && octets <= long.MaxValue:
                    wireOctets = (long)octets;
                    break;
            }
        }

        if (line.IsEmpty || !TryReadName(line[1..], out string? name))
            return false;
        if (_byUid.Remove(uid, out string? replaced))
            _byName.Remove(replaced);
        if (_byName.Remove(name, out FormerMessage earlier))
            _byUid.Remove(earlier.Uid);
        _byUid[uid] = name;
        _byName[name] = new(uid, uidl, guid, wireOctets);
        UidNext = Math.Max(UidNext, uid + 1);
        return true;
    }

    /// <summary>A file name, without the flags that some versions left in.</summary>
    private static bool TryReadName(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out string? name)
    {
        int flags = octets.LastIndexOf(":2,"u8);
        if (flags >= 0)
            octets = octets[..flags];
        bool valid = !octets.IsEmpty && !octets.ContainsAny((byte)'/', (byte)0);
        name = valid ? Encoding.Latin1.GetString(octets) : null;
        return valid;
    }
}
