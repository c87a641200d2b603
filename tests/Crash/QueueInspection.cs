using System.Text;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using Microsoft.Data.Sqlite;

namespace FullStack.Crash;

/// <summary>Looks at the queue on the disk: at that of a killed server through a copy, so that the server finds all as the kill left it.</summary>
internal static class QueueInspection
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>What must never be, whatever the moment of the kill: each query counts it.</summary>
    private static readonly (string What, string Query)[] s_invariants =
    [
        ("messages without recipients", "SELECT count(*) FROM messages WHERE id NOT IN (SELECT message FROM recipients)"),
        ("recipients without message", "SELECT count(*) FROM recipients WHERE message NOT IN (SELECT id FROM messages)"),
        ("recipients without lane", "SELECT count(*) FROM recipients r WHERE NOT EXISTS (SELECT 1 FROM lanes l WHERE l.destination = r.destination AND l.rank = r.rank)"),
        ("lanes that sleep past a recipient",
            "SELECT count(*) FROM lanes l WHERE next > (SELECT min(due) FROM recipients r WHERE l.destination = r.destination AND l.rank = r.rank)"),
        ("messages that are never given up", "SELECT count(*) FROM messages WHERE alarm IS NULL AND held = 0"),
    ];

    /// <summary>What docs/queue.md does not allow. No server runs.</summary>
    public static IReadOnlyList<string> Problems(string queue, Ledger ledger)
    {
        string copy = Directory.CreateTempSubdirectory("fullstack-queue-").FullName;
        try
        {
            foreach (string file in Directory.EnumerateFiles(queue, "queue.db*").Where(static file => !file.EndsWith("-shm", StringComparison.Ordinal)))
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            if (!File.Exists(Path.Combine(copy, "queue.db")))
                return [];
            List<string> problems = [];
            using (SqliteConnection database = Open(copy))
            {
                if (Ask(database, "PRAGMA integrity_check") is var sound and not "ok")
                    problems.Add($"queue.db: {sound}");
                problems.AddRange(s_invariants.Select(one => (one.What, Count: Ask(database, one.Query))).Where(static one => one.Count != "0").Select(static one => $"{one.Count} {one.What}"));
            }

            using QueueBook book = new(copy, SyncMode.None);
            problems.AddRange(book.List().Select(one => ProblemOf(one.Message, Path.Combine(queue, Path.GetRelativePath(copy, book.FileOf(one.Message.Id))), ledger)).OfType<string>());
            return problems;
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    /// <summary>Waits until a running server has delivered all, and has no file left.</summary>
    /// <param name="queue">The queue's folder.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="withFiles">Whether files are waited for. One that a kill left is swept away at a start at which the clock is past its id.</param>
    /// <returns>What is still there when patience ends; null: nothing.</returns>
    public static async Task<string?> RemainderAsync(string queue, CancellationToken ct, bool withFiles = true)
    {
        using SqliteConnection database = Open(queue);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_patience);
        while (true)
        {
            string rows = Ask(database, "SELECT count(*) FROM messages");
            string[] files = [.. Directory.EnumerateFiles(Path.Combine(queue, "messages"), "*", SearchOption.AllDirectories)];
            if (rows == "0" && (files.Length == 0 || !withFiles))
                return null;
            if (limit.IsCancellationRequested)
                return $"{rows} rows are left in the queue, and {files.Length} files: {string.Join(' ', files.Take(10))}";
            await Task.Delay(s_pause, ct);
        }
    }

    private static string? ProblemOf(QueuedMessage message, string file, Ledger ledger)
    {
        if (!File.Exists(file))
            return $"{message.Id} has rows and no file";
        string text = File.ReadAllText(file, Encoding.Latin1);
        if (message.Envelope.Sender == ReversePath.Null)
            return text.EndsWith("--\n", StringComparison.Ordinal) ? null : $"{message.Id}, a notice, is cut short";
        string end = text.Split('\n')[^2];
        return end.StartsWith("end of ", StringComparison.Ordinal) && ledger.Find(end["end of ".Length..]) is { } sent
            && text.EndsWith(sent.Text.Replace("\r\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal) ? null : $"{message.Id} is not whole: {file}";
    }

    private static SqliteConnection Open(string folder)
    {
        SqliteConnection database = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "queue.db"), Pooling = false }.ToString());
        database.Open();
        return database;
    }

    private static string Ask(SqliteConnection database, string query)
    {
        using SqliteCommand command = database.CreateCommand();
#pragma warning disable CA2100 // The queries are those above.
        command.CommandText = query;
#pragma warning restore CA2100
        return Convert.ToString(command.ExecuteScalar())!;
    }
}
