using FullStack.Pop3.Server;
using FullStack.Unit.Net;

namespace FullStack.Unit.Pop3;

public sealed class LoginTimesTests
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMinutes(1);

    private readonly PipePair _pair = new();

    [Fact]
    public void A_login_counts_for_as_long_as_the_delay()
    {
        LoginTimes times = new(_pair.Time);
        Assert.True(times.TryLogIn("a@b", s_delay));
        Assert.False(times.TryLogIn("a@b", s_delay));
        Assert.True(times.TryLogIn("b@b", s_delay));
        _pair.Time.Advance(s_delay);
        Assert.True(times.TryLogIn("a@b", s_delay));
        Assert.False(times.TryLogIn("a@b", s_delay));
    }

    [Fact]
    public void Without_a_delay_nobody_is_remembered()
    {
        LoginTimes times = new(_pair.Time);
        Assert.True(times.TryLogIn("a@b", TimeSpan.Zero));
        Assert.True(times.TryLogIn("a@b", s_delay));
    }

    [Fact]
    public void Many_accounts_are_forgotten_again()
    {
        LoginTimes times = new(_pair.Time);
        for (int i = 0; i < 3000; i++)
        {
            Assert.True(times.TryLogIn($"{i}@b", s_delay));
            _pair.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(times.Count, 1, 1100);
    }
}
