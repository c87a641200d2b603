using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server.Supervision;
using Microsoft.Extensions.Logging;

namespace FullStack.Unit.Server.Supervision;

/// <summary>systemd hears that the server is alive only after all its parts have answered.</summary>
public sealed class WatchdogTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    /// <summary>Between two rounds, and for the answers of one.</summary>
    private static readonly TimeSpan s_pause = s_limit / 4, s_patience = s_limit / 2;

    private readonly ManualTimeProvider _time = new();
    private readonly CapturedLog _log = new();
    private readonly SemaphoreSlim _pings = new(0);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_round_of_answers_is_a_ping()
    {
        await using Watchdog watchdog = Start(new WatchedPart("the store", static () => Task.CompletedTask));
        for (int i = 0; i < 3; i++)
        {
            await _pings.WaitAsync(Ct);
            await UntilArmedAsync(s_pause); // the limit of the answers may still be armed when the ping is heard
            _time.Advance(s_pause);
        }

        _log.CheckNoAlarm();
    }

    [Fact]
    public async Task A_failure_is_an_answer()
    {
        await using Watchdog watchdog = Start(new WatchedPart("the store", static () => throw new IOException("no disk")));
        await _pings.WaitAsync(Ct);
        _log.CheckNoAlarm();
    }

    [Fact]
    public async Task A_part_that_is_silent_is_named_and_asked_once()
    {
        TaskCompletionSource stuck = new();
        int asked = 0;
        await using Watchdog watchdog = Start(new WatchedPart("the queue", () =>
        {
            asked++;
            return stuck.Task;
        }));
        for (int round = 1; round <= 2; round++)
        {
            await UntilArmedAsync(s_patience);
            _time.Advance(s_patience);
            while (_log.Alarms.Count < round)
                await Task.Delay(1, Ct);
            await UntilArmedAsync(s_pause);
            if (round == 1)
                _time.Advance(s_pause);
        }

        Assert.Equal((0, 1), (_pings.CurrentCount, asked));
        Assert.All(_log.Alarms, static alarm => Assert.StartsWith("no answer from: the queue;", alarm.Message, StringComparison.Ordinal));

        stuck.SetResult();
        _time.Advance(s_pause);
        await _pings.WaitAsync(Ct);
    }

    private Watchdog Start(params WatchedPart[] parts) => new(s_limit, parts, () => _pings.Release(), _time, _log.CreateLogger("test"));

    /// <summary>Waits until the watchdog waits for so long a time.</summary>
    private async Task UntilArmedAsync(TimeSpan wait)
    {
        while (!_time.IsArmed(wait))
            await Task.Delay(1, Ct);
    }
}
