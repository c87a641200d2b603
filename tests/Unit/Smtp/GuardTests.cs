using System.Net;
using FullStack.Auth.Throttling;
using FullStack.Harness;
using FullStack.Net;
using FullStack.Smtp;
using FullStack.Smtp.Guard;

namespace FullStack.Unit.Smtp;

/// <summary>What protects the front door, on a clock that the test moves.</summary>
public sealed class GuardTests
{
    private static readonly GuardOptions s_strangers = new() { ExemptNetworks = NetworkList.None };

    [Fact]
    public void Answers_to_errors_come_later_and_later()
    {
        Tarpit tarpit = new(new() { TarpitAfter = 2, TarpitDelay = TimeSpan.FromSeconds(1), TarpitMaxDelay = TimeSpan.FromSeconds(5) });
        Assert.Equal([0, 0, 1, 2, 4, 5, 5, 5], Enumerable.Range(1, 8).Select(errors => (int)tarpit.DelayOf(errors).TotalSeconds));
        Assert.Equal(5, tarpit.DelayOf(int.MaxValue).TotalSeconds);
    }

    [Fact]
    public async Task An_error_is_answered_once_its_delay_has_passed()
    {
        ManualTimeProvider time = new();
        SmtpOptions options = new() { HostName = "mail.example.test", Guard = new() { ExemptNetworks = NetworkList.None, TarpitAfter = 1, TarpitDelay = TimeSpan.FromSeconds(2) } };
        await using SmtpConversation talk = new(options: options, time: time);
        Task<string> said = talk.PlayAsync("A\r\nB\r\nC\r\nQUIT\r\n");
        while (!said.IsCompleted)
        {
            if (time.ArmedTimers > 0)
                time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.WhenAny(said, Task.Delay(1, TestContext.Current.CancellationToken));
        }

        Assert.Contains("221 2.0.0 ", await said, StringComparison.Ordinal);
        Assert.True(time.GetUtcNow() - ManualTimeProvider.Start >= TimeSpan.FromSeconds(6), "2 s and 4 s");
    }

    [Fact]
    public async Task A_stop_ends_a_delay()
    {
        SmtpOptions options = new() { HostName = "mail.example.test", Guard = new() { ExemptNetworks = NetworkList.None, TarpitAfter = 0, TarpitDelay = TimeSpan.FromMinutes(1) } };
        await using SmtpConversation talk = new(options: options);
        await talk.SendAsync("A\r\n");
        talk.BeginDrain();
        Assert.Contains("421 4.3.2 ", await talk.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_waits_is_greeted_when_the_delay_has_passed()
    {
        ManualTimeProvider time = new();
        GuardOptions guard = new() { ExemptNetworks = NetworkList.None, GreetingDelay = TimeSpan.FromSeconds(3) };
        await using SmtpConversation talk = new(time: time, stages: [new GreetingDelay(guard)]);
        Task<string> said = talk.ReadToEndAsync();
        while (time.ArmedTimers == 0)
            await Task.Yield();
        time.Advance(TimeSpan.FromSeconds(3));
        talk.BeginDrain();
        Assert.StartsWith("220 mail.example.test ", await said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_wait_is_refused()
    {
        await using SmtpConversation talk = new(stages: [new GreetingDelay(new() { ExemptNetworks = NetworkList.None, GreetingDelay = TimeSpan.FromSeconds(3) })]);
        Assert.StartsWith("554 5.5.0 mail.example.test ", await talk.PlayAsync("HELO x\r\nQUIT\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[192.0.2.1]", "192.0.2.1", true)]
    [InlineData("[192.0.2.1]", "::ffff:192.0.2.1", true)]
    [InlineData("[192.0.2.2]", "192.0.2.1", false)]
    [InlineData("[IPv6:2001:db8::1]", "2001:db8::1", true)]
    [InlineData("[ipv6:2001:db8:0::1]", "2001:db8::1", true)]
    [InlineData("[IPv6:2001:db8::2]", "2001:db8::1", false)]
    [InlineData("[x-tag:y]", "192.0.2.1", false)]
    public void Literals_are_compared_as_addresses(string literal, string address, bool same)
        => Assert.Equal(same, HelloPolicy.IsLiteralOf(literal, IPAddress.Parse(address)));

    [Fact]
    public void A_rate_lets_a_periods_share_through_at_once_and_then_one_at_a_time()
    {
        ManualTimeProvider time = new();
        RateTable rates = new(time);
        TimeSpan hour = TimeSpan.FromHours(1);
        Assert.Equal([0, 0, 0, 20], Enumerable.Range(0, 4).Select(_ => (int)rates.Take(1, 3, hour).TotalMinutes));
        Assert.Equal(TimeSpan.Zero, rates.Take(2, 3, hour));
        time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal([0, 20], Enumerable.Range(0, 2).Select(_ => (int)rates.Take(1, 3, hour).TotalMinutes));
        Assert.Equal(TimeSpan.Zero, rates.Take(1, 0, hour));
    }

    [Fact]
    public void A_rate_table_is_bounded_and_forgets_who_is_quiet()
    {
        ManualTimeProvider time = new();
        RateTable rates = new(time, capacity: 10);
        for (uint key = 0; key < 1000; key++)
            Assert.Equal(TimeSpan.Zero, rates.Take(key, 1, TimeSpan.FromHours(1)));
        Assert.Equal(10, rates.Count);
        Assert.NotEqual(TimeSpan.Zero, rates.Take(999, 1, TimeSpan.FromHours(1)));
        time.Advance(TimeSpan.FromHours(1));
        rates.Take(1, 1, TimeSpan.FromHours(1));
        Assert.Equal(1, rates.Count);
    }

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.200", true)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.200", true)]
    [InlineData("192.0.2.0/24", "192.0.3.1", false)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("2001:db8::/32", "192.0.2.1", false)]
    public void A_network_has_its_addresses(string network, string address, bool has)
    {
        Assert.True(NetworkList.TryParse(network, out IPNetwork parsed));
        Assert.Equal(has, new NetworkList([parsed]).Contains(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("127.1")]
    [InlineData("192.0.2.0/33")]
    [InlineData("192.0.2.1/24")]
    [InlineData("fe80::1%eth0")]
    [InlineData("example.org")]
    [InlineData("")]
    public void What_is_no_network_is_not_read(string text) => Assert.False(NetworkList.TryParse(text, out _));

    [Fact]
    public void Strangers_are_not_exempt() => Assert.False(s_strangers.ExemptNetworks.Contains(IPAddress.Loopback));
}
