using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Smtp;

namespace FullStack.Unit.Queue;

/// <summary>Where mail goes next.</summary>
public sealed class RouteTableTests
{
    private static readonly RouteTable s_routes = new(
    [
        new("exact.test", "*", Host("exact")),
        new(".below.test", "*", Host("below")),
        new("*", "boss.test", Host("boss")),
        new("*", "<>", Host("notices")),
        new("direct.test", "*", null),
        new("*", "*", Host("smart")),
    ]);

    [Theory]
    [InlineData("a@x.test", "exact.test", "exact")]
    [InlineData("a@x.test", "EXACT.test", "exact")]
    [InlineData("a@x.test", "sub.exact.test", "smart")]
    [InlineData("a@x.test", "sub.below.test", "below")]
    [InlineData("a@x.test", "a.b.below.test", "below")]
    [InlineData("a@x.test", "below.test", "smart")]
    [InlineData("a@x.test", "xbelow.test", "smart")]
    [InlineData("a@boss.test", "other.test", "boss")]
    [InlineData("a@boss.test", "exact.test", "exact")]
    [InlineData("", "other.test", "notices")]
    [InlineData("a@x.test", "direct.test", "direct.test")]
    public void The_first_route_that_fits_counts(string sender, string domain, string hop)
        => Assert.Equal(hop, s_routes.HopFor(QueueRig.PathOf(sender), new("joe", domain)).Name);

    [Fact]
    public void Without_a_route_a_domain_is_its_own_next_hop()
        => Assert.Equal(new NextHop("example.net", IsHost: false), new RouteTable([]).HopFor(ReversePath.Null, new("joe", "Example.NET")));

    private static NextHop Host(string name) => new(name, IsHost: true);
}
