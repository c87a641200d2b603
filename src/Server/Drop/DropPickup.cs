using System.Collections.Concurrent;
using System.Threading.Channels;
using FullStack.Queue.Spool;
using FullStack.Server.Hosting;
using FullStack.Smtp;
using FullStack.Smtp.Batch;
using FullStack.Smtp.Server;
using FullStack.Store.Spool;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Drop;

/// <summary>Takes up what programs of this host have dropped: plays each message to a session of its own, and removes it once that has answered for it.</summary>
/// <remarks>
/// A message is taken on, and the name of its file noted, in one transaction of the queue; what has a note is removed, and never played again. The note goes when
/// the removal is durable, so a crash anywhere between brings the message once. A file that is refused for now stays for later; of one that is refused for good its
/// sender is told, in the transaction that has the note.
/// </remarks>
internal sealed class DropPickup : IAsyncDisposable
{
    private const int Together = 8;
    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(1);
    private static readonly DeliveryStatus s_tooLarge = new(552, new(5, 3, 4), "The message is larger than this server takes");

    private readonly DropFolder _folder;
    private readonly MessageQueue _queue;
    private readonly Func<DropTerms> _terms;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _later = [];
    private FileSystemWatcher? _watcher;
    private Task _work = Task.CompletedTask;

    /// <param name="folder">Where messages are dropped.</param>
    /// <param name="queue">Knows which were taken on.</param>
    /// <param name="terms">How they are taken now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">For what is taken up, and what is not.</param>
    public DropPickup(DropFolder folder, MessageQueue queue, Func<DropTerms> terms, TimeProvider time, ILogger log)
        => (_folder, _queue, _terms, _time, _log) = (folder, queue, terms, time, log);

    /// <summary>Begins with what is there.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public void Start(DropSite site)
    {
        if (!Directory.Exists(_folder.FullPath))
            PrivateFolder.Make(_folder.FullPath);
        _folder.WriteNote(site.ToNote());
        try
        {
            _watcher = new(_folder.FullPath) { NotifyFilter = NotifyFilters.FileName };
            _watcher.Renamed += (_, _) => _signal.Writer.TryWrite(true);
            _watcher.Error += (_, _) => _signal.Writer.TryWrite(true);
            _watcher.EnableRaisingEvents = true;
        }
        catch (IOException e)
        {
            HostLog.DropNotWatched(_log, _folder.FullPath, e.Message); // it is looked at now and then all the same
        }

        _work = Task.Run(WorkAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _watcher?.Dispose();
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
    }

    private async Task WorkAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await TakeAllAsync(_stop.Token);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                HostLog.DropUnusable(_log, _folder.FullPath, e.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await WaitAsync();
        }
    }

    /// <summary>Takes up what is there now.</summary>
    /// <exception cref="IOException">The folder or the queue cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not this user's to use.</exception>
    internal async Task TakeAllAsync(CancellationToken ct)
    {
        DateTimeOffset now = _time.GetUtcNow();
        _folder.Sweep(now);
        IReadOnlyList<string> names = _folder.List();
        foreach (string gone in _later.Keys.Except(names))
            _later.TryRemove(gone, out _);
        HashSet<string> taken = [.. await _queue.ListTakenDropsAsync()];
        await Parallel.ForEachAsync(names.Where(name => !_later.TryGetValue(name, out DateTimeOffset due) || due <= now),
            new ParallelOptions { MaxDegreeOfParallelism = Together, CancellationToken = ct }, async (name, token) => await TakeAsync(name, taken.Contains(name), token));
        await ForgetAsync();
    }

    /// <summary>Forgets the files that are gone. A note goes after the disk has its file's removal: else the file could come back without it.</summary>
    private async Task ForgetAsync()
    {
        string[] gone = [.. (await _queue.ListTakenDropsAsync()).Except(_folder.List())];
        if (gone.Length == 0)
            return;
        _folder.Sync();
        await _queue.ForgetDropsAsync(gone);
    }

    private async Task WaitAsync()
    {
        using CancellationTokenSource limit = new(s_look, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
        try
        {
            await _signal.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Time to look again, or to end.
        }
    }

    private async Task TakeAsync(string name, bool isTaken, CancellationToken ct)
    {
        try
        {
            if (isTaken)
            {
                _folder.Remove(name);
                return;
            }

            using DroppedMessage? dropped = _folder.Open(name);
            if (dropped is null)
                _later[name] = DateTimeOffset.MaxValue; // gone, or nobody's message: it is never looked at again
            else if (await PlayAsync(name, dropped, ct))
                _folder.Remove(name);
            else
                _later[name] = _time.GetUtcNow() + s_look;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _later[name] = _time.GetUtcNow() + s_look;
            HostLog.DropUnusable(_log, _folder.FullPath, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _later[name] = _time.GetUtcNow() + s_look;
            HostLog.DropFailed(_log, name, e);
        }
    }

    /// <returns>Whether the message is somebody else's to answer for now, or is none.</returns>
    private async Task<bool> PlayAsync(string name, DroppedMessage dropped, CancellationToken ct)
    {
        DropTerms terms = _terms();
        string connection = ConnectionId.Next();
        if (DroppedText.Read(dropped, terms) is not { } text)
        {
            HostLog.DropMalformed(_log, name, dropped.Owner);
            return true;
        }

        if (text.Octets > terms.Site.MaxOctets) // a session would read it to its end to say that; a file of holes has none that comes soon
        {
            HostLog.DropTaken(_log, connection, name, dropped.Owner, Shown(s_tooLarge));
            return await TellAsync(terms, text, s_tooLarge, name, ct);
        }

        BatchOutcome outcome = await new BatchPlayer(terms.Protocol, _time) { StopsAtTemporary = true, DropName = name }.PlayAsync(text.Batch, connection, dropped.Owner, ct);
        ct.ThrowIfCancellationRequested();
        DeliveryStatus? refusal = outcome.Refusals.Count > 0 ? outcome.Refusals[^1].Status : null;
        HostLog.DropTaken(_log, connection, name, dropped.Owner, outcome.Accepted > 0 ? "accepted" : refusal is null ? "the session ended" : Shown(refusal));
        if (outcome.Accepted > 0)
            return true;
        if (outcome.EndedEarly || refusal is null)
            return false;
        return await TellAsync(terms, text, outcome.Refusals[0].Status, name, ct);
    }

    private static string Shown(DeliveryStatus refusal) => $"{refusal.Code} {refusal.Status} {refusal.Text}";

    /// <summary>Tells the sender of a message that was refused as such.</summary>
    /// <returns>Whether that is done, or cannot be.</returns>
    private async Task<bool> TellAsync(DropTerms terms, DroppedText text, DeliveryStatus refusal, string name, CancellationToken ct)
    {
        if (text.Sender.Length == 0)
            return true;
        using MemoryStream notice = new(text.Notice(refusal, terms.Site.HostName));
        return !(await new BatchPlayer(terms.Protocol, _time) { StopsAtTemporary = true, DropName = name }.PlayAsync(notice, ConnectionId.Next(), null, ct)).EndedEarly;
    }
}

/// <summary>How dropped messages are taken.</summary>
/// <param name="Protocol">Makes sessions for them.</param>
/// <param name="Site">What programs are told of this server.</param>
/// <param name="TrustedUsers">Login names of users who may name any sender.</param>
internal sealed record DropTerms(SmtpProtocol Protocol, DropSite Site, IReadOnlyList<string> TrustedUsers);
