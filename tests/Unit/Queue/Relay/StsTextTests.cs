using System.Text;
using FullStack.Queue.Relay.Sts;

namespace FullStack.Unit.Queue.Relay;

/// <summary>Records and policies of MTA-STS: RFC 8461 §3.1, §3.2, §4.1.</summary>
public sealed class StsTextTests
{
    private const string Good = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n";

    [Theory]
    [InlineData("v=STSv1; id=20160831085700Z;", "20160831085700Z")]
    [InlineData("v=STSv1;id=a", "a")]
    [InlineData("v=STSv1; \t id=a \t ; other=x:y/z ; ", "a")]
    [InlineData("v=STSv1; other=x; id=a", "a")]
    [InlineData("v=STSv1; id=a; id=b", "a")]
    [InlineData("v=STSv1; id=12345678901234567890123456789012;", "12345678901234567890123456789012")]
    [InlineData("v=STSv1; id=123456789012345678901234567890123;", null)]
    [InlineData("v=STSv1; id=a-b", null)]
    [InlineData("v=STSv1; id=", null)]
    [InlineData("v=STSv1; ID=a", null)]
    [InlineData("v=STSv1; x=1", null)]
    [InlineData("v=STSv1; id", null)]
    [InlineData("v=STSv1; id=a x", null)]
    [InlineData("v=STSv1; id=a;; x=1", null)]
    [InlineData("v=STSv1; id=a; -x=1", null)]
    [InlineData("v=STSv1; id=a; x=a=b", null)]
    [InlineData("v=STSv1;", null)]
    [InlineData("v=STSv1", null)]
    [InlineData("v=STSv2; id=a", null)]
    [InlineData("v=stsv1; id=a", null)]
    [InlineData(" v=STSv1; id=a", null)]
    [InlineData("id=a; v=STSv1;", null)]
    public void A_record_has_one_form(string text, string? id) => Assert.Equal(id, StsRecord.IdOf([text]));

    [Fact]
    public void Only_one_record_counts_and_other_texts_do_not()
    {
        Assert.Equal("a", StsRecord.IdOf(["v=spf1 -all", "v=STSv1; id=a", "v=STSv10; id=b"]));
        Assert.Null(StsRecord.IdOf(["v=STSv1; id=a", "v=STSv1; id=a"]));
        Assert.Null(StsRecord.IdOf([]));
    }

    [Fact]
    public void A_policy_is_read()
    {
        Assert.True(StsPolicy.TryParse(Encoding.UTF8.GetBytes(Good), out StsPolicy? policy));
        Assert.Equal((StsMode.Enforce, TimeSpan.FromDays(7)), (policy.Mode, policy.MaxAge));
        Assert.Equal(["mail.example.com", "*.example.net"], policy.Patterns);
    }

    [Theory]
    [InlineData("version: STSv1\nmode: testing\nmx: A.example.com  \nmax_age:1", "Testing 1 a.example.com")]
    [InlineData("version:STSv1\nmode:none\nmax_age:86400\n\n\n", "None 86400 ")]
    [InlineData("max_age: 0\nmx: a\nmode: enforce\nversion: STSv1", "Enforce 0 a")]
    [InlineData("version: STSv1\nversion: STSv2\nmode: enforce\nmode: none\nmx: a\nmax_age: 9999999999\nmax_age: 1", "Enforce 31557600 a")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a\nmax_age: 1\nx-later: \u00fc b: c", "Enforce 1 a")]
    [InlineData("version: STSv1\nmode: enforce\nmax_age: 1", null)]
    [InlineData("version: STSv1\nmode: enforced\nmx: a\nmax_age: 1", null)]
    [InlineData("version: STSv1\nmode: Enforce\nmx: a\nmax_age: 1", null)]
    [InlineData("version: STSv2\nmode: enforce\nmx: a\nmax_age: 1", null)]
    [InlineData("mode: enforce\nmx: a\nmax_age: 1", null)]
    [InlineData("version: STSv1\nmx: a\nmax_age: 1", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a\nmax_age: 1 day", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a\nmax_age: -1", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a\nmax_age: 00000000001", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a..b\nmax_age: 1", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: *\nmax_age: 1", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: *.*.a\nmax_age: 1", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a*.b\nmax_age: 1", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: b\u00fccher.example\nmax_age: 1", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a\nmax_age: 1\nno field", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a\nmax_age: 1\nempty:", null)]
    [InlineData("version: STSv1\nmode: enforce\nmx: a\nmax_age: 1\n-x: y", null)]
    [InlineData("version : STSv1\nmode: enforce\nmx: a\nmax_age: 1", null)]
    [InlineData("version: STSv1\rmode: enforce\rmx: a\rmax_age: 1", null)]
    [InlineData("<html>", null)]
    [InlineData("", null)]
    public void Policies_have_one_form(string text, string? expected)
    {
        bool valid = StsPolicy.TryParse(Encoding.UTF8.GetBytes(text), out StsPolicy? policy);
        Assert.Equal(expected, valid ? $"{policy!.Mode} {policy.MaxAge.TotalSeconds} {string.Join(' ', policy.Patterns)}" : null);
    }

    [Fact]
    public void A_policy_that_is_too_long_or_no_text_is_none()
    {
        byte[] good = Encoding.UTF8.GetBytes(Good);
        byte[] longest = [.. good, .. Enumerable.Repeat((byte)'\n', StsPolicy.MaxOctets - good.Length)];
        Assert.True(StsPolicy.TryParse(longest, out _));
        Assert.False(StsPolicy.TryParse([.. longest, (byte)'\n'], out _));
        Assert.False(StsPolicy.TryParse([.. good, 0xC3], out _));
        Assert.False(StsPolicy.TryParse([.. good, 0], out _));
    }

    [Theory]
    [InlineData("mail.example.com", true)]
    [InlineData("MAIL.Example.com", true)]
    [InlineData("a.mail.example.com", false)]
    [InlineData("example.com", false)]
    [InlineData("mx.example.net", true)]
    [InlineData("example.net", false)]
    [InlineData("foo.bar.example.net", false)]
    [InlineData(".example.net", false)]
    [InlineData("mxexample.net", false)]
    [InlineData("", false)]
    public void A_star_is_one_label(string host, bool named)
        => Assert.Equal(named, StsPolicy.TryParse(Encoding.UTF8.GetBytes(Good), out StsPolicy? policy) && policy.Names(host));

    [Fact]
    public void Damaged_policies_are_read_to_an_end()
    {
        Random random = new(20260302);
        byte[] seed = Encoding.UTF8.GetBytes(Good);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] octets = [.. seed];
            for (int hits = random.Next(1, 5); hits > 0; hits--)
                octets[random.Next(octets.Length)] = random.Next(4) switch { 0 => (byte)'\n', 1 => (byte)':', 2 => (byte)'*', _ => (byte)random.Next(256) };
            if (StsPolicy.TryParse(octets, out StsPolicy? policy))
                Assert.True(policy.Patterns.Count > 0 || policy.Mode == StsMode.None);
        }
    }
}
