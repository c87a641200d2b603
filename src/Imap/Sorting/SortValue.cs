using System.Text;
using FullStack.Mime;
using FullStack.Store.Annotations;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Sorting;

/// <summary>What one criterion compares of one message: a number, or a text in i;unicode-casemap (RFC 5255 §4.3).</summary>
internal readonly record struct SortValue(long Number, FoldedText? Text) : IComparable<SortValue>
{
    private static readonly FoldedText Nothing = new("");

    public static SortValue Of(SortKey key, MessageEntry entry, MessageEnvelope envelope) => key switch
    {
        SortKey.Arrival => new(entry.InternalDate.UtcTicks, null),
        SortKey.Size => new(entry.WireOctets, null),
        SortKey.Date => new(SentDate.TicksOf(entry, envelope), null),
        SortKey.Subject => new(0, SubjectOf(envelope)),
        SortKey.From => new(0, MailboxOf(envelope.From)),
        SortKey.To => new(0, MailboxOf(envelope.To)),
        SortKey.Cc => new(0, MailboxOf(envelope.Cc)),
        SortKey.DisplayFrom => new(0, DisplayNameOf(envelope.From)),
        SortKey.DisplayTo => new(0, DisplayNameOf(envelope.To)),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, null),
    };

    /// <summary>The text of an annotation, which is in UTF-8.</summary>
    public static SortValue Of(SortCriterion criterion, IReadOnlyList<Annotation> annotations)
        => new(0, annotations.FirstOrDefault(a => a.Entry == criterion.AnnotationEntry && a.IsShared == criterion.IsShared) is { } annotation
            ? new(Encoding.UTF8.GetString(annotation.Value)) : Nothing);

    /// <summary>"The empty string always collates before non-empty strings" (RFC 5256 §3).</summary>
    public int CompareTo(SortValue other) => Text is null ? Number.CompareTo(other.Number) : Text.CompareTo(other.Text);

    private static FoldedText SubjectOf(MessageEnvelope envelope)
        => envelope.Subject is { } subject ? new(BaseSubject.Of(subject.Span).Text) : Nothing;

    /// <summary>addr-mailbox of the first address.</summary>
    private static FoldedText MailboxOf(IReadOnlyList<MessageAddress> addresses)
        => addresses is [{ Mailbox: { } mailbox }, ..] ? new(EncodedWords.Decode(mailbox.Span)) : Nothing;

    /// <summary>addr-name of the first address, decoded; where it is missing or blank, <c>addr-mailbox@addr-host</c> (RFC 5957 §3).</summary>
    private static FoldedText DisplayNameOf(IReadOnlyList<MessageAddress> addresses)
    {
        if (addresses is not [{ Mailbox: { } mailbox } first, ..])
            return Nothing;
        string name = first.Name is { } octets ? EncodedWords.Decode(octets.Span).Trim() : "";
        if (name.Length > 0)
            return new(name);
        string local = EncodedWords.Decode(mailbox.Span);
        return new(first.Host is { } host ? $"{local}@{EncodedWords.Decode(host.Span)}" : local);
    }
}
