using FullStack.Store.Posix;

namespace FullStack.Server.Supervision;

/// <summary>Gives memory that nothing uses any more back to the system, once the server has come to rest.</summary>
/// <remarks>
/// <para>Who serves a burst, a thousand logins or a search of a large mailbox, keeps the memory of it: the collector does not run while nothing is allocated, and the
/// allocator of the C library, from which the databases take theirs, keeps what was freed in its arenas. A mail server rests most of its life.</para>
/// <para>Giving back stops all threads for some milliseconds for each hundred MiB that is in use, so it is done where little is going on and much has been: at once, and
/// again when what the store keeps open for a while has been closed.</para>
/// </remarks>
internal sealed class IdleMemory : IDisposable
{
    /// <summary>How often is looked whether the server rests.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    /// <summary>Octets that a server allocates in a period in which next to nothing happens, at most: what 10,000 idle sessions and some messages take.</summary>
    public const long AtRest = 4 << 20;

    /// <summary>Octets that must have been allocated since memory was last given back, so that it is worth it.</summary>
    public const long Worth = 64 << 20;

    /// <summary>After how many periods of rest it is done again: accounts and databases that nobody uses are closed by then (<see cref="FullStack.Store.StoreOptions.AccountIdleTime"/>).</summary>
    public const int PeriodsUntilAgain = 4;

    private readonly Func<long> _allocated;
    private readonly Action _giveBack;
    private readonly ITimer _timer;
    private long _atLook;
    private long _atGivingBack;
    private int _untilAgain;

    /// <param name="time">The time.</param>
    /// <param name="allocated">How many octets were ever allocated.</param>
    /// <param name="giveBack">Gives memory back.</param>
    public IdleMemory(TimeProvider time, Func<long> allocated, Action giveBack)
    {
        (_allocated, _giveBack) = (allocated, giveBack);
        _timer = time.CreateTimer(static self => ((IdleMemory)self!).Look(), this, Period, Period);
    }

    /// <summary>That of this process.</summary>
    public static IdleMemory OfProcess(TimeProvider time) => new(time, static () => GC.GetTotalAllocatedBytes(), GiveBack);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long allocated = _allocated();
        bool rests = allocated - _atLook <= AtRest;
        _atLook = allocated;
        if (!rests)
            _untilAgain = 0;
        else if (allocated - _atGivingBack >= Worth)
            GiveBackAt(allocated, PeriodsUntilAgain);
        else if (_untilAgain > 0 && --_untilAgain == 0)
            GiveBackAt(allocated, 0);
    }

    private void GiveBackAt(long allocated, int again)
    {
        _giveBack();
        (_atGivingBack, _untilAgain) = (allocated, again);
    }

    private static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        FreedMemory.TryGiveBack();
    }
}
