namespace FullStack.Dns.Cache;

/// <summary>What is asked for.</summary>
internal readonly record struct DnsQuestion(DnsName Name, RecordType Type);

/// <summary>Keeps answers as long as they say, within bounds; the one that nobody asked for longest goes first.</summary>
internal sealed class AnswerCache(TimeProvider time)
{
    private const int EntryOctets = 400; // the objects around the records

    private readonly Lock _gate = new();
    private readonly Dictionary<DnsQuestion, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];
    private long _octets;

    private sealed record Entry(DnsQuestion Question, DnsAnswer<RecordData> Answer, long Since, int Octets);

    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>Octets that the answers take, about.</summary>
    public long Octets
    {
        get
        {
            lock (_gate)
                return _octets;
        }
    }

    /// <summary>An answer that is still true, with the time that is left of it; else null.</summary>
    public DnsAnswer<RecordData>? Find(DnsQuestion question)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(question, out LinkedListNode<Entry>? node))
                return null;
            TimeSpan left = node.Value.Answer.TimeToLive - time.GetElapsedTime(node.Value.Since);
            if (left <= TimeSpan.Zero)
            {
                Remove(node);
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Answer with { TimeToLive = left };
        }
    }

    /// <summary>Keeps an answer for its time to live.</summary>
    public void Add(DnsQuestion question, DnsAnswer<RecordData> answer, int maxEntries, long maxOctets)
    {
        int octets = EntryOctets + NameData.NameOctets(question.Name) + answer.Records.Sum(static record => record.Octets);
        lock (_gate)
        {
            if (_entries.TryGetValue(question, out LinkedListNode<Entry>? old))
                Remove(old);
            if (answer.TimeToLive <= TimeSpan.Zero || maxEntries == 0 || octets > maxOctets)
                return;
            while (_entries.Count >= maxEntries || _octets + octets > maxOctets)
                Remove(_byUse.Last!);
            _entries.Add(question, _byUse.AddFirst(new Entry(question, answer, time.GetTimestamp(), octets)));
            _octets += octets;
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Question);
        _octets -= node.Value.Octets;
    }
}
