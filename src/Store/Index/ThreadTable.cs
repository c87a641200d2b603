namespace FullStack.Store.Index;

/// <summary>The statements on threads: in which one a Message-ID is.</summary>
internal static class ThreadTable
{
    /// <summary>Puts a message into the thread that one of its Message-IDs is in, else into one of its own; its other ids go with it.</summary>
    /// <param name="index">The index.</param>
    /// <param name="keys">The Message-IDs, that of the message which is answered first.</param>
    /// <param name="thread">The thread that the message is in already; 0 where none.</param>
    /// <returns>The thread.</returns>
    public static ulong Join(IndexConnection index, IReadOnlyList<ulong> keys, ulong thread)
    {
        for (int i = 0; i < keys.Count && thread == 0; i++)
            thread = index.Query("SELECT thread FROM threads WHERE message_id = $1", static r => (ulong)r.GetInt64(0), (long)keys[i]).FirstOrDefault();
        if (thread == 0)
            thread = keys[0];
        foreach (ulong key in keys)
            index.Execute("INSERT OR IGNORE INTO threads (message_id, thread) VALUES ($1, $2)", (long)key, (long)thread);
        return thread;
    }
}
