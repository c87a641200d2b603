using System.Collections.Concurrent;
using FullStack.Queue.Notices;
using FullStack.Queue.Schedule;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Delivery;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Spool;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Spool;

/// <summary>Mail that waits: a file for each message, and rows that say what is to be done with it.</summary>
/// <remarks>
/// Legal states of a message: nothing; a file alone (on its way in, or done with; <see cref="SweepAsync"/> removes one that a crash left); a file and rows.
/// Rows alone are what somebody made who removed a file: the message is held, and the log says so. docs/queue.md has the steps between them.
/// </remarks>
public sealed class MessageQueue : IAsyncDisposable
{
    /// <summary>Messages of which the database is asked at once whether it has them: others wait no longer than for these.</summary>
    private const int AskedTogether = 500;

    private readonly MessageSpool _files;
    private readonly DatabaseThread _writer;
    private readonly DatabaseThread _reader;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<QueueId, Task> _direct = new();
    private QueueId _lastBefore;

    /// <param name="store">Whose file system the messages lie on, so that a file can be in the queue and in a mailbox.</param>
    /// <param name="folder">The queue's folder.</param>
    /// <param name="sync">Whether acknowledged mail survives a power cut.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public MessageQueue(MailStore store, string folder, SyncMode sync, ILoggerFactory loggers)
    {
        _files = store.OpenSpool(Path.Combine(folder, "messages"));
        string database = Path.Combine(folder, "queue.db");
        _writer = new(database, sync, "queue writer");
        _reader = new(database, sync, "queue reader");
        _log = loggers.CreateLogger<MessageQueue>();
    }

    /// <inheritdoc cref="DatabaseThread.Written"/>
    internal Action Written
    {
        set => _writer.Written = value;
    }

    /// <summary>Called when recipients came, with the lanes they are in.</summary>
    internal Action<IReadOnlyList<Lane>> Arrived { get; set; } = static _ => { };

    /// <summary>Called when recipients that waited may be tried now, and their destinations with them.</summary>
    internal Action<IReadOnlyList<Lane>> Hastened { get; set; } = static _ => { };

    /// <summary>Makes the tables where needed. No file is read, and no row.</summary>
    /// <returns>The largest id in the queue: new ones have to be above it, also where the clock was set back.</returns>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public async Task<QueueId> OpenAsync()
    {
        _lastBefore = await _writer.ChangeAsync(QueueTables.Last);
        return _lastBefore;
    }

    /// <summary>
    /// Notes that a message is about to be delivered to a mailbox of this host. Until <see cref="EndDelivery"/> says that what came of it is written down, the mailbox may
    /// have it although a row says that it waits; the same goes for all messages of an earlier run.
    /// </summary>
    internal DeliveryMark BeginDelivery(QueueId id, AccountName account, DateTimeOffset arrived)
        => new(id.ToString(), arrived, MayBeThere: !Begun.Begin(id, account) || id.Number <= _lastBefore.Number);

    /// <summary>The rows say what came of a delivery.</summary>
    internal void EndDelivery(QueueId id, AccountName account) => Begun.End(id, account);

    /// <summary>Deliveries of which the rows do not say yet what came of them.</summary>
    internal BegunDeliveries Begun { get; } = new();

    /// <summary>What attempts came to that could not be written down.</summary>
    internal UnwrittenOutcomes Unwritten { get; } = new();

    /// <summary>Forgets all that is kept in memory of a message that is gone from the queue.</summary>
    internal void Forget(QueueId id)
    {
        Begun.Forget(id);
        Unwritten.Forget(id);
    }

    /// <summary>The same for all messages that are gone: another process may have removed some.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    internal async Task ForgetGoneAsync()
    {
        foreach (QueueId[] some in Begun.Messages.Concat(Unwritten.Messages).Distinct().Chunk(AskedTogether))
        {
            foreach (QueueId gone in await ReadAsync(queue => some.Where(id => !QueueTables.Exists(queue, id)).ToArray()))
                Forget(gone);
        }
    }

    /// <summary>
    /// Notes that a message with rows is being delivered to its mailboxes by who took it, however long that takes: attempts from the queue would be told the same
    /// failures, and tell its sender of them once more. They wait until the result is disposed, when the rows say what came of it.
    /// </summary>
    internal IDisposable DeliverDirectly(QueueId id)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _direct[id] = ended.Task;
        return new DirectDelivery(this, id, ended);
    }

    /// <summary>Returns when nobody delivers the message but the queue.</summary>
    internal Task DirectlyDeliveredAsync(QueueId id, CancellationToken ct) => _direct.TryGetValue(id, out Task? ended) ? ended.WaitAsync(ct) : Task.CompletedTask;

    /// <summary>Makes a message's file. It means nothing until <see cref="EnqueueAsync"/>.</summary>
    internal ValueTask<Result<Nothing>> SpoolAsync(QueueId id, StagedMessage message) => _files.PutAsync(message, PlaceOf(id));

    /// <summary>Takes messages on whose files are made: durable on return. Messages that come together share one sync of the disk.</summary>
    /// <param name="message">The message; null: there is only the notice.</param>
    /// <param name="recipients">Its recipients.</param>
    /// <param name="notices">What its sender is told of others.</param>
    /// <param name="patience">How long they are tried.</param>
    /// <param name="now">The time.</param>
    /// <param name="drop">The name of the dropped file that all this comes from; null: it comes from none.</param>
    /// <exception cref="IOException">The database cannot be used, or the dropped file was taken before; nothing was taken on.</exception>
    /// <returns>The recipients with their rows.</returns>
    internal async Task<IReadOnlyList<QueuedRecipient>> EnqueueAsync(
        QueuedMessage? message, IReadOnlyList<QueuedRecipient> recipients, IReadOnlyList<PreparedNotice> notices, Patience patience, DateTimeOffset now, string? drop = null)
    {
        IReadOnlyList<QueuedRecipient> inserted = await _writer.ChangeAsync<IReadOnlyList<QueuedRecipient>>(queue =>
        {
            if (drop is not null)
                DropTable.Add(queue, drop);
            foreach (PreparedNotice notice in notices)
                QueueTables.Insert(queue, notice.Message, notice.Recipients, patience.AlarmOf(notice.Message, notice.Recipients), now);
            return message is null ? [] : QueueTables.Insert(queue, message, recipients, patience.AlarmOf(message, recipients), now);
        });
        if (message is not null)
            Announce(message, recipients);
        foreach (PreparedNotice notice in notices)
            Announce(notice.Message, notice.Recipients);
        return inserted;
    }

    /// <summary>The names of dropped files whose messages were taken on: they are to be removed, whatever they hold.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    public async Task<IReadOnlyList<string>> ListTakenDropsAsync() => await _reader.ReadAsync(DropTable.List);

    /// <summary>Forgets dropped files that are gone for good.</summary>
    /// <exception cref="IOException">The database cannot be used; nothing was forgotten.</exception>
    public Task ForgetDropsAsync(IReadOnlyList<string> names) => _writer.ChangeAsync(queue =>
    {
        foreach (string name in names)
            DropTable.Remove(queue, name);
        return names.Count;
    });

    /// <summary>Says that a message was put into the queue by a change of somebody's own.</summary>
    internal void Announce(QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients)
        => Arrived([.. recipients.Select(recipient => new Lane(recipient.Destination, -message.Envelope.Priority)).Distinct()]);

    /// <summary>Returns once the database answers.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    public Task CheckAsync() => ReadAsync(static queue => queue.Query("SELECT 1", static row => row.GetInt64(0)));

    /// <exception cref="IOException">The database cannot be used.</exception>
    internal Task<T> ReadAsync<T>(Func<IndexConnection, T> read) => _reader.ReadAsync(read);

    /// <summary>Changes rows; what it returns is on the disk.</summary>
    /// <exception cref="IOException">The database cannot be used; nothing was changed.</exception>
    internal Task<T> ChangeAsync<T>(Func<IndexConnection, T> change) => _writer.ChangeAsync(change);

    /// <summary>A number that is another one when another process has changed the queue since it was last asked for, or may have done so while it was closed.</summary>
    /// <exception cref="IOException">The database cannot be used.</exception>
    internal Task<long> VersionAsync()
        // Each connection counts anew: what was changed while none was open would be missed.
        => _writer.ReadAsync(queue => queue.Query("PRAGMA data_version", static r => r.GetInt64(0))[0] + ((long)_writer.Opened << 32));

    /// <summary>Opens a message's file.</summary>
    internal ValueTask<Result<MessageContent>> OpenAsync(QueueId id) => _files.OpenAsync(PlaceOf(id));

    /// <summary>Removes the file of a message that has no rows.</summary>
    internal ValueTask<bool> RemoveFileAsync(QueueId id) => _files.RemoveAsync(PlaceOf(id));

    /// <summary>Removes files that no row knows, which a crash left. It reads names and rows, never a message.</summary>
    /// <param name="below">Ids from here on were given out after this start; their files may be on their way in.</param>
    /// <param name="ct">Ends the sweep.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="IOException">The folder or the database cannot be read.</exception>
    internal async Task<int> SweepAsync(QueueId below, CancellationToken ct)
    {
        int removed = 0;
        foreach (string folder in await _files.ListFoldersAsync())
        {
            QueueId[] there = [.. (await _files.ListFilesAsync(folder)).Select(static name => QueueId.TryParse(name, out QueueId id) ? id : default).Where(id => id != default && id.Number < below.Number)];
            foreach (QueueId[] some in there.Chunk(AskedTogether))
            {
                ct.ThrowIfCancellationRequested();
                QueueId[] orphans = await _reader.ReadAsync(queue => some.Where(id => !QueueTables.Exists(queue, id)).ToArray());
                foreach (QueueId orphan in orphans)
                {
                    if (await RemoveFileAsync(orphan))
                        removed++;
                }
            }
        }

        if (removed > 0)
            QueueLog.Swept(_log, removed);
        return removed;
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _reader.DisposeAsync();
    }

    /// <summary>
    /// Where a message's file lies. The folder comes from the part of the id that changes about every second: messages that come together share a folder,
    /// and so the sync of it; over the time all folders are used alike.
    /// </summary>
    internal static SpoolPlace PlaceOf(QueueId id)
    {
        string name = id.ToString();
        return new(name[5..7], name);
    }

    private sealed class DirectDelivery(MessageQueue queue, QueueId id, TaskCompletionSource ended) : IDisposable
    {
        public void Dispose()
        {
            queue._direct.TryRemove(id, out _);
            ended.TrySetResult();
        }
    }
}
