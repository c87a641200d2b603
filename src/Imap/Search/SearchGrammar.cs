using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Mime;

namespace FullStack.Imap.Search;

/// <summary>What became of the arguments of SEARCH.</summary>
internal enum SearchParse
{
    Ok,

    /// <summary>Wrong syntax, or more than the limits allow: BAD.</summary>
    Invalid,

    /// <summary>Right up to a charset that nobody knows: NO [BADCHARSET].</summary>
    UnknownCharset,
}

/// <summary>Reads the arguments of SEARCH. On failure the reader stands where the error is.</summary>
/// <remarks>RFC 3501 §9 and RFC 4466 §2.6: search, search-program; RFC 4731 §4: search-return-opt.</remarks>
internal static class SearchGrammar
{
    /// <summary>[SP "RETURN" SP "(" …")"] SP ["CHARSET" SP astring SP] search-key *(SP search-key)</summary>
    public static SearchParse ReadSearchProgram(this ref ImapReader reader, out SearchProgram? program)
    {
        program = null;
        SearchReturn wanted = SearchReturn.None;
        if (!reader.TryReadSpace())
            return SearchParse.Invalid;
        if (reader.TryReadWord("RETURN "u8) && !(TryReadReturn(ref reader, out wanted) && reader.TryReadSpace()))
            return SearchParse.Invalid;

        Encoding charset = SearchKeyParser.DefaultCharset;
        if (reader.TryReadWord("CHARSET "u8))
        {
            if (!reader.TryReadAString(out ReadOnlySpan<byte> name) || !reader.TryReadSpace())
                return SearchParse.Invalid;
            if (Charsets.Find(name) is not { } found)
                return SearchParse.UnknownCharset;
            charset = SearchKeyParser.Strict(found);
        }

        SearchKeyParser parser = new(charset);
        if (!parser.TryReadKeys(ref reader, out SearchKey? key) || !reader.TryReadEnd())
            return SearchParse.Invalid;
        program = new(key, wanted, parser.UsesModSeq);
        return SearchParse.Ok;
    }

    /// <summary>"(" [search-return-opt *(SP search-return-opt)] ")"; none "is equivalent to (ALL)" (RFC 4731 §3.1).</summary>
    private static bool TryReadReturn(ref ImapReader reader, out SearchReturn wanted)
    {
        wanted = SearchReturn.None;
        if (!reader.TryReadOctet((byte)'('))
            return false;
        if (reader.TryReadOctet((byte)')'))
        {
            wanted = SearchReturn.All;
            return true;
        }

        do
        {
            if (!TryReadReturnOption(ref reader, out SearchReturn option))
                return false;
            wanted |= option;
        }
        while (reader.TryReadSpace());

        return reader.TryReadOctet((byte)')');
    }

    private static bool TryReadReturnOption(ref ImapReader reader, out SearchReturn option)
    {
        int start = reader.Position;
        option = !reader.TryReadAtom(out ReadOnlySpan<byte> name) ? SearchReturn.None : name switch
        {
            _ when Ascii.EqualsIgnoreCase(name, "MIN"u8) => SearchReturn.Min,
            _ when Ascii.EqualsIgnoreCase(name, "MAX"u8) => SearchReturn.Max,
            _ when Ascii.EqualsIgnoreCase(name, "ALL"u8) => SearchReturn.All,
            _ when Ascii.EqualsIgnoreCase(name, "COUNT"u8) => SearchReturn.Count,
            _ => SearchReturn.None,
        };
        if (option == SearchReturn.None)
            reader.Position = start;
        return option != SearchReturn.None;
    }
}
