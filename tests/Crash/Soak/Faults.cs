using FullStack.Harness.Servers;

namespace FullStack.Crash.Soak;

/// <summary>What happens to a server while its clients work.</summary>
internal sealed class Faults(SoakSite site, SoakStage stage, ScriptedDns dns, Random random)
{
    /// <summary>So far from the right time the clock is set, and no farther; a day is what a start notices.</summary>
    public static readonly TimeSpan FurthestOn = TimeSpan.FromHours(8);

    private static readonly TimeSpan s_afterSpell = TimeSpan.FromSeconds(1);
    private readonly Queue<Func<TimeSpan, CancellationToken, Task>> _coming = new();
    private TimeSpan _offset;

    /// <summary>Does the next fault: each kind comes before any comes again.</summary>
    /// <param name="time">How long a fault that lasts may last.</param>
    /// <param name="ct">Ends it.</param>
    public async Task NextAsync(TimeSpan time, CancellationToken ct)
    {
        if (_coming.Count == 0)
        {
            Func<TimeSpan, CancellationToken, Task>[] kinds = [FillDiskAsync, SilenceDnsAsync, FailDnsAsync, SetClockAsync, HangUpAsync, CutManyAsync];
            random.Shuffle(kinds);
            foreach (Func<TimeSpan, CancellationToken, Task> kind in kinds)
                _coming.Enqueue(kind);
        }

        await _coming.Dequeue()(time, ct);
    }

    /// <summary>Breaks sessions off now and then, until the phase ends.</summary>
    public async Task CutAsync(CancellationToken ct)
    {
        while (!stage.IsEnding && !stage.Ledger.IsOver)
        {
            await Task.Delay(random.Next(100, 1500), ct);
            stage.CutOne(random);
        }
    }

    private async Task FillDiskAsync(TimeSpan time, CancellationToken ct)
    {
        if (!site.HasOwnDisk)
            return;
        stage.TurnSpell();
        try
        {
            site.FillDisk();
            stage.Tally.Count("faults: disk full");
            for (TimeSpan left = time; left > TimeSpan.Zero; left -= TimeSpan.FromMilliseconds(200))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
                site.FillDisk(); // What the server gave back meanwhile.
            }
        }
        finally
        {
            site.EmptyDisk();
            await Task.Delay(s_afterSpell, ct);
            stage.TurnSpell();
        }
    }

    private Task SilenceDnsAsync(TimeSpan time, CancellationToken ct) => TroubleDnsAsync(DnsTrouble.Silent, "faults: DNS silent", time, ct);

    private Task FailDnsAsync(TimeSpan time, CancellationToken ct) => TroubleDnsAsync(DnsTrouble.ServerFailure, "faults: DNS answers SERVFAIL", time, ct);

    private async Task TroubleDnsAsync(DnsTrouble trouble, string name, TimeSpan time, CancellationToken ct)
    {
        dns.Trouble("", trouble);
        stage.Tally.Count(name);
        try
        {
            await Task.Delay(time, ct);
        }
        finally
        {
            dns.Trouble("", DnsTrouble.None);
        }
    }

    /// <summary>Sets the clock to some other time, less than a day from the right one. It stays so.</summary>
    private Task SetClockAsync(TimeSpan time, CancellationToken ct)
    {
        if (!site.HasOwnClock)
            return Task.CompletedTask;
        TimeSpan next = _offset == TimeSpan.Zero || random.Next(3) > 0 ? FurthestOn * (2 * random.NextDouble() - 1) : TimeSpan.Zero;
        stage.Tally.Count(next < _offset ? "faults: clock set back" : "faults: clock set on");
        _offset = next;
        site.SetClock(next);
        return Task.CompletedTask;
    }

    private Task HangUpAsync(TimeSpan time, CancellationToken ct)
    {
        stage.Server.HangUp();
        stage.Tally.Count("faults: SIGHUP");
        return Task.CompletedTask;
    }

    private async Task CutManyAsync(TimeSpan time, CancellationToken ct)
    {
        for (int i = 0; i < 10; i++)
        {
            stage.CutOne(random);
            await Task.Delay(random.Next(20), ct);
        }
    }
}
