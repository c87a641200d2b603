using System.Net;
using FullStack.Auth.Throttling;
using FullStack.Harness;

namespace FullStack.Unit.Auth;

public sealed class FailureTableTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Delays_double_and_end_at_the_limit()
    {
        FailureTable table = new(_time);
        Assert.Equal(TimeSpan.Zero, table.WaitOf(7));
        Assert.Equal([1, 2, 4, 8, 15, 15], Enumerable.Range(0, 6).Select(_ => Fail(table, 7).TotalSeconds));
        for (int i = 0; i < 100; i++)
            Assert.Equal(15, Fail(table, 7).TotalSeconds);
        Assert.Equal(TimeSpan.FromSeconds(15), table.WaitOf(7));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(5), table.WaitOf(7));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, table.WaitOf(7));
        Assert.True(table.HasFailed(7));
        _time.Advance(FailureTable.ForgetAfter);
        Assert.False(table.HasFailed(7));
        Assert.Equal(1, Fail(table, 7).TotalSeconds);
    }

    [Fact]
    public void Size_is_bounded_and_the_oldest_goes_first()
    {
        FailureTable table = new(_time, capacity: 3);
        foreach (int key in new[] { 1, 2, 3, 1, 4 })
            Fail(table, (UInt128)key);
        Assert.Equal(3, table.Count);
        Assert.False(table.HasFailed(2));
        Assert.True(table.HasFailed(1));
        Assert.True(table.HasFailed(4));
    }

    [Fact]
    public void Forgotten_keys_leave_the_table()
    {
        FailureTable table = new(_time);
        for (int key = 0; key < 50; key++)
            Fail(table, (UInt128)key);
        _time.Advance(FailureTable.ForgetAfter + TimeSpan.FromSeconds(1));
        Fail(table, 99);
        Assert.Equal(1, table.Count);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("fe80::1%3", "fe80::2%4", true)]
    public void Networks_are_one_IPv4_address_or_an_IPv6_64(string first, string second, bool same)
        => Assert.Equal(same, ThrottleKey.OfNetwork(IPAddress.Parse(first)) == ThrottleKey.OfNetwork(IPAddress.Parse(second)));

    private static TimeSpan Fail(FailureTable table, UInt128 key) => table.Fail(key, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));
}
