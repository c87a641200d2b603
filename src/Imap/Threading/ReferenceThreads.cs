using FullStack.Mime;

namespace FullStack.Imap.Threading;

/// <summary>Makes threads from what messages refer to: REFERENCES and REFS.</summary>
/// <remarks>
/// RFC 5256 §3 REFERENCES, steps (1) to (6). Nothing here recurses, and neither time nor memory grows faster than the messages, whatever
/// they claim to refer to: dummies are counted, and so are the steps spent on looking for loops. A link that would cost more is not
/// made, and its message begins a thread.
/// </remarks>
/// <param name="messages">How many messages there are at most.</param>
internal sealed class ReferenceThreads(int messages)
{
    private const int DummiesPerMessage = 4;
    private const int StepsPerMessage = 200;
    private const int AtLeast = 10_000;

    private readonly Dictionary<UInt128, ThreadNode> _byId = new(messages);
    private readonly List<ThreadNode> _nodes = new(messages);
    private int _dummiesLeft = AtLeast + (DummiesPerMessage * messages);
    private long _stepsLeft = 100L * AtLeast + ((long)StepsPerMessage * messages);

    /// <summary>Step (1): makes a message's references each other's children, and the message the last one's.</summary>
    public void Add(ThreadMessage message, MessageEnvelope envelope)
    {
        ThreadNode node = NodeOf(message, ReferenceDigests.Of(envelope));
        ThreadNode? last = null;
        foreach (UInt128 reference in ReferenceDigests.ReferencesOf(envelope))
        {
            if (Referred(reference) is not { } next)
                continue;
            if (last is not null && next.Parent is null && !IsInLine(next, last))
                SetParent(next, last);
            last = next;
        }

        // (B) "If the current message already has a parent …, break the current parent/child link before creating the new correct one."
        if (last is not null && IsInLine(node, last))
            last = null;
        SetParent(node, last);
    }

    /// <summary>The threads of all messages added, in order.</summary>
    public IReadOnlyList<ThreadNode> Make(ThreadAlgorithm algorithm)
    {
        List<ThreadNode> inOrder = Gather(out ThreadNode root);
        Prune(inOrder, root);
        if (algorithm == ThreadAlgorithm.Refs)
            return ByNewest(root, inOrder);
        return [.. new SubjectMerging(root).Merge().Children()];
    }

    /// <summary>The node of a message: a new one, or the dummy of those who referred to it before. An id that was seen before counts once.</summary>
    private ThreadNode NodeOf(ThreadMessage message, UInt128? id)
    {
        ThreadNode? node = null;
        if (id is { } known && _byId.TryGetValue(known, out node) && node.IsDummy)
        {
            node.Message = message;
            return node;
        }

        ThreadNode added = new(message);
        if (id is { } own && node is null)
            _byId[own] = added;
        _nodes.Add(added);
        return added;
    }

    private ThreadNode? Referred(UInt128 id)
    {
        if (_byId.TryGetValue(id, out ThreadNode? node) || _dummiesLeft-- <= 0)
            return node;
        node = new(null);
        _byId[id] = node;
        _nodes.Add(node);
        return node;
    }

    private static void SetParent(ThreadNode child, ThreadNode? parent)
    {
        if (child.Parent is { } former)
            former.Replies--;
        child.Parent = parent;
        if (parent is not null)
            parent.Replies++;
    }

    /// <summary>Whether a node is another or one of its ancestors, so that a link from the one to the other would make a loop.</summary>
    private bool IsInLine(ThreadNode ancestor, ThreadNode node)
    {
        if (ancestor == node)
            return true;
        if (ancestor.Replies == 0)
            return false;
        for (ThreadNode? above = node.Parent; above is not null; above = above.Parent)
        {
            if (above == ancestor || _stepsLeft-- <= 0)
                return true;
        }

        return false;
    }

    /// <summary>Step (2): the heads of the threads under one root; all nodes, each before its children.</summary>
    private List<ThreadNode> Gather(out ThreadNode root)
    {
        root = new(null);
        foreach (ThreadNode node in _nodes)
            (node.Parent ?? root).Append(node);
        List<ThreadNode> inOrder = new(_nodes.Count);
        inOrder.AddRange(root.Children());
        for (int i = 0; i < inOrder.Count; i++)
            inOrder.AddRange(inOrder[i].Children());
        return inOrder;
    }

    /// <summary>Steps (3) and half of (6): takes dummies out, but not one that holds the heads of a thread together; sorts siblings.</summary>
    private static void Prune(List<ThreadNode> inOrder, ThreadNode root)
    {
        for (int i = inOrder.Count - 1; i >= 0; i--)
        {
            ThreadNode node = inOrder[i];
            Replace(node, static _ => true);
            node.SortChildren();
        }

        Replace(root, static dummy => dummy.FirstChild == dummy.LastChild);
    }

    /// <summary>Puts their children in the place of dummies.</summary>
    private static void Replace(ThreadNode parent, Func<ThreadNode, bool> isReplaced)
    {
        ThreadNode? child = parent.FirstChild;
        parent.Clear();
        while (child is not null)
        {
            ThreadNode? next = child.NextSibling;
            if (child.IsDummy && isReplaced(child))
                parent.AppendChildrenOf(child);
            else
                parent.Append(child);
            child = next;
        }
    }

    /// <summary>The threads of REFS: by the date of the newest message in each.</summary>
    private static List<ThreadNode> ByNewest(ThreadNode root, List<ThreadNode> inOrder)
    {
        Dictionary<ThreadNode, (long Ticks, int Number)> newest = [];
        for (int i = inOrder.Count - 1; i >= 0; i--)
        {
            ThreadNode node = inOrder[i];
            (long Ticks, int Number) latest = node.Message is { } message ? (message.SentTicks, message.Number) : (long.MinValue, 0);
            foreach (ThreadNode child in node.Children())
                latest = newest[child].CompareTo(latest) > 0 ? newest[child] : latest;
            newest[node] = latest;
        }

        List<ThreadNode> threads = [.. root.Children()];
        threads.Sort((one, other) => newest[one].CompareTo(newest[other]));
        return threads;
    }
}
