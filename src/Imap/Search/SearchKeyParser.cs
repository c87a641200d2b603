using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Annotations;
using FullStack.Imap.Grammar;
using FullStack.Store;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;
using FullStack.Store.Search;

namespace FullStack.Imap.Search;

/// <summary>Reads search keys, nested ones too, within limits of depth and number.</summary>
/// <param name="charset">The charset of the strings, throwing on octets that are not in it.</param>
internal sealed class SearchKeyParser(Encoding charset)
{
    /// <summary>Deepest nesting of NOT, OR and parentheses. A mail program writes an OR of n words as n levels.</summary>
    public const int MaxDepth = 100;

    /// <summary>Most keys in one search.</summary>
    public const int MaxKeys = 1000;

    /// <summary>Most texts to look for in one search: each costs a pass over what is searched.</summary>
    public const int MaxTexts = 100;

    private const int MaxObjectIdOctets = 255;

    private static readonly SearchValues<byte> ObjectIdCharacters
        = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"u8);

    private int _keys;
    private int _texts;
    private bool _isFuzzy;

    /// <summary>For strings without CHARSET. US-ASCII is the default; UTF-8 is what clients mean that send more than that.</summary>
    public static Encoding DefaultCharset { get; } = Strict(Encoding.UTF8);

    public bool UsesModSeq { get; private set; }

    /// <summary>What keys ask of the messages' ids and save dates.</summary>
    public IdentityParts Identities { get; private set; }

    /// <summary>Whether FUZZY was among the keys.</summary>
    public bool UsesFuzzy { get; private set; }

    /// <summary>Whether a key names a filter.</summary>
    public bool UsesFilters { get; private set; }

    /// <summary>Whether a key was a set of message numbers.</summary>
    public bool UsesNumbers { get; private set; }

    /// <summary>The same charset, throwing on octets that are not in it.</summary>
    public static Encoding Strict(Encoding encoding)
    {
        Encoding strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        return strict;
    }

    /// <summary>search-key *(SP search-key)</summary>
    public bool TryReadKeys(ref ImapReader reader, [NotNullWhen(true)] out SearchKey? key) => TryReadKeys(ref reader, 0, out key);

    private bool TryReadKeys(ref ImapReader reader, int depth, [NotNullWhen(true)] out SearchKey? key)
    {
        key = null;
        List<SearchKey> keys = [];
        do
        {
            if (!TryReadKey(ref reader, depth, out SearchKey? next))
                return false;
            keys.Add(next);
        }
        while (reader.TryReadSpace());

        key = keys.Count == 1 ? keys[0] : new SearchKey.And(keys);
        return true;
    }

    private bool TryReadKey(ref ImapReader reader, int depth, [NotNullWhen(true)] out SearchKey? key)
    {
        key = null;
        if (depth > MaxDepth || ++_keys > MaxKeys)
            return false;
        if (reader.TryReadOctet((byte)'('))
            return TryReadKeys(ref reader, depth + 1, out key) && reader.TryReadOctet((byte)')');
        if (reader.Peek is (byte)'*' or (byte)'$' or (>= (byte)'0' and <= (byte)'9'))
        {
            key = reader.TryReadSequenceSet(out SequenceSet? set) ? new SearchKey.Numbers(set) : null;
            UsesNumbers |= set is { HasRanges: true };
            return key is not null;
        }

        if (!SearchKeyShape.TryRead(ref reader, out SearchKeyShape? shape) || !TryReadArgument(ref reader, shape, depth, out key))
            return false;
        if (shape.Negated)
            key = new SearchKey.Not(key);
        return true;
    }

    private bool TryReadArgument(ref ImapReader reader, SearchKeyShape shape, int depth, [NotNullWhen(true)] out SearchKey? key)
    {
        key = shape.Key;
        if (shape.Argument == SearchArgument.None)
            return key is not null;
        if (!reader.TryReadSpace())
            return false;
        key = shape.Argument switch
        {
            SearchArgument.Flag => reader.TryReadAtom(out ReadOnlySpan<byte> flag) ? Test(new MessageQuery.Keyword(Encoding.ASCII.GetString(flag))) : null,
            SearchArgument.Text => ReadText(ref reader, shape.Field, ""),
            SearchArgument.HeaderText => reader.TryReadAString(out ReadOnlySpan<byte> field) && reader.TryReadSpace()
                ? ReadText(ref reader, shape.Field, Encoding.Latin1.GetString(field))
                : null,
            SearchArgument.ArrivedDate => reader.TryReadDate(out DateOnly arrived) ? Test(new MessageQuery.Arrived(shape.Order, arrived)) : null,
            SearchArgument.SentDate => reader.TryReadDate(out DateOnly sent) ? Test(new MessageQuery.Sent(shape.Order, sent)) : null,
            SearchArgument.Annotation => ReadAnnotation(ref reader),
            SearchArgument.SavedDate => ReadSaved(ref reader, shape.Order),
            SearchArgument.Larger => reader.TryReadNumber64(out ulong least) ? Test(new MessageQuery.Larger(least)) : null,
            SearchArgument.Smaller => reader.TryReadNumber64(out ulong most) ? Test(new MessageQuery.Smaller(most)) : null,
            SearchArgument.Key => TryReadKey(ref reader, depth + 1, out SearchKey? inner) ? inner : null,
            SearchArgument.TwoKeys => TryReadKey(ref reader, depth + 1, out SearchKey? left) && reader.TryReadSpace()
                && TryReadKey(ref reader, depth + 1, out SearchKey? right) ? new SearchKey.Or(left, right) : null,
            SearchArgument.Uids => reader.TryReadSequenceSet(out SequenceSet? uids) ? new SearchKey.Uids(uids) : null,
            SearchArgument.UidAfter => reader.TryReadNzNumber(out uint uid) ? UidsIn(uid, uint.MaxValue) : null,
            SearchArgument.UidBefore => reader.TryReadNzNumber(out uint uid) ? UidsIn(0, uid) : null,
            SearchArgument.EmailId => ReadObjectId(ref reader, IdentityParts.Email),
            SearchArgument.ThreadId => ReadObjectId(ref reader, IdentityParts.Thread),
            SearchArgument.Fuzzy => ReadFuzzy(ref reader, depth),
            SearchArgument.Filter => ReadFilter(ref reader),
            SearchArgument.Older => reader.TryReadNzNumber(out uint age) ? new SearchKey.Older(age) : null,
            SearchArgument.Younger => reader.TryReadNzNumber(out uint age) ? new SearchKey.Younger(age) : null,
            _ => ReadModSeq(ref reader),
        };
        return key is not null;
    }

    /// <summary>"FUZZY" SP search-key: texts in it need not be there word for word (RFC 6203 §3); all else is matched as without.</summary>
    private SearchKey? ReadFuzzy(ref ImapReader reader, int depth)
    {
        UsesFuzzy = true;
        bool isWithin = _isFuzzy;
        _isFuzzy = true;
        SearchKey? key = TryReadKey(ref reader, depth + 1, out SearchKey? inner) ? inner : null;
        _isFuzzy = isWithin;
        return key;
    }

    private SearchKey? ReadText(ref ImapReader reader, TextField field, string fieldName)
    {
        int start = reader.Position;
        if (_texts >= MaxTexts || !reader.TryReadAString(out ReadOnlySpan<byte> octets))
            return null;
        try
        {
            string text = charset.GetString(octets);
            if (!_isFuzzy)
            {
                _texts++;
                return Test(new MessageQuery.Contains(field, fieldName, new(text)));
            }

            FuzzyText fuzzy = new(field, fieldName, text);
            _texts += fuzzy.Texts;
            return _texts > MaxTexts ? null : new SearchKey.Fuzzy(fuzzy);
        }
        catch (DecoderFallbackException)
        {
            reader.Position = start; // not in the charset it claims to be in
            return null;
        }
    }

    /// <summary>entry-match SP att-search SP value (RFC 5257 §5). NIL finds messages without such a value.</summary>
    private SearchKey? ReadAnnotation(ref ImapReader reader)
    {
        if (!reader.TryReadAnnotationPattern(out AnnotationPattern? entry) || !reader.TryReadSpace()
            || !reader.TryReadAnnotationAttribute(static meant => !meant[0].IsSize, out AnnotationAttribute[]? attributes) || !reader.TryReadSpace())
            return null;
        int start = reader.Position;
        if (_texts == MaxTexts || !reader.TryReadAnnotationValue(out byte[]? value))
            return null;
        _texts++;
        if (value is null)
            return new SearchKey.Not(new SearchKey.Annotated(new(entry, attributes, null)));
        try
        {
            return new SearchKey.Annotated(new(entry, attributes, new(charset.GetString(value))));
        }
        catch (DecoderFallbackException)
        {
            reader.Position = start; // not in the charset it claims to be in
            return null;
        }
    }

    private SearchKey.Saved? ReadSaved(ref ImapReader reader, DateOrder order)
    {
        if (!reader.TryReadDate(out DateOnly date))
            return null;
        Identities |= IdentityParts.SaveDate;
        return new(order, date);
    }

    /// <summary>objectid = 1*255(ALPHA / DIGIT / "_" / "-"), case significant (RFC 8474 §7)</summary>
    private SearchKey? ReadObjectId(ref ImapReader reader, IdentityParts part)
    {
        int start = reader.Position;
        if (!reader.TryReadRun(ObjectIdCharacters, out ReadOnlySpan<byte> octets) || octets.Length > MaxObjectIdOctets)
        {
            reader.Position = start;
            return null;
        }

        Identities |= part;
        string id = Encoding.ASCII.GetString(octets);
        return part == IdentityParts.Email ? new SearchKey.EmailId(id) : new SearchKey.ThreadId(id);
    }

    /// <summary>filter-name = 1*&lt;any ATOM-CHAR except "/"&gt; (RFC 5466 §4)</summary>
    private SearchKey.Filter? ReadFilter(ref ImapReader reader)
    {
        int start = reader.Position;
        if (!reader.TryReadAtom(out ReadOnlySpan<byte> name) || name.Contains((byte)'/'))
        {
            reader.Position = start;
            return null;
        }

        UsesFilters = true;
        return new(Encoding.ASCII.GetString(name));
    }

    private static SearchKey.Test Test(MessageQuery query) => new(query);

    /// <summary>UIDs between two, neither of them meant (RFC 9738 §3.3).</summary>
    private static SearchKey.Test UidsIn(uint above, uint below)
        => Test(new MessageQuery.UidIn(below - above > 1 ? NumberRanges.From([new NumberRange(above + 1, below - 1)]) : NumberRanges.Empty));

    /// <summary>search-modseq = "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer (RFC 7162 §7)</summary>
    /// <remarks>One mod-sequence is kept for all of a message's metadata, so that an entry name is ignored, as RFC 7162 §3.1.5 has it.</remarks>
    private SearchKey.Test? ReadModSeq(ref ImapReader reader)
    {
        if (reader.Peek == (byte)'"' && !(reader.TryReadString(out _) && reader.TryReadSpace()
            && (reader.TryReadWord("priv"u8) || reader.TryReadWord("shared"u8) || reader.TryReadWord("all"u8)) && reader.TryReadSpace()))
        {
            return null;
        }

        if (!reader.TryReadNumber64(out ulong modSeq))
            return null;
        UsesModSeq = true;
        return Test(new MessageQuery.ChangedSince(modSeq));
    }
}
