using FullStack.Mime;

namespace FullStack.Imap.Threading;

/// <summary>Puts threads together that have the same subject.</summary>
/// <remarks>RFC 5256 §3 REFERENCES, steps (4) to (6). The children of each node are in order before.</remarks>
internal sealed class SubjectMerging(ThreadNode root)
{
    private readonly Dictionary<FoldedText, ThreadNode> _table = [];
    private readonly HashSet<ThreadNode> _gone = [];
    private readonly HashSet<ThreadNode> _grown = [];
    private readonly Dictionary<ThreadNode, ThreadNode> _wrapped = [];

    /// <summary>The root with the threads that are left, in order.</summary>
    public ThreadNode Merge()
    {
        root.SortChildren();
        List<ThreadNode> threads = [.. root.Children()];
        foreach (ThreadNode thread in threads)
            Enter(thread);
        foreach (ThreadNode thread in threads)
            Join(thread);
        root.Clear();
        foreach (ThreadNode thread in threads)
        {
            if (_wrapped.TryGetValue(thread, out ThreadNode? dummy))
                root.Append(dummy);
            else if (!_gone.Contains(thread))
                root.Append(thread);
        }

        foreach (ThreadNode node in _grown)
            node.SortChildren();
        root.SortChildren();
        return root;
    }

    /// <summary>(B): one thread for each subject, rather a dummy than a message, rather an original than a reply.</summary>
    private void Enter(ThreadNode thread)
    {
        FoldedText subject = thread.Shown.Subject;
        if (subject.IsEmpty)
            return;
        bool replaces = !_table.TryGetValue(subject, out ThreadNode? there)
            || (!there.IsDummy && (thread.IsDummy || (there.Message!.IsReply && !thread.Message!.IsReply)));
        if (replaces)
            _table[subject] = thread;
    }

    /// <summary>(C): joins a thread with the one that stands for its subject.</summary>
    private void Join(ThreadNode thread)
    {
        FoldedText subject = thread.Shown.Subject;
        if (subject.IsEmpty || _table[subject] is not { } there || there == thread)
            return;
        _gone.Add(thread);
        if (there.IsDummy && thread.IsDummy)
        {
            there.AppendChildrenOf(thread);
        }
        else if (there.IsDummy || (thread.Message is { IsReply: true } && !there.Message!.IsReply))
        {
            there.Append(thread);
        }
        else
        {
            ThreadNode dummy = new(null);
            dummy.Append(there);
            dummy.Append(thread);
            _gone.Add(there);
            _wrapped[there] = dummy;
            _table[subject] = dummy;
            there = dummy;
        }

        _grown.Add(there);
    }
}
