using System.Security.Cryptography;
using System.Text;
using FullStack.Auth.Throttling;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Store;
using FullStack.Store.Spool;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Checkpoints;

/// <summary>What is kept of interrupted transactions: a file for each, in one folder. One for a server, whatever is reloaded.</summary>
/// <remarks>
/// Strangers could fill the disk with them, so they are for who has logged in and for networks that may relay. A file's name is a digest of whose it is,
/// and one of the name of the transaction; nothing that a client says reaches the file system as it is.
/// </remarks>
public sealed class CheckpointFolder : IAsyncDisposable
{
    private const int OwnerDigits = 16;
    private const int NameDigits = 32;

    private static readonly TimeSpan s_sweepPause = TimeSpan.FromHours(1);

    private readonly PartialFolder _files;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _open = [];
    private readonly ITimer _timer;
    private Task _sweep;
    private volatile CheckpointOptions _options;

    /// <param name="files">Where they lie.</param>
    /// <param name="options">How much is kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where log lines go.</param>
    public CheckpointFolder(PartialFolder files, CheckpointOptions options, TimeProvider time, ILogger log)
    {
        (_files, _options, _time, _log) = (files, options, time, log);
        _sweep = SweepAsync();
        _timer = time.CreateTimer(_ => _sweep = SweepAsync(), null, s_sweepPause, s_sweepPause);
    }

    /// <summary>Makes the checkpoints for one configuration.</summary>
    public ICheckpoints For(CheckpointOptions options, RelayRights rights)
    {
        _options = options;
        return new Checkpoints(this, options, rights);
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _sweep;
    }

    /// <summary>Removes what is too old.</summary>
    internal async Task SweepAsync()
    {
        try
        {
            foreach (PartialFacts file in await _files.ListAsync())
            {
                if (IsOver(file) && TryClaim(file.Name))
                    await RemoveAsync(file.Name);
            }
        }
        catch (IOException e)
        {
            QueueLog.CheckpointsUnusable(_log, e.Message);
        }
    }

    internal void Release(string name)
    {
        lock (_gate)
            _open.Remove(name);
    }

    private bool IsOver(PartialFacts file) => file.Modified + _options.Time <= _time.GetUtcNow();

    /// <summary>Removes a file that is claimed.</summary>
    private async Task RemoveAsync(string name)
    {
        await _files.RemoveAsync(name);
        Release(name);
    }

    private bool TryClaim(string name)
    {
        lock (_gate)
            return _open.Add(name);
    }

    private async ValueTask<ICheckpoint?> OpenAsync(string owner, string transaction, CheckpointOptions options)
    {
        string prefix = Digest(owner, OwnerDigits) + "-";
        string name = prefix + Digest(transaction, NameDigits);
        if (!TryClaim(name))
            return null;
        try
        {
            IReadOnlyList<PartialFacts> all = await _files.ListAsync();
            if (all.Any(file => file.Name == name && IsOver(file)))
                await _files.RemoveAsync(name); // the sweep comes later
            PartialFacts[] others = [.. all.Where(file => file.Name.StartsWith(prefix, StringComparison.Ordinal) && file.Name != name).OrderBy(static file => file.Modified)];
            foreach (PartialFacts old in others.Take(Math.Max(0, others.Length - options.MaxMessages + 1)))
            {
                if (TryClaim(old.Name))
                    await RemoveAsync(old.Name);
            }

            long room = options.MaxOctets - others.Sum(static file => file.Octets);
            Result<PartialFile> opened = await _files.OpenAsync(name);
            StoredCheckpoint? stored = opened.Ok ? StoredCheckpoint.Read(opened.Value.Head.Span) : null;
            return new Checkpoint(_files, name, room, opened.Ok && stored is not null ? (opened.Value, stored) : null, () => Release(name));
        }
        catch
        {
            Release(name);
            throw;
        }
    }

    private static string Digest(string text, int digits) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..digits];

    private sealed class Checkpoints(CheckpointFolder folder, CheckpointOptions options, RelayRights rights) : ICheckpoints
    {
        public bool MayUse(SmtpPeer peer) => options.Time > TimeSpan.Zero && (peer.Role == SmtpRole.Submission || (peer.Role == SmtpRole.Relay && rights.MayRelay(peer)));

        public ValueTask<ICheckpoint?> OpenAsync(string transaction, SmtpPeer peer, CancellationToken ct)
        {
            string owner = peer.Account ?? $"network {ThrottleKey.OfNetwork(peer.Address)}";
            return folder.OpenAsync(owner, $"{peer.HelloName}\n{transaction}", options);
        }
    }
}
