using System.Collections.Concurrent;
using System.Threading.Channels;
using FullStack.Server.Hosting;
using FullStack.Smtp;
using FullStack.Smtp.Batch;
using FullStack.Smtp.Server;
using FullStack.Store.Spool;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Drop;

/// <summary>Takes up what programs of this host have dropped: plays each message to a session of its own, and removes it once that has answered for it.</summary>
/// <remarks>
/// A file is removed after the reply 250, so a crash between the two brings the message twice, never not at all. One that is refused for now stays for
/// later; of one that is refused for good its sender is told.
/// </remarks>
internal sealed class DropPickup : IAsyncDisposable
{
    private const int Together = 8;
    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(1);

    private readonly DropFolder _folder;
    private readonly Func<DropTerms> _terms;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _later = [];
    private FileSystemWatcher? _watcher;
    private Task _work = Task.CompletedTask;

    /// <param name="folder">Where messages are dropped.</param>
    /// <param name="terms">How they are taken now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">For what is taken up, and what is not.</param>
    public DropPickup(DropFolder folder, Func<DropTerms> terms, TimeProvider time, ILogger log) => (_folder, _terms, _time, _log) = (folder, terms, time, log);

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
                _folder.Sweep(_time.GetUtcNow());
                IReadOnlyList<string> names = _folder.List();
                foreach (string gone in _later.Keys.Except(names))
                    _later.TryRemove(gone, out _);
                DateTimeOffset now = _time.GetUtcNow();
                await Parallel.ForEachAsync(names.Where(name => !_later.TryGetValue(name, out DateTimeOffset due) || due <= now),
                    new ParallelOptions { MaxDegreeOfParallelism = Together, CancellationToken = _stop.Token }, async (name, ct) => await TakeAsync(name, ct));
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

    private async Task TakeAsync(string name, CancellationToken ct)
    {
        try
        {
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

        BatchOutcome outcome = await new BatchPlayer(terms.Protocol, _time) { StopsAtTemporary = true }.PlayAsync(text.Batch, connection, dropped.Owner, ct);
        ct.ThrowIfCancellationRequested();
        DeliveryStatus? refusal = outcome.Refusals.Count > 0 ? outcome.Refusals[^1].Status : null;
        HostLog.DropTaken(_log, connection, name, dropped.Owner, outcome.Accepted > 0 ? "accepted" : refusal is null ? "the session ended" : $"{refusal.Code} {refusal.Status} {refusal.Text}");
        if (outcome.Accepted > 0)
            return true;
        if (outcome.EndedEarly || refusal is null)
            return false;
        await TellAsync(terms, text, outcome.Refusals[0].Status, ct);
        return true;
    }

    /// <summary>Tells the sender of a message that was refused as such.</summary>
    private async Task TellAsync(DropTerms terms, DroppedText text, DeliveryStatus refusal, CancellationToken ct)
    {
        if (text.Sender.Length == 0)
            return;
        using MemoryStream notice = new(text.Notice(refusal, terms.Site.HostName));
        await new BatchPlayer(terms.Protocol, _time).PlayAsync(notice, ConnectionId.Next(), null, ct);
    }
}

/// <summary>How dropped messages are taken.</summary>
/// <param name="Protocol">Makes sessions for them.</param>
/// <param name="Site">What programs are told of this server.</param>
/// <param name="TrustedUsers">Login names of users who may name any sender.</param>
internal sealed record DropTerms(SmtpProtocol Protocol, DropSite Site, IReadOnlyList<string> TrustedUsers);
