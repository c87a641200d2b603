namespace FullStack.Server.Journal;

/// <summary>What the journal knows of one message, or of a connection that brought none.</summary>
/// <param name="Id">The queue id; of a connection its own.</param>
/// <param name="Entries">What happened, in order.</param>
internal sealed record MessageLife(string Id, IReadOnlyList<JournalEntry> Entries);

/// <summary>Finds messages in the journal, by queue id, connection, address or Message-ID.</summary>
/// <remarks>The files are read twice: for which messages are meant, and for what happened to them. Memory is bounded by what is found.</remarks>
internal sealed class JournalSearch(string folder)
{
    /// <summary>Messages told of at most: the last ones.</summary>
    public const int MaxMessages = 1000;

    /// <exception cref="IOException">The journal cannot be read.</exception>
    public IReadOnlyList<MessageLife> Find(string what, DateTimeOffset since)
    {
        List<string> order = [];
        HashSet<string> known = [];
        Dictionary<string, string> notices = []; // of which message a notice is about
        Dictionary<string, string> brought = []; // which connection brought a message
        foreach (JournalEntry entry in Read(since))
        {
            string? id = entry.QueueId ?? entry.ConnectionId;
            if (entry is { QueueId: { } message, ConnectionId: { } connection })
                brought[message] = connection;
            if (entry is { QueueId: { } about, NoticeId: { } notice })
                notices[notice] = about;
            if (id is not null && !known.Contains(id) && (entry.Names(what) || (notices.TryGetValue(id, out string? origin) && known.Contains(origin))) && known.Add(id))
                order.Add(id);
        }

        order.RemoveAll(id => brought.Any(one => one.Value == id && known.Contains(one.Key))); // told with the message
        string[] ids = [.. order.TakeLast(MaxMessages)];
        return Collect(ids, ids.Where(brought.ContainsKey).ToLookup(id => brought[id]), since);
    }

    private IReadOnlyList<MessageLife> Collect(string[] ids, ILookup<string, string> broughtBy, DateTimeOffset since)
    {
        Dictionary<string, List<JournalEntry>> lives = ids.ToDictionary(static id => id, static _ => new List<JournalEntry>());
        foreach (JournalEntry entry in Read(since))
        {
            if (entry.QueueId is { } message)
            {
                if (lives.TryGetValue(message, out List<JournalEntry>? life))
                    life.Add(entry);
                continue;
            }

            if (entry.ConnectionId is not { } connection)
                continue;
            if (lives.TryGetValue(connection, out List<JournalEntry>? alone))
                alone.Add(entry);
            foreach (string brought in broughtBy[connection].Where(id => lives[id].Count == 0 || lives[id].TrueForAll(static one => one.QueueId is null)))
                lives[brought].Add(entry); // before it came: login, refused recipients, what filters said
        }

        return [.. ids.Select(id => new MessageLife(id, lives[id]))];
    }

    private IEnumerable<JournalEntry> Read(DateTimeOffset since)
    {
        foreach (FileInfo file in JournalFiles.In(folder))
        {
            if (file.LastWriteTimeUtc < since.UtcDateTime)
                continue;
            foreach (string line in Lines(file.FullName))
            {
                if (JournalEntry.TryParse(line, out JournalEntry? entry) && entry.Time >= since)
                    yield return entry;
            }
        }
    }

    /// <summary>The lines of a file, which a running server may remove meanwhile.</summary>
    private static IEnumerable<string> Lines(string path)
    {
        StreamReader reader;
        try
        {
            reader = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (FileNotFoundException)
        {
            yield break;
        }

        using (reader)
        {
            while (reader.ReadLine() is { } line)
                yield return line;
        }
    }
}
