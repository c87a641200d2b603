using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FullStack.Store.Takeover;

/// <summary>The UIDLs in Courier's <c>courierpop3dsizelist</c>, headers of version 1 to 3 or none.</summary>
/// <remarks>One line that cannot be understood makes the whole list void: a client leaves a message that has another's UIDL.</remarks>
internal sealed class CourierPop3List
{
    private readonly Dictionary<string, string> _uidls = new(StringComparer.Ordinal);

    private CourierPop3List()
    {
    }

    public int Count => _uidls.Count;

    /// <summary>The UIDL that Courier gave to a file; null where it gave none.</summary>
    /// <param name="fileName">The file's name, each octet as one character.</param>
    public string? Find(string fileName) => _uidls.GetValueOrDefault(UpToColon(fileName));

    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out CourierPop3List? list)
    {
        list = null;
        CourierPop3List made = new();
        uint version = 0;
        TextLines lines = new(text);
        if (text.StartsWith("/"u8))
        {
            // "/version next [uidvalidity]"; what is next matters to nobody any more.
            if (!lines.TryRead(out ReadOnlySpan<byte> header))
                return false;
            header = header[1..];
            if (!Words.TryNumber(Words.Take(ref header), out version) || version > 3)
                return false;
        }

        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!made.TryAdd(line, version))
                return false;
        }

        list = lines.AtEnd ? made : null;
        return list is not null;
    }

    /// <summary><c>name octets number:uidvalidity:isutf8</c>; version 2 lacks the last field, version 1 the last two, version 0 all three.</summary>
    private bool TryAdd(ReadOnlySpan<byte> line, uint version)
    {
        uint number = 0, validity = 0;
        if (version > 0)
        {
            if (!Words.TryTakeLast(ref line, out ReadOnlySpan<byte> identity) || !TryReadIdentity(identity, version, out number, out validity))
                return false;
        }

        if (!Words.TryTakeLast(ref line, out ReadOnlySpan<byte> octets) || octets.IsEmpty || octets.ContainsAnyExceptInRange((byte)'0', (byte)'9') || line.IsEmpty)
            return false;
        string name = UpToColon(Encoding.Latin1.GetString(line));
        return _uidls.TryAdd(name, Spell(name, number, validity));
    }

    private static bool TryReadIdentity(ReadOnlySpan<byte> identity, uint version, out uint number, out uint validity)
    {
        validity = 0;
        int colon = identity.IndexOf((byte)':');
        if (version == 1)
            return Words.TryNumber(identity, out number);
        bool valid = Words.TryNumber(colon < 0 ? identity : identity[..colon], out number) && colon >= 0;
        identity = identity[(colon + 1)..];
        colon = identity.IndexOf((byte)':');
        return valid && (version == 3) == (colon >= 0) && Words.TryNumber(colon < 0 ? identity : identity[..colon], out validity);
    }

    private static string Spell(string name, uint number, uint validity) => (number, validity) switch
    {
        (0, _) => SpellName(name),
        (_, 0) => string.Create(CultureInfo.InvariantCulture, $"UID{number}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"UID{number}-{validity}"),
    };

    /// <summary>The oldest form: the file's name, with what could disturb as <c>+XX</c>.</summary>
    private static string SpellName(string name)
    {
        StringBuilder uidl = new(name.Length);
        foreach (char octet in name)
        {
            if (octet is < '!' or > '~' or '\'' or '"' or '+')
                uidl.Append(CultureInfo.InvariantCulture, $"+{(int)octet:X2}");
            else
                uidl.Append(octet);
        }

        return uidl.ToString();
    }

    private static string UpToColon(string name) => name.IndexOf(':') is var colon and >= 0 ? name[..colon] : name;
}
