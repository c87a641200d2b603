namespace FullStack.Auth.Throttling;

/// <summary>One turn at a time for each network, in the order of asking. Holds nothing for a network that nobody asks for.</summary>
internal sealed class NetworkTurns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, Line> _lines = [];

    /// <exception cref="OperationCanceledException">The turn did not come in time.</exception>
    public async ValueTask<IDisposable> TakeAsync(UInt128 network, CancellationToken ct)
    {
        Line line;
        lock (_lock)
        {
            if (!_lines.TryGetValue(network, out line!))
                _lines.Add(network, line = new Line());
            line.Users++;
        }

        try
        {
            await line.Turn.WaitAsync(ct);
            return new Holder(this, network, line);
        }
        catch
        {
            Leave(network, line);
            throw;
        }
    }

    private void Leave(UInt128 network, Line line)
    {
        lock (_lock)
        {
            if (--line.Users == 0)
                _lines.Remove(network);
        }
    }

    private sealed class Line
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);
        public int Users { get; set; }
    }

    private sealed class Holder(NetworkTurns turns, UInt128 network, Line line) : IDisposable
    {
        private Line? _line = line;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _line, null) is not { } held)
                return;
            held.Turn.Release();
            turns.Leave(network, held);
        }
    }
}
