using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Annotations;
using FullStack.Imap.Grammar;
using FullStack.Store;

namespace FullStack.Imap.Fetch;

/// <summary>Reads what FETCH asks for. On failure the reader stands where the error is.</summary>
/// <remarks>RFC 3501 §9: fetch, fetch-att, section; RFC 4466 §2.4: fetch-modifiers; RFC 7162 §7: chgsince-fetch-mod; RFC 9394 §4: PARTIAL; RFC 3516 §7: BINARY; RFC 8970 §6: PREVIEW.</remarks>
internal static class FetchGrammar
{
    /// <summary>Most data items in one command: each may mean another pass over the message.</summary>
    public const int MaxItems = 200;

    private static readonly SearchValues<byte> NameCharacters
        = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789."u8);

    private static readonly FetchItem[] Fast = [FetchItem.Flags, FetchItem.InternalDate, FetchItem.Rfc822Size];

    /// <summary>("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")") [fetch-modifiers]</summary>
    public static bool TryReadFetchRequest(this ref ImapReader reader, [NotNullWhen(true)] out FetchRequest? request)
    {
        request = null;
        List<FetchItem> items = [];
        ModSeq? changedSince = null;
        ResultRange? partial = null;
        bool vanished = false;
        if (!TryReadItems(ref reader, items) || (!reader.AtEnd && !TryReadModifiers(ref reader, ref changedSince, ref partial, ref vanished)))
            return false;

        // RFC 7162 §3.1.4.1: CHANGEDSINCE "implicitly adds the MODSEQ FETCH message data item"
        if (changedSince is not null)
            Add(items, FetchItem.ModSeq);
        request = new(items, changedSince, partial, vanished);
        return true;
    }

    /// <summary>"(" fetch-att *(SP fetch-att) ")": what is to be told of messages that are not there yet (RFC 5465 §8)</summary>
    public static bool TryReadFetchItems(this ref ImapReader reader, [NotNullWhen(true)] out FetchRequest? request)
    {
        List<FetchItem> items = [];
        request = reader.Peek == (byte)'(' && TryReadItems(ref reader, items) ? new(items, ChangedSince: null) : null;
        return request is not null;
    }

    private static bool TryReadItems(ref ImapReader reader, List<FetchItem> items)
    {
        if (!reader.TryReadOctet((byte)'('))
            return TryReadMacro(ref reader, items) || TryReadItem(ref reader, items);
        do
        {
            if (items.Count == MaxItems || !TryReadItem(ref reader, items))
                return false;
        }
        while (reader.TryReadSpace());

        return reader.TryReadOctet((byte)')');
    }

    private static bool TryReadMacro(ref ImapReader reader, List<FetchItem> items)
    {
        ReadOnlySpan<byte> name = NameAt(reader.Rest);
        FetchItem[]? macro = name switch
        {
            _ when Ascii.EqualsIgnoreCase(name, "FAST"u8) => Fast,
            _ when Ascii.EqualsIgnoreCase(name, "ALL"u8) => [.. Fast, FetchItem.Envelope],
            _ when Ascii.EqualsIgnoreCase(name, "FULL"u8) => [.. Fast, FetchItem.Envelope, FetchItem.Body],
            _ => null,
        };
        if (macro is null)
            return false;
        items.AddRange(macro);
        return reader.TryReadWord(name);
    }

    private static bool TryReadItem(ref ImapReader reader, List<FetchItem> items)
    {
        ReadOnlySpan<byte> name = NameAt(reader.Rest);
        byte next = name.Length < reader.Rest.Length ? reader.Rest[name.Length] : (byte)0;
        if (Ascii.EqualsIgnoreCase(name, "ANNOTATION"u8))
            return TryReadAnnotation(ref reader, items);
        FetchItem? item = next == (byte)'[' ? ReadWithSection(ref reader) : Named(name);
        if (next != (byte)'[' && item is not null)
            reader.TryReadWord(name);
        if (item?.Attribute == FetchAttribute.Preview && reader.TryReadWord(" ("u8))
            item = TryReadLazy(ref reader) ? FetchItem.LazyPreview : null;
        if (item is not null)
            Add(items, item);
        return item is not null;
    }

    /// <summary>"ANNOTATION" SP "(" entries SP attribs ")" (RFC 5257 §5)</summary>
    private static bool TryReadAnnotation(ref ImapReader reader, List<FetchItem> items)
    {
        if (!reader.TryReadWord("ANNOTATION "u8) || !AnnotationItem.TryRead(ref reader, out AnnotationItem? annotation))
            return false;
        Add(items, annotation);
        return true;
    }

    private static void Add(List<FetchItem> items, FetchItem item)
    {
        int same = items.FindIndex(other => other.Name.Span.SequenceEqual(item.Name.Span) && IsSameRange(other, item));
        if (same < 0)
            items.Add(item);
        else if (item.SetsSeen)
            items[same] = item; // after BODY.PEEK[] comes BODY[]: told once, and read
    }

    /// <summary>BODY[]&lt;0.10&gt; and BODY[]&lt;0.20&gt; have the same name in the response, but are two answers.</summary>
    private static bool IsSameRange(FetchItem one, FetchItem other)
        => one is not AnnotationItem && one.Partial == other.Partial;

    private static FetchItem? Named(ReadOnlySpan<byte> name) => name switch
    {
        _ when Ascii.EqualsIgnoreCase(name, "UID"u8) => FetchItem.Uid,
        _ when Ascii.EqualsIgnoreCase(name, "FLAGS"u8) => FetchItem.Flags,
        _ when Ascii.EqualsIgnoreCase(name, "INTERNALDATE"u8) => FetchItem.InternalDate,
        _ when Ascii.EqualsIgnoreCase(name, "ENVELOPE"u8) => FetchItem.Envelope,
        _ when Ascii.EqualsIgnoreCase(name, "BODY"u8) => FetchItem.Body,
        _ when Ascii.EqualsIgnoreCase(name, "BODYSTRUCTURE"u8) => FetchItem.BodyStructure,
        _ when Ascii.EqualsIgnoreCase(name, "MODSEQ"u8) => FetchItem.ModSeq,
        _ when Ascii.EqualsIgnoreCase(name, "SAVEDATE"u8) => FetchItem.SaveDate,
        _ when Ascii.EqualsIgnoreCase(name, "EMAILID"u8) => FetchItem.EmailId,
        _ when Ascii.EqualsIgnoreCase(name, "THREADID"u8) => FetchItem.ThreadId,
        _ when Ascii.EqualsIgnoreCase(name, "PREVIEW"u8) => FetchItem.Preview,
        _ when Ascii.EqualsIgnoreCase(name, "RFC822"u8) => SectionItem.Rfc822,
        _ when Ascii.EqualsIgnoreCase(name, "RFC822.HEADER"u8) => SectionItem.Rfc822Header,
        _ when Ascii.EqualsIgnoreCase(name, "RFC822.TEXT"u8) => SectionItem.Rfc822Text,
        _ when Ascii.EqualsIgnoreCase(name, "RFC822.SIZE"u8) => FetchItem.Rfc822Size,
        _ => null,
    };

    /// <summary>preview-mod *(SP preview-mod) ")"; preview-mod = "LAZY" (RFC 8970 §6)</summary>
    private static bool TryReadLazy(ref ImapReader reader)
    {
        do
        {
            if (!reader.TryReadWord("LAZY"u8))
                return false;
        }
        while (reader.TryReadSpace());

        return reader.TryReadOctet((byte)')');
    }

    /// <summary>What is named with a section behind it.</summary>
    private static FetchItem? ReadWithSection(ref ImapReader reader)
    {
        if (reader.TryReadWord("BODY["u8))
            return ReadSection(ref reader, peek: false);
        if (reader.TryReadWord("BODY.PEEK["u8))
            return ReadSection(ref reader, peek: true);
        if (reader.TryReadWord("BINARY["u8))
            return ReadBinary(ref reader, BinaryForm.Octets);
        if (reader.TryReadWord("BINARY.PEEK["u8))
            return ReadBinary(ref reader, BinaryForm.PeekedOctets);
        return reader.TryReadWord("BINARY.SIZE["u8) ? ReadBinary(ref reader, BinaryForm.Size) : null;
    }

    /// <summary>"BODY" [".PEEK"] section ["&lt;" number "." nz-number "&gt;"], behind the bracket.</summary>
    private static SectionItem? ReadSection(ref ImapReader reader, bool peek)
        => reader.TryReadSectionSpec(out BodySection? section) && reader.TryReadOctet((byte)']') && reader.TryReadPartial(out PartialRange? partial)
            ? SectionItem.Of(section, partial, peek)
            : null;

    /// <summary>"BINARY" [".PEEK"] section-binary [partial] / "BINARY.SIZE" section-binary, behind the bracket (RFC 3516 §7).</summary>
    private static BinaryItem? ReadBinary(ref ImapReader reader, BinaryForm form)
    {
        PartialRange? partial = null;
        return reader.TryReadSectionPart(out List<uint> path) && reader.TryReadOctet((byte)']')
            && (form == BinaryForm.Size || reader.TryReadPartial(out partial)) ? BinaryItem.Of(path, partial, form) : null;
    }

    /// <summary>fetch-modifiers = SP "(" fetch-modifier *(SP fetch-modifier) ")", each at most once</summary>
    private static bool TryReadModifiers(ref ImapReader reader, ref ModSeq? changedSince, ref ResultRange? partial, ref bool vanished)
    {
        if (!reader.TryReadWord(" ("u8))
            return false;
        do
        {
            if (!TryReadModifier(ref reader, ref changedSince, ref partial, ref vanished))
                return false;
        }
        while (reader.TryReadSpace());

        // "The VANISHED UID FETCH modifier MUST only be specified together with the CHANGEDSINCE UID FETCH modifier" (RFC 7162 §3.2.6)
        return (!vanished || changedSince is not null) && reader.TryReadOctet((byte)')');
    }

    /// <summary>fetch-modifier = "CHANGEDSINCE" SP mod-sequence-value / "VANISHED" (RFC 7162 §7) / "PARTIAL" SP partial-range (RFC 9394 §4)</summary>
    private static bool TryReadModifier(ref ImapReader reader, ref ModSeq? changedSince, ref ResultRange? partial, ref bool vanished)
    {
        if (changedSince is null && reader.TryReadWord("CHANGEDSINCE "u8))
        {
            bool isRead = reader.TryReadNumber64(out ulong since) && since > 0;
            changedSince = new(since);
            return isRead;
        }

        if (!vanished && reader.TryReadWord("VANISHED"u8))
            return vanished = true;
        if (partial is null && reader.TryReadWord("PARTIAL "u8))
        {
            bool isRead = reader.TryReadResultRange(out ResultRange range);
            partial = range;
            return isRead;
        }

        return false;
    }

    /// <summary>The letters, digits and full stops at the beginning.</summary>
    internal static ReadOnlySpan<byte> NameAt(ReadOnlySpan<byte> rest)
    {
        int length = rest.IndexOfAnyExcept(NameCharacters);
        return length < 0 ? rest : rest[..length];
    }
}
