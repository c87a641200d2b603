using System.Buffers;
using System.Text;

namespace FullStack.Mime;

/// <summary>Address lists of header fields: RFC 5322 §3.4, with the obsolete forms of §4.4 and what real mail does to them.</summary>
public static class AddressList
{
    /// <summary>
    /// Reads a list, folded or not. Never throws: what is broken is read as far as it makes sense. Groups are given as a start
    /// entry, their members and <see cref="MessageAddress.GroupEnd"/>; a group that is not closed ends with the list. A comment
    /// behind an address without angles is its name, as IMAP servers have it (RFC 5322 §3.4: "(Full Name)" was once used so).
    /// At most 10,000 entries.
    /// </summary>
    public static IReadOnlyList<MessageAddress> Parse(ReadOnlySpan<byte> value)
    {
        List<MessageAddress> addresses = [];
        ParseInto(addresses, value);
        return addresses;
    }

    /// <summary>An address as it stands in a header: the display name encoded and quoted where it needs to be.</summary>
    /// <param name="name">Display name in Unicode; null or empty for none.</param>
    /// <param name="address">The addr-spec, taken as it is.</param>
    /// <remarks>RFC 5322 §3.4 name-addr; RFC 2047 §5 (3) for names that are not ASCII.</remarks>
    public static string Format(string? name, string address)
    {
        if (string.IsNullOrEmpty(name))
            return address;
        if (!Ascii.IsValid(name) || name.AsSpan().ContainsAnyInRange('\0', '\x1F') || name.Contains('\x7F') || name.Contains("=?", StringComparison.Ordinal))
            return $"{EncodedWords.EncodeAll(name)} <{address}>";
        return IsPhrase(name) ? $"{name} <{address}>" : $"{Quote(name)} <{address}>";
    }

    internal static void ParseInto(List<MessageAddress> addresses, ReadOnlySpan<byte> value)
    {
        ReadOnlyMemory<byte> unfolded = HeaderValue.UnfoldToOwn(value);
        if (unfolded.IsEmpty)
            return;
        byte[] scratch = ArrayPool<byte>.Shared.Rent(4 * unfolded.Length + 1);
        AddressReader reader = new(unfolded.Span, scratch);
        reader.ReadAll(addresses, MimeLimits.Addresses);
        ArrayPool<byte>.Shared.Return(scratch);
    }

    private static bool IsPhrase(string name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !" !#$%&'*+-/=?^_`{|}~".Contains(c))
                return false;
        }

        return name[0] != ' ' && name[^1] != ' ' && !name.Contains("  ", StringComparison.Ordinal);
    }

    private static string Quote(string name)
        => $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
