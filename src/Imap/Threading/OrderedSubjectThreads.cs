using FullStack.Mime;

namespace FullStack.Imap.Threading;

/// <summary>Makes threads of messages with the same base subject.</summary>
/// <remarks>RFC 5256 §3 ORDEREDSUBJECT: the first message of a thread has all the others for children.</remarks>
internal static class OrderedSubjectThreads
{
    public static IReadOnlyList<ThreadNode> Make(IReadOnlyList<ThreadMessage> messages)
    {
        List<ThreadNode> nodes = [.. messages.Select(static message => new ThreadNode(message))];
        nodes.Sort(ThreadNode.ByDate);
        Dictionary<FoldedText, ThreadNode> heads = [];
        List<ThreadNode> threads = [];
        foreach (ThreadNode node in nodes)
        {
            if (heads.TryAdd(node.Message!.Subject, node))
                threads.Add(node);
            else
                heads[node.Message.Subject].Append(node);
        }

        return threads;
    }
}
