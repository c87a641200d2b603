using FullStack.Mime;
using FullStack.Store.Feed;

namespace FullStack.Imap.Threading;

/// <summary>Makes threads of messages of a view.</summary>
internal static class MessageThreads
{
    public static async ValueTask<IReadOnlyList<ThreadNode>> MakeAsync(
        MailboxView view, IReadOnlyList<int> numbers, ThreadAlgorithm algorithm, CancellationToken ct)
    {
        if (algorithm == ThreadAlgorithm.OrderedSubject)
        {
            List<ThreadMessage> messages = new(numbers.Count);
            await foreach ((ThreadMessage message, MessageEnvelope _) in ThreadMessage.ReadAsync(view, numbers, ct))
                messages.Add(message);
            return OrderedSubjectThreads.Make(messages);
        }

        ReferenceThreads threads = new(numbers.Count);
        await foreach ((ThreadMessage message, MessageEnvelope envelope) in ThreadMessage.ReadAsync(view, numbers, ct))
            threads.Add(message, envelope);
        return threads.Make(algorithm);
    }
}
