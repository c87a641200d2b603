namespace FullStack.Crash;

/// <summary>A message that a client gave to the server.</summary>
/// <param name="Id">Its Message-ID, unique in the whole test.</param>
/// <param name="Users">The accounts it is for.</param>
internal sealed record Consignment(string Id, IReadOnlyList<string> Users)
{
    private const int PaddingLines = 40;

    /// <summary>Recipients at other hosts. No other message is for them.</summary>
    public IReadOnlyList<string> Elsewhere { get; init; } = [];

    /// <summary>Addresses at other hosts to which some of those it is for pass their mail on.</summary>
    public IReadOnlyList<string> PassedOn { get; init; } = [];

    /// <summary>The whole message, with CRLF. Its last line names it, so that a cut-off file shows.</summary>
    public string Text => $"""
        From: Sender <sender@example.org>
        To: {string.Join(", ", Users)}
        Subject: crash test
        Date: Mon, 2 Mar 2026 10:00:00 +0000
        Message-ID: <{Id}>

        {string.Concat(Enumerable.Repeat("A line of text that makes the message larger than a page.\n", Padding))}{LastLine}

        """.ReplaceLineEndings("\r\n");

    /// <summary>The Message-ID in the header of a message; null where it has none.</summary>
    /// <param name="text">A message with CRLF.</param>
    public static string? IdIn(string text)
    {
        const string Field = "\r\nMessage-ID: <";
        int at = text.IndexOf(Field, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : text[(at + Field.Length)..text.IndexOf('>', at)];
    }

    /// <summary>Whether it is the message as a server shows it: whole, but for fields that it puts before and behind those of the header.</summary>
    /// <param name="text">A message with CRLF.</param>
    public bool IsWholeIn(string text)
    {
        string sent = Text;
        int end = sent.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return text.Contains(sent[..end], StringComparison.Ordinal) && text.EndsWith(sent[end..], StringComparison.Ordinal)
            && text.IndexOf("\r\n\r\n", StringComparison.Ordinal) == text.Length - (sent.Length - end);
    }

    /// <summary>The last line of the message.</summary>
    public string LastLine => $"end of {Id}";

    /// <summary>Messages differ in length, from one page to several.</summary>
    private int Padding => Id.Sum(static c => c) % 10 * PaddingLines;
}

/// <summary>What clients sent, what the server acknowledged, and which UIDs clients have seen. Safe for use by many clients.</summary>
internal sealed class Ledger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Consignment> _sent = [];
    private readonly Dictionary<string, Consignment> _elsewhere = [];
    private readonly Dictionary<string, Consignment> _acknowledged = [];
    private readonly Dictionary<(string User, uint Validity, uint Uid), string> _seen = [];
    private int _killAfter = int.MaxValue;
    private volatile bool _isOver;
    private TaskCompletionSource _due = new();

    /// <summary>The server is being killed or stopped: from now on clients may lose it, before they may not.</summary>
    public bool IsOver
    {
        get => _isOver;
        set => _isOver = value;
    }

    public void Sent(Consignment message)
    {
        lock (_gate)
        {
            _sent.Add(message.Id, message);
            foreach (string address in message.Elsewhere)
                _elsewhere.Add(address, message);
        }
    }

    /// <summary>The server said 250 or OK: from now on it answers for the message.</summary>
    public void Acknowledged(Consignment message)
    {
        lock (_gate)
        {
            _acknowledged.Add(message.Id, message);
            if (--_killAfter == 0)
                _due.TrySetResult();
        }
    }

    /// <summary>Completes when so many more messages are acknowledged, while others are on their way.</summary>
    public Task AfterAcknowledgements(int count)
    {
        lock (_gate)
        {
            _killAfter = count;
            _isOver = false;
            _due = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _due.Task;
        }
    }

    /// <summary>A client saw a message under a UID.</summary>
    /// <returns>The message it had seen under it before, if that was another; else null.</returns>
    public string? Seen(string user, uint validity, uint uid, string id)
    {
        lock (_gate)
            return _seen.TryAdd((user, validity, uid), id) || _seen[(user, validity, uid)] == id ? null : _seen[(user, validity, uid)];
    }

    /// <summary>Compares what is in an account with what was sent and acknowledged.</summary>
    /// <returns>Every difference that must not be.</returns>
    public IReadOnlyList<string> Differences(string user, IReadOnlyList<string> found, string where)
    {
        lock (_gate)
        {
            Dictionary<string, int> counts = found.CountBy(static id => id).ToDictionary();
            List<string> differences = [.. counts.Where(static pair => pair.Value > 1).Select(pair => $"{where}: {pair.Key} is there {pair.Value} times")];
            differences.AddRange(counts.Keys.Where(id => !_sent.ContainsKey(id)).Select(id => $"{where}: {id} was never sent"));
            differences.AddRange(_acknowledged.Values.Where(message => message.Users.Contains(user) && !counts.ContainsKey(message.Id))
                .Select(message => $"{where}: {message.Id} was acknowledged and is lost"));
            return differences;
        }
    }

    /// <summary>All that the server answers for.</summary>
    public IReadOnlyList<Consignment> AllAcknowledged
    {
        get
        {
            lock (_gate)
                return [.. _acknowledged.Values];
        }
    }

    /// <summary>The recipients at other hosts that the server answers for.</summary>
    public IReadOnlyList<string> AcknowledgedElsewhere
    {
        get
        {
            lock (_gate)
                return [.. _acknowledged.Values.SelectMany(static message => message.Elsewhere)];
        }
    }

    /// <summary>The message to a recipient at another host.</summary>
    public Consignment? FindElsewhere(string address)
    {
        lock (_gate)
            return _elsewhere.GetValueOrDefault(address);
    }

    public int CountAcknowledged
    {
        get
        {
            lock (_gate)
                return _acknowledged.Count;
        }
    }

    public Consignment? Find(string id)
    {
        lock (_gate)
            return _sent.GetValueOrDefault(id);
    }
}
