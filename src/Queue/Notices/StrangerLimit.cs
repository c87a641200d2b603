namespace FullStack.Queue.Notices;

/// <summary>Bounds how many notices go to senders whom nobody answers for: their addresses may be forged, and the notices would hit others.</summary>
internal sealed class StrangerLimit
{
    private static readonly TimeSpan s_period = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _begun;
    private int _sent;

    /// <summary>Counts one more, if it may go.</summary>
    public bool TryTake(int most, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (now - _begun >= s_period)
                (_begun, _sent) = (now, 0);
            if (_sent >= most)
                return false;
            _sent++;
            return true;
        }
    }
}
