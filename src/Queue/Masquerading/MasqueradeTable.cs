using System.Globalization;
using FullStack.Queue.Aliases;
using FullStack.Smtp;

namespace FullStack.Queue.Masquerading;

/// <summary>A file of addresses and what they are called outside, as Postfix's generic(5) and sendmail's genericstable have it.</summary>
/// <remarks>
/// <code>
/// line    = pattern 1*WSP address / "#" comment
/// pattern = local-part "@" domain / "@" domain / "@." domain      the last one: all domains below it
/// address = local-part "@" domain / "@" domain                    the last one: the local part stays
/// </code>
/// Names compare without case, domains also where one is written in A-labels and the other is not.
/// </remarks>
public sealed class MasqueradeTable
{
    /// <summary>Most lines with a pattern.</summary>
    private const int MaxEntries = 1_000_000;

    private const int MaxProblems = 100;

    private readonly Dictionary<string, MailboxAddress> _entries = [];

    private MasqueradeTable(string file) => File = file;

    /// <summary>Nothing is called otherwise.</summary>
    public static MasqueradeTable Empty { get; } = new("");

    /// <summary>Where it was read; empty: nowhere.</summary>
    public string File { get; }

    public int Count => _entries.Count;

    /// <summary>What addresses become; one without a local part keeps that.</summary>
    public IEnumerable<MailboxAddress> Results => _entries.Values.Distinct();

    public override string ToString() => File;

    /// <summary>Reads a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="problems">Takes all that is wrong with it, up to a hundred lines.</param>
    /// <returns>Null where anything is.</returns>
    public static MasqueradeTable? Load(string file, ICollection<AliasProblem> problems)
    {
        List<AliasProblem> found = [];
        MasqueradeTable? table = TargetFiles.ReadText(file, TargetFiles.MaxOctets, found) is { } text ? Read(file, text, found) : null;
        foreach (AliasProblem problem in found)
            problems.Add(problem);
        return found.Count == 0 ? table : null;
    }

    /// <summary>Reads the text of a file; of no use where there are problems.</summary>
    internal static MasqueradeTable Read(string file, string text, List<AliasProblem> problems)
    {
        MasqueradeTable table = new(file);
        int number = 0;
        foreach (Range range in text.AsSpan().Split('\n'))
        {
            number++;
            ReadOnlySpan<char> line = text.AsSpan(range).TrimEnd(" \t\r");
            if (line.IsEmpty || line.TrimStart(" \t")[0] == '#')
                continue;
            if (problems.Count == MaxProblems)
                break;
            if (table.Add(line) is { } wrong)
                problems.Add(new(file, number, wrong));
        }

        return table;
    }

    /// <summary>What an address becomes, by what is written for it: itself, or itself without its detail, its domain, the nearest domain above.</summary>
    /// <param name="address">Its domain in A-labels.</param>
    /// <param name="detailSeparator">What begins the detail in a local part; empty: there are none.</param>
    /// <returns>Null where nothing is written.</returns>
    public MailboxAddress? Find(MailboxAddress address, string detailSeparator)
    {
        if (_entries.Count == 0)
            return null;
        string domain = address.Domain.ToLowerInvariant();
        if (_entries.TryGetValue(Key(address.LocalPart, domain), out MailboxAddress? result))
            return Kept(result, address.LocalPart);
        int detail = detailSeparator.Length == 0 ? -1 : address.LocalPart.IndexOf(detailSeparator, StringComparison.Ordinal);
        if (detail > 0 && _entries.TryGetValue(Key(address.LocalPart[..detail], domain), out result))
            return result.LocalPart.Length == 0 ? Kept(result, address.LocalPart) : result with { LocalPart = result.LocalPart + address.LocalPart[detail..] };
        if (_entries.TryGetValue(Key("", domain), out result))
            return Kept(result, address.LocalPart);
        for (int dot = domain.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = domain.IndexOf('.', dot + 1))
        {
            if (_entries.TryGetValue(Key("", domain[dot..]), out result))
                return Kept(result, address.LocalPart);
        }

        return null;
    }

    private string? Add(ReadOnlySpan<char> line)
    {
        if (line[0] is ' ' or '\t')
            return "expected an address at the start of the line, found white space";
        int end = EndOfPattern(line);
        string pattern = line[..end].ToString(), result = line[end..].Trim(" \t").ToString();
        bool isBelow = pattern.StartsWith("@.", StringComparison.Ordinal);
        if (TryParse(isBelow ? $"@{pattern[2..]}" : pattern) is not { } from)
            return $"expected an address, @domain or @.domain, found '{pattern}'";
        if (result.Length == 0)
            return $"expected white space and what {pattern} is called outside, found nothing";
        if (TryParse(result) is not { IsAscii: true } to)
            return $"expected an address or @domain, all of its local part ASCII, found '{result}'";
        if (_entries.Count == MaxEntries)
            return string.Create(CultureInfo.InvariantCulture, $"expected at most {MaxEntries} lines");
        return _entries.TryAdd(Key(from.LocalPart, isBelow ? $".{from.Domain}" : from.Domain), to) ? null : $"{pattern} is there twice";
    }

    /// <summary>The first blank outside of quotes.</summary>
    private static int EndOfPattern(ReadOnlySpan<char> line)
    {
        bool isQuoted = false;
        for (int at = 0; at < line.Length; at++)
        {
            if (line[at] == '"')
                isQuoted = !isQuoted;
            else if (line[at] == '\\')
                at++;
            else if (!isQuoted && line[at] is ' ' or '\t')
                return at;
        }

        return line.Length;
    }

    /// <summary>An address, or one without local part, its domain lower case and in A-labels.</summary>
    private static MailboxAddress? TryParse(string text)
    {
        bool isDomain = text.StartsWith('@');
        return MailboxAddress.TryParse(isDomain ? $"x{text}" : text, out MailboxAddress? address) && address.WithAsciiDomain() is { Domain.Length: > 0 } plain
            ? new(isDomain ? "" : plain.LocalPart, plain.Domain.ToLowerInvariant()) : null;
    }

    private static string Key(string localPart, string domain) => $"{localPart.Normalize().ToLowerInvariant()}@{domain}";

    private static MailboxAddress Kept(MailboxAddress result, string localPart) => result.LocalPart.Length == 0 ? result with { LocalPart = localPart } : result;
}
