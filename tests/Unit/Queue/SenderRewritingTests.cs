using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Harness;
using FullStack.Queue.Srs;
using FullStack.Smtp;

namespace FullStack.Unit.Queue;

/// <summary>The texts of addresses are those that libmail-srs-perl makes of the same key and day.</summary>
public sealed class SenderRewritingTests
{
    private static readonly byte[] s_key = Encoding.ASCII.GetBytes("a secret of sixteen and more");
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData("alice@example.org", "SRS0=Y1i2=BC=example.org=alice")]
    [InlineData("SRS0=HHHH=TT=example.org=alice@f0.test", "SRS1=cxQ+=f0.test==HHHH=TT=example.org=alice")]
    [InlineData("SRS1=XXXX=f0.test==HHHH=TT=example.org=alice@elsewhere.test", "SRS1=cxQ+=f0.test==HHHH=TT=example.org=alice")]
    public void Senders_are_rewritten_as_others_do(string sender, string local)
        => Assert.Equal($"<{local}@f1.test>", Rewriting().Rewrite(Path(sender)).ToString());

    [Fact]
    public void Senders_of_ours_and_none_stay()
    {
        Assert.Equal(ReversePath.Null, Rewriting().Rewrite(ReversePath.Null));
        Assert.Equal(Path("x@F1.test"), Rewriting().Rewrite(Path("x@F1.test")));
    }

    [Fact]
    public void A_sender_that_would_get_too_long_stays()
        => Assert.Equal(Path($"{new string('a', 60)}@example.org"), Rewriting().Rewrite(Path($"{new string('a', 60)}@example.org")));

    [Fact]
    public void Rewritten_addresses_lead_back() => Prop.ForAll(
        Gen.Elements("alice", "a=b", "a+b", "SRS", "srs0x", "x.y-z").ToArbitrary(), Gen.Elements("example.org", "a.b.c.test", "x-y.test").ToArbitrary(),
        Gen.Choose(0, 3000).ToArbitrary(), (local, domain, days) =>
        {
            ManualTimeProvider time = new();
            time.Advance(TimeSpan.FromDays(days));
            ReversePath made = Rewriting(time).Rewrite(new(local, domain));
            time.Advance(TimeSpan.FromDays(21));
            bool known = Rewriting(time).Resolve(Swapped(made.Address!), out MailboxAddress? origin) == SrsOutcome.Good;
            time.Advance(TimeSpan.FromDays(1));
            return known && origin!.LocalPart.Equals(local, StringComparison.OrdinalIgnoreCase) && origin.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase)
                && Rewriting(time).Resolve(made.Address!, out origin) == SrsOutcome.Expired && origin is null;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_two_forwarders_rewrote_leads_to_the_first_of_them()
    {
        ReversePath first = Rewriting(domain: "f0.test").Rewrite(Path("alice@example.org"));
        ReversePath second = Rewriting().Rewrite(first);
        Assert.Equal(SrsOutcome.Good, Rewriting().Resolve(second.Address!, out MailboxAddress? forwarder));
        Assert.Equal(first.Address, forwarder);
        Assert.Equal(SrsOutcome.Good, Rewriting(domain: "f0.test").Resolve(forwarder!, out MailboxAddress? origin));
        Assert.Equal("alice@example.org", origin!.ToString());
    }

    [Theory]
    [InlineData("SRS0=Y1ix=BC=example.org=alice", SrsOutcome.Forged)]
    [InlineData("SRS0=Y1i2=BA=example.org=alice", SrsOutcome.Forged)]
    [InlineData("SRS0=Y1i2=BC=example.org=bob", SrsOutcome.Forged)]
    [InlineData("SRS0=Y1i=BC=example.org=alice", SrsOutcome.Forged)]
    [InlineData("SRS0=Y1i2=BC=example.org", SrsOutcome.Forged)]
    [InlineData("SRS0==", SrsOutcome.Forged)]
    [InlineData("SRS1=cxQ+=f0.test==HHHH=TT=example.org=bob", SrsOutcome.Forged)]
    [InlineData("SRS1=cxQ+=f0.test", SrsOutcome.Forged)]
    [InlineData("SRS", SrsOutcome.NotRewritten)]
    [InlineData("srs0", SrsOutcome.NotRewritten)]
    [InlineData("alice", SrsOutcome.NotRewritten)]
    [InlineData("SRS0+Y1i2=BC=example.org=alice", SrsOutcome.Good)]
    public void Others_cannot_make_them(string local, SrsOutcome outcome)
        => Assert.Equal(outcome, Rewriting().Resolve(new(local, "f1.test"), out _));

    [Fact]
    public void A_new_key_makes_addresses_and_old_ones_still_check()
    {
        byte[] other = Encoding.ASCII.GetBytes("another secret, even longer");
        ReversePath old = Rewriting().Rewrite(Path("alice@example.org"));
        SenderRewriting both = new("f1.test", [other, s_key], _time);
        Assert.Equal(SrsOutcome.Good, both.Resolve(old.Address!, out _));
        Assert.NotEqual(old, both.Rewrite(Path("alice@example.org")));
        Assert.Equal(SrsOutcome.Forged, new SenderRewriting("f1.test", [other], _time).Resolve(old.Address!, out _));
    }

    [Fact]
    public void Keys_are_made_where_there_are_none_and_are_private()
    {
        using ScratchFolder folder = new();
        string file = folder.File("srs.keys");
        byte[] made = Assert.Single(SrsKeys.Load(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        File.WriteAllText(file, "# new\nanother key of some length\n" + File.ReadAllText(file));
        Assert.Equal(["another key of some length", Encoding.ASCII.GetString(made)], SrsKeys.Load(file).Select(Encoding.ASCII.GetString));
        File.WriteAllText(file, "short\n");
        Assert.Throws<IOException>(() => SrsKeys.Load(file));
    }

    private SenderRewriting Rewriting(ManualTimeProvider? time = null, string domain = "f1.test") => new(domain, [s_key], time ?? _time);

    private static ReversePath Path(string text) => MailboxAddress.TryParse(text, out MailboxAddress? address) ? ReversePath.To(address) : throw new ArgumentException(text);

    /// <summary>Another host may have changed the case of all letters.</summary>
    private static MailboxAddress Swapped(MailboxAddress address) => address with { LocalPart = address.LocalPart.ToUpperInvariant(), Domain = address.Domain.ToUpperInvariant() };
}
