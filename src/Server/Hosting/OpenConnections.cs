using System.Collections.Concurrent;
using FullStack.Net;

namespace FullStack.Server.Hosting;

/// <summary>The connections being served, so that a stop reaches each of them.</summary>
internal sealed class OpenConnections : IDisposable
{
    private readonly ConcurrentDictionary<string, MailConnection> _open = new();
    private readonly CancellationTokenSource _abort = new();
    private volatile bool _draining;

    public int Count => _open.Count;

    /// <summary>Sessions have been asked to end.</summary>
    public bool IsDraining => _draining;

    /// <summary>Cancelled when sessions have had their time to end.</summary>
    public CancellationToken Aborted => _abort.Token;

    public void Add(MailConnection connection)
    {
        _open[connection.Id] = connection;
        if (_draining) // set before the dictionary is walked: one of the two sees the other
            connection.BeginDrain();
    }

    public void Remove(MailConnection connection) => _open.TryRemove(connection.Id, out _);

    /// <summary>Asks every session, also one that begins later, to end at its next pause.</summary>
    public void BeginDrain()
    {
        _draining = true;
        foreach (MailConnection connection in _open.Values)
            connection.BeginDrain();
    }

    public void Abort() => _abort.Cancel();

    public void Dispose() => _abort.Dispose();
}
