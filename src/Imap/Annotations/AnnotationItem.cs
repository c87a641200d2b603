using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Store.Annotations;

namespace FullStack.Imap.Annotations;

/// <summary>ANNOTATION in a FETCH: attributes of entries.</summary>
/// <remarks>RFC 5257 §4.3, response §4.4.</remarks>
/// <param name="Entries">The entries, or patterns of them.</param>
/// <param name="Attributes">What of them.</param>
internal sealed record AnnotationItem(IReadOnlyList<AnnotationPattern> Entries, IReadOnlyList<AnnotationAttribute> Attributes)
    : FetchItem(FetchAttribute.Annotation, "ANNOTATION"u8.ToArray())
{
    /// <summary>
    /// "(" entries SP attribs ")"; entries = entry-match / "(" entry-match *(SP entry-match) ")"; attribs = attrib / "(" attrib
    /// *(SP attrib) ")"
    /// </summary>
    public static bool TryRead(ref ImapReader reader, [NotNullWhen(true)] out AnnotationItem? item)
    {
        item = null;
        List<AnnotationPattern> entries = [];
        List<AnnotationAttribute> attributes = [];
        if (!reader.TryReadOctet((byte)'('))
            return false;
        bool isMany = reader.TryReadOctet((byte)'(');
        do
        {
            if (entries.Count == AnnotationGrammar.MaxEntries || !reader.TryReadAnnotationPattern(out AnnotationPattern? entry))
                return false;
            entries.Add(entry);
        }
        while (isMany && reader.TryReadSpace());
        if (isMany && !reader.TryReadOctet((byte)')') || !reader.TryReadSpace())
            return false;
        isMany = reader.TryReadOctet((byte)'(');
        do
        {
            if (!reader.TryReadAnnotationAttribute(static _ => true, out AnnotationAttribute[]? meant))
                return false;
            attributes.AddRange(meant.Where(attribute => !attributes.Contains(attribute)));
        }
        while (isMany && reader.TryReadSpace());
        if (isMany && !reader.TryReadOctet((byte)')') || !reader.TryReadOctet((byte)')'))
            return false;
        item = new(entries, attributes);
        return true;
    }

    /// <summary>Whether there is anything to tell of a message: the grammar has no empty list, so that the item is left out where not.</summary>
    public bool HasAny(IReadOnlyList<Annotation> annotations) => Select(annotations).Any();

    /// <summary>"(" entry-att *(SP entry-att) ")"; an entry that is named has NIL, and a size of 0, where it is not there.</summary>
    public void Write(ImapResponseWriter writer, IReadOnlyList<Annotation> annotations)
    {
        writer.Write((byte)'(');
        bool isFirst = true;
        foreach (string entry in Select(annotations))
        {
            if (!isFirst)
                writer.Space();
            isFirst = false;
            writer.AString(Encoding.ASCII.GetBytes(entry));
            writer.Write(" ("u8);
            for (int i = 0; i < Attributes.Count; i++)
            {
                if (i > 0)
                    writer.Space();
                writer.Write(Attributes[i].Name);
                writer.Space();
                WriteValue(writer, Attributes[i], annotations.FirstOrDefault(a => a.Entry == entry && a.IsShared == Attributes[i].IsShared));
            }

            writer.Write((byte)')');
        }

        writer.Write((byte)')');
    }

    private static void WriteValue(ImapResponseWriter writer, AnnotationAttribute attribute, Annotation? annotation)
    {
        if (attribute.IsSize)
            writer.String(Encoding.ASCII.GetBytes((annotation?.Value.Length ?? 0).ToString(CultureInfo.InvariantCulture)));
        else if (annotation is null)
            writer.Nil();
        else
            writer.StringOrLiteral8(annotation.Value);
    }

    private IEnumerable<string> Select(IReadOnlyList<Annotation> annotations)
    {
        HashSet<string> told = new(StringComparer.Ordinal);
        foreach (AnnotationPattern pattern in Entries)
        {
            if (!pattern.HasWildcards && told.Add(pattern.Text))
                yield return pattern.Text;
            if (!pattern.HasWildcards)
                continue;
            foreach (Annotation annotation in annotations)
            {
                if (pattern.Matches(annotation.Entry) && Attributes.Any(a => a.IsShared == annotation.IsShared) && told.Add(annotation.Entry))
                    yield return annotation.Entry;
            }
        }
    }
}
