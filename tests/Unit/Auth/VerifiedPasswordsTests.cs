using FullStack.Auth.Passwords;
using FullStack.Harness;

namespace FullStack.Unit.Auth;

public sealed class VerifiedPasswordsTests
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(5);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Only_the_same_password_form_account_and_network_hit()
    {
        VerifiedPasswords verified = new(_time, s_lifetime);
        verified.Add(1, 2, "stored", "secret");
        Assert.True(verified.Contains(1, 2, "stored", "secret"));
        Assert.False(verified.Contains(1, 2, "stored", "other"));
        Assert.False(verified.Contains(1, 2, "changed", "secret"));
        Assert.False(verified.Contains(1, 2, "store", "dsecret"));
        Assert.False(verified.Contains(1, 3, "stored", "secret"));
        Assert.False(verified.Contains(2, 2, "stored", "secret"));
    }

    [Fact]
    public void Entries_expire()
    {
        VerifiedPasswords verified = new(_time, s_lifetime);
        verified.Add(1, 2, "stored", "secret");
        _time.Advance(s_lifetime);
        Assert.True(verified.Contains(1, 2, "stored", "secret"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(verified.Contains(1, 2, "stored", "secret"));
    }

    [Fact]
    public void Without_a_lifetime_nothing_is_remembered()
    {
        VerifiedPasswords verified = new(_time, TimeSpan.Zero);
        verified.Add(1, 2, "stored", "secret");
        Assert.False(verified.Contains(1, 2, "stored", "secret"));
    }

    [Fact]
    public void Guessing_removes_the_entry()
    {
        VerifiedPasswords verified = new(_time, s_lifetime);
        verified.Add(1, 2, "stored", "secret");
        for (int i = 1; i < VerifiedPasswords.MaxMisses; i++)
            Assert.False(verified.Contains(1, 2, "stored", $"guess {i}"));
        Assert.True(verified.Contains(1, 2, "stored", "secret"));
        for (int i = 0; i < VerifiedPasswords.MaxMisses; i++)
            Assert.False(verified.Contains(1, 2, "stored", $"guess {i}"));
        Assert.False(verified.Contains(1, 2, "stored", "secret"));
    }

    [Fact]
    public void Size_is_bounded()
    {
        VerifiedPasswords verified = new(_time, s_lifetime, capacity: 2);
        for (int account = 1; account <= 3; account++)
            verified.Add((UInt128)account, 0, "stored", "secret");
        Assert.False(verified.Contains(1, 0, "stored", "secret"));
        Assert.True(verified.Contains(2, 0, "stored", "secret"));
        Assert.True(verified.Contains(3, 0, "stored", "secret"));
    }
}
