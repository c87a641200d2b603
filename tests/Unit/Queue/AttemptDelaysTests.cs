using FullStack.Harness.Servers;
using FullStack.Queue.Schedule;

namespace FullStack.Unit.Queue;

/// <summary>Where the log says that an attempt's time went: <c>delays=a/b/c/d</c>.</summary>
public sealed class AttemptDelaysTests : IAsyncDisposable
{
    private static readonly DateTimeOffset s_arrived = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    private readonly QueueRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(0, 0, 0, 0, "0/0/0/0")]
    [InlineData(0, 2, 1.5, 10, "0/2/1.5/6.5")]
    [InlineData(300, 301.25, 0.125, 302, "300/1.25/0.13/0.63")]
    [InlineData(1000, 5, 1, 10, "5/0/1/4")] // due later than it began: it was asked for
    [InlineData(0, 0, 99, 10, "0/0/10/0")]
    public void Each_part_is_what_it_says_and_they_add_up(double due, double began, double setUp, double now, string expected)
    {
        AttemptDelays delays = AttemptDelays.Of(s_arrived, s_arrived.AddSeconds(due), s_arrived.AddSeconds(began), TimeSpan.FromSeconds(setUp), s_arrived.AddSeconds(now));
        Assert.Equal(expected, delays.ToString());
        Assert.Equal(now, delays.Seconds, 3);
    }

    [Fact]
    public void A_clock_that_was_set_back_makes_no_delay_negative()
        => Assert.Equal("0/0/0/0", AttemptDelays.Of(s_arrived, s_arrived, s_arrived.AddSeconds(-5), TimeSpan.Zero, s_arrived.AddSeconds(-9)).ToString());

    [Fact]
    public async Task A_second_attempt_tells_the_wait_between_them()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        _rig.Client.Says = static (_, _) => ScriptedClient.Taken;
        await _rig.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(
            ["to=<joe@example.net> relay=example.net[127.0.0.1]:25 delay=0 delays=0/0/0/0 dsn=4.7.1 status=deferred (451 come again)",
                "to=<joe@example.net> relay=example.net[127.0.0.1]:25 delay=120 delays=120/0/0/0 dsn=2.0.0 status=sent (250 taken)"], Attempts());
    }

    [Fact]
    public async Task A_host_that_takes_its_time_is_told_from_a_way_that_is_long()
    {
        _rig.Client.During = _ =>
        {
            _rig.Time.Advance(TimeSpan.FromSeconds(7));
            return Task.CompletedTask;
        };
        _rig.Client.Transmission = TimeSpan.FromSeconds(5);
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        Assert.Contains("delay=7 delays=0/0/2/5 ", Assert.Single(Attempts()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mailbox_that_gets_its_mail_at_once_has_a_line_of_the_same_form_and_one_only()
    {
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("joe@example.net", "alice@example.test", "joe@example.net"));
        await _rig.SendAsync(QueueRig.Envelope("joe@example.net", "alice@example.test"));
        await _rig.RestAsync();
        string[] local = [.. Attempts().Where(static line => line.Contains("relay=local", StringComparison.Ordinal))];
        Assert.Equal(2, local.Length);
        Assert.All(local, static line => Assert.Matches(
            @"^to=<alice@example\.test> relay=local delay=0 delays=0/0/0/0 dsn=2\.0\.0 status=sent \(delivered to alice@example\.test: \d+ octets\)$", line));
    }

    /// <summary>The lines of attempts, without their ids.</summary>
    private string[] Attempts() => [.. _rig.Log.Latest.Select(static (LogEntry entry) => entry.Message).Where(static text => text.Contains(" to=", StringComparison.Ordinal)
        && text.Contains(" relay=", StringComparison.Ordinal)).Select(static text => text[(text.IndexOf(' ', StringComparison.Ordinal) + 1)..])];
}
