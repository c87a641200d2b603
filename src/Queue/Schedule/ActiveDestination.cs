namespace FullStack.Queue.Schedule;

/// <summary>What the scheduler knows of a destination while there is work for it: how many attempts may run there at once.</summary>
/// <remarks>
/// The window begins with two attempts, gets one more with each success and half with each failure to connect; a destination that fails is let alone for a
/// while, and then tried by one attempt. Only the scheduler's loop touches it.
/// </remarks>
internal sealed class ActiveDestination(string key, int most)
{
    private const int First = 2;

    public string Key => key;

    /// <summary>Attempts that run.</summary>
    public int Running { get; set; }

    /// <summary>Attempts that may run at once.</summary>
    public int Window { get; private set; } = Math.Min(First, most);

    /// <summary>Failures to connect in a row.</summary>
    public int Failures { get; private set; }

    /// <summary>It is let alone until then.</summary>
    public DateTimeOffset PausedUntil { get; private set; }

    /// <summary>Whether one more attempt may start.</summary>
    public bool HasRoom(DateTimeOffset now) => now >= PausedUntil && Running < (Failures > 0 ? 1 : Window);

    /// <summary>Takes over what the queue remembers.</summary>
    public void Recall(int failures, DateTimeOffset pausedUntil) => (Failures, PausedUntil) = (failures, pausedUntil);

    public void Succeeded()
    {
        Window = Failures > 0 ? Math.Min(First, most) : Math.Min(Window + 1, most);
        (Failures, PausedUntil) = (0, default);
    }

    public void Failed(int failures, DateTimeOffset pausedUntil)
    {
        Window = Math.Max(1, Window / 2);
        (Failures, PausedUntil) = (failures, pausedUntil);
    }
}
