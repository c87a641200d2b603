using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;
using FullStack.Mime;

namespace FullStack.Imap.Search;

/// <summary>Reads the arguments of SEARCH. On failure the reader stands where the error is.</summary>
/// <remarks>RFC 3501 §9 and RFC 4466 §2.6: search, search-program; search-return-opt: RFC 4731 §4, RFC 5182 §3, RFC 5267 §5, RFC 9394 §4.</remarks>
internal static class SearchGrammar
{
    private const int Utf8 = 65001, UsAscii = 20127;

    /// <summary>[SP "RETURN" SP "(" …")"] SP ["CHARSET" SP astring SP] search-key *(SP search-key)</summary>
    public static bool TryReadSearchProgram(this ref ImapReader reader, [NotNullWhen(true)] out SearchProgram? program)
    {
        program = null;
        if (!reader.TryReadReturn(out ReturnOptions wanted) || !reader.TryReadSpace())
            return false;
        if (!reader.TryReadWord("CHARSET "u8))
            return TryReadKeys(ref reader, wanted, SearchKeyParser.DefaultCharset, out program);
        if (reader.TryReadKeysInCharset(wanted, out program))
            program = program with { NamesCharset = true };
        return program is not null;
    }

    /// <summary>astring SP search-key *(SP search-key): a charset and the keys whose texts are in it. Of a charset nobody knows the keys are not read.</summary>
    public static bool TryReadKeysInCharset(this ref ImapReader reader, ReturnOptions wanted, [NotNullWhen(true)] out SearchProgram? program)
    {
        program = null;
        if (!reader.TryReadAString(out ReadOnlySpan<byte> name) || !reader.TryReadSpace())
            return false;
        if (Charsets.Find(name) is { } charset)
            return TryReadKeys(ref reader, wanted, SearchKeyParser.Strict(charset), out program);
        program = new(null, wanted, UsesModSeq: false);
        return true;
    }

    /// <summary>[SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"]; none "is equivalent to (ALL)" (RFC 4731 §3.1).</summary>
    public static bool TryReadReturn(this ref ImapReader reader, out ReturnOptions wanted)
    {
        wanted = default;
        if (!reader.TryReadWord(" RETURN "u8))
            return true;
        if (!reader.TryReadOctet((byte)'('))
            return false;
        if (reader.TryReadOctet((byte)')'))
        {
            wanted = new(SearchReturn.All, null);
            return true;
        }

        do
        {
            int start = reader.Position;
            if (TryReadReturnOption(ref reader, ref wanted) && !(wanted.Partial is not null && wanted.Has(SearchReturn.All)))
                continue;
            reader.Position = start;
            return false;
        }
        while (reader.TryReadSpace());

        return reader.TryReadOctet((byte)')');
    }

    /// <summary>search-criteria = search-key *(SP search-key), to the end, in UTF-8 (RFC 5466 §4)</summary>
    public static bool TryReadSearchKeys(this ref ImapReader reader, [NotNullWhen(true)] out SearchProgram? program)
        => TryReadKeys(ref reader, default, SearchKeyParser.DefaultCharset, out program);

    private static bool TryReadKeys(ref ImapReader reader, ReturnOptions wanted, Encoding charset, [NotNullWhen(true)] out SearchProgram? program)
    {
        SearchKeyParser parser = new(charset);
        program = parser.TryReadKeys(ref reader, out SearchKey? key) && reader.TryReadEnd() ? new(key, wanted, parser.UsesModSeq, parser.UsesNumbers, parser.Identities)
            {
                UsesFilters = parser.UsesFilters,
                UsesFuzzy = parser.UsesFuzzy,
                IsUtf8 = charset.CodePage is Utf8 or UsAscii,
            }
            : null;
        // "The RELEVANCY return option MUST NOT be used unless a FUZZY search key is also given" (RFC 6203 §4).
        return program is not null && (program.UsesFuzzy || program.UsesFilters || !wanted.Has(SearchReturn.Relevancy));
    }

    /// <summary>modifier-update = "UPDATE" ["(" fetch-att *(SP fetch-att) ")"]; RFC 5465 §7 shows it with a space before the parenthesis, §8 without.</summary>
    private static bool TryReadNewMessageItems(ref ImapReader reader, ref ReturnOptions wanted)
    {
        int start = reader.Position;
        reader.TryReadSpace();
        if (reader.Peek != (byte)'(')
        {
            reader.Position = start;
            return true;
        }

        if (!reader.TryReadFetchItems(out FetchRequest? items))
            return false;
        wanted = wanted with { NewMessageItems = items };
        return true;
    }

    /// <summary>"MIN" / "MAX" / "ALL" / "COUNT" / "SAVE" / "CONTEXT" / modifier-update / "RELEVANCY" / "PARTIAL" SP partial-range; PARTIAL at most once, and not with ALL (RFC 9394 §3.1)</summary>
    private static bool TryReadReturnOption(ref ImapReader reader, ref ReturnOptions wanted)
    {
        if (!reader.TryReadAtom(out ReadOnlySpan<byte> name))
            return false;
        if (Ascii.EqualsIgnoreCase(name, "PARTIAL"u8))
        {
            if (wanted.Partial is not null || !reader.TryReadSpace() || !reader.TryReadResultRange(out ResultRange range))
                return false;
            wanted = wanted with { Partial = range };
            return true;
        }

        SearchReturn option = name switch
        {
            _ when Ascii.EqualsIgnoreCase(name, "MIN"u8) => SearchReturn.Min,
            _ when Ascii.EqualsIgnoreCase(name, "MAX"u8) => SearchReturn.Max,
            _ when Ascii.EqualsIgnoreCase(name, "ALL"u8) => SearchReturn.All,
            _ when Ascii.EqualsIgnoreCase(name, "COUNT"u8) => SearchReturn.Count,
            _ when Ascii.EqualsIgnoreCase(name, "SAVE"u8) => SearchReturn.Save,
            _ when Ascii.EqualsIgnoreCase(name, "CONTEXT"u8) => SearchReturn.Context,
            _ when Ascii.EqualsIgnoreCase(name, "RELEVANCY"u8) => SearchReturn.Relevancy,
            _ when Ascii.EqualsIgnoreCase(name, "UPDATE"u8) => SearchReturn.Update,
            _ => SearchReturn.None,
        };
        wanted = wanted with { Items = wanted.Items | option };
        return option != SearchReturn.None && (option != SearchReturn.Update || TryReadNewMessageItems(ref reader, ref wanted));
    }
}
