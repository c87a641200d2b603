using FullStack.Smtp;

namespace FullStack.Unit.Queue;

/// <summary>Recipients whose sender says since when they are known (RFC 7293), while their mail waits.</summary>
public sealed class QueuedValidityTests : IAsyncDisposable
{
    private readonly QueueRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_next_host_is_told(bool mayLapse)
    {
        DateTimeOffset since = _rig.Time.GetUtcNow().AddDays(-3);
        await _rig.StartAsync();
        await _rig.SendAsync(EnvelopeTo("joe@example.net", since, mayLapse));
        await _rig.RestAsync();
        Assert.Equal((since, mayLapse), Assert.Single(_rig.Client.Validity));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task A_mailbox_that_changed_hands_meanwhile_does_not_get_it(bool changes, int messages)
    {
        await _rig.StartAsync();
        await _rig.SendAsync(EnvelopeTo("bob@example.test", _rig.Time.GetUtcNow(), mayLapse: true, hold: TimeSpan.FromHours(1)));
        await _rig.RestAsync();
        Assert.Empty(await _rig.InboxAsync("bob"));
        if (changes)
            _rig.Client.OwnedSince = _rig.Time.GetUtcNow().AddMinutes(5);
        await _rig.PassAsync(TimeSpan.FromHours(2), TimeSpan.FromMinutes(30));
        Assert.Equal(messages, (await _rig.InboxAsync("bob")).Count);
        List<string> told = await _rig.InboxAsync();
        Assert.Equal(1 - messages, told.Count);
        Assert.All(told, static text => Assert.Contains("Status: 5.7.17", text, StringComparison.Ordinal));
        Assert.Empty(_rig.Files);
    }

    private Envelope EnvelopeTo(string recipient, DateTimeOffset since, bool mayLapse, TimeSpan? hold = null)
    {
        Envelope envelope = new(QueueRig.PathOf("alice@example.test")) { HoldUntil = hold is { } time ? _rig.Time.GetUtcNow() + time : null };
        int at = recipient.IndexOf('@', StringComparison.Ordinal);
        envelope.Add(new(new(recipient[..at], recipient[(at + 1)..]), QueueRig.RouteOf(recipient)) { ValidSince = since, ValidSinceMayLapse = mayLapse });
        return envelope;
    }
}
