using System.Text;
using FullStack.Mime;
using FullStack.Store.Annotations;

namespace FullStack.Imap.Annotations;

/// <summary>ANNOTATION in a SEARCH: a text in the value of an annotation.</summary>
/// <remarks>RFC 5257 §4.8. Values are compared as UTF-8 by i;unicode-casemap, as all texts are.</remarks>
/// <param name="Entry">Which entries.</param>
/// <param name="Attributes">Whose values.</param>
/// <param name="Needle">What is looked for; null: any value.</param>
internal sealed record AnnotationCondition(AnnotationPattern Entry, IReadOnlyList<AnnotationAttribute> Attributes, SearchNeedle? Needle)
{
    public bool IsMetBy(Annotation annotation)
        => Attributes.Any(attribute => attribute.IsShared == annotation.IsShared) && Entry.Matches(annotation.Entry)
            && (Needle is null || Needle.IsIn(new(Encoding.UTF8.GetString(annotation.Value))));
}
