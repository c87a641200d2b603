using System.Runtime.CompilerServices;
using FullStack.Imap.Sorting;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Feed;

namespace FullStack.Imap.Threading;

/// <summary>What threading needs of one message.</summary>
/// <param name="Number">Its message number.</param>
/// <param name="SentTicks">When it was sent.</param>
/// <param name="Subject">Its base subject.</param>
/// <param name="IsReply">Whether its subject says that it is a reply or a forward.</param>
internal sealed record ThreadMessage(int Number, long SentTicks, FoldedText Subject, bool IsReply)
{
    /// <summary>Reads messages, in the order of their numbers, without those that are gone.</summary>
    public static async IAsyncEnumerable<(ThreadMessage Message, MessageEnvelope Envelope)> ReadAsync(
        MailboxView view, IReadOnlyList<int> numbers, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach ((Uid uid, MessageEnvelope envelope) in view.EnvelopesAsync([.. numbers.Select(view.UidOf)], addresses: false, ct))
        {
            int number = view.NumberOf(uid);
            if (view.Entry(number) is not { } entry)
                continue;
            BaseSubject subject = envelope.Subject is { } value ? BaseSubject.Of(value.Span) : new("", IsReplyOrForward: false);
            yield return (new(number, SentDate.TicksOf(entry, envelope), new(subject.Text), subject.IsReplyOrForward), envelope);
        }
    }
}
