namespace FullStack.Imap.Threading;

/// <summary>A place in a thread: a message, or one that is missing.</summary>
/// <param name="message">The message; null where only references to it are known, or siblings have no parent.</param>
internal sealed class ThreadNode(ThreadMessage? message)
{
    /// <summary>The message; null for a dummy.</summary>
    public ThreadMessage? Message { get; set; } = message;

    /// <summary>What this is a reply to; null for the head of a thread.</summary>
    public ThreadNode? Parent { get; set; }

    /// <summary>How many nodes have this one for a parent. Who has none is nobody's ancestor.</summary>
    public int Replies { get; set; }

    /// <summary>Its children; they are linked, so that a dummy's can take its place at no cost.</summary>
    public ThreadNode? FirstChild { get; private set; }

    public ThreadNode? LastChild { get; private set; }

    public ThreadNode? NextSibling { get; set; }

    public bool IsDummy => Message is null;

    public void Append(ThreadNode child)
    {
        child.NextSibling = null;
        if (LastChild is null)
            FirstChild = child;
        else
            LastChild.NextSibling = child;
        LastChild = child;
    }

    /// <summary>Takes over another's children after its own.</summary>
    public void AppendChildrenOf(ThreadNode other)
    {
        if (other.FirstChild is null)
            return;
        if (LastChild is null)
            FirstChild = other.FirstChild;
        else
            LastChild.NextSibling = other.FirstChild;
        LastChild = other.LastChild;
        other.Clear();
    }

    public void Clear() => FirstChild = LastChild = null;

    public IEnumerable<ThreadNode> Children()
    {
        for (ThreadNode? child = FirstChild; child is not null; child = child.NextSibling)
            yield return child;
    }

    /// <summary>Puts the children into the order of their dates.</summary>
    public void SortChildren()
    {
        if (FirstChild == LastChild)
            return;
        List<ThreadNode> children = [.. Children()];
        children.Sort(ByDate);
        Clear();
        foreach (ThreadNode child in children)
            Append(child);
    }

    /// <summary>By sent date, then by message number (RFC 5256 §2.2); a dummy, whose children are in order, as its first child.</summary>
    public static int ByDate(ThreadNode one, ThreadNode other)
    {
        (ThreadMessage a, ThreadMessage b) = (one.Shown, other.Shown);
        int order = a.SentTicks.CompareTo(b.SentTicks);
        return order != 0 ? order : a.Number.CompareTo(b.Number);
    }

    /// <summary>The message that stands for this node: its own or, of a dummy, its first child's.</summary>
    public ThreadMessage Shown => Message ?? FirstChild!.Message!;
}
