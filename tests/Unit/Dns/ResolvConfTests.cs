using System.Net;
using FullStack.Dns;
using FullStack.Dns.Servers;
using FullStack.Harness;
using FullStack.Harness.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Dns;

/// <summary>/etc/resolv.conf as resolv.conf(5) has it, and the servers of the configuration.</summary>
public sealed class ResolvConfTests
{
    [Fact]
    public void Servers_and_options_are_read()
    {
        ResolvConf file = ResolvConf.Parse("""
            # made by hand
            ; and this
            domain example.org
            search example.org example.net
            nameserver 192.0.2.53
            	nameserver	2001:db8::53
            nameserver fe80::1%1   # of the router
            nameserver 192.0.2.99
            options edns0 timeout:3 attempts:4 rotate trust-ad
            sortlist 130.155.160.0
            """);
        Assert.Equal(["192.0.2.53:53", "[2001:db8::53]:53", "[fe80::1%1]:53"], file.Servers.Select(static server => server.ToString()));
        Assert.Equal((TimeSpan.FromSeconds(3), 4, true), (file.Timeout, file.Attempts, file.TrustsSecure));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nameserver 192.0.2.53")]
    [InlineData("nameserver")]
    [InlineData("nameserver localhost\nnameservers 192.0.2.1\noptions timeout:0 attempts: timeout:x attempts:-1")]
    public void What_says_nothing_is_this_host(string text)
    {
        ResolvConf file = ResolvConf.Parse(text);
        Assert.Equal("127.0.0.1:53", file.Servers.Single().ToString());
        Assert.Equal((null, null, false), (file.Timeout, file.Attempts, file.TrustsSecure));
    }

    [Fact]
    public void Numbers_have_bounds()
    {
        ResolvConf file = ResolvConf.Parse("options timeout:4000000000 attempts:99");
        Assert.Equal((TimeSpan.FromSeconds(30), 5), (file.Timeout, file.Attempts));
    }

    [Fact]
    public void A_file_that_is_not_there_or_far_too_long_says_nothing()
    {
        using ScratchFolder folder = new();
        Assert.Same(ResolvConf.Default, ResolvConf.Load(folder.File("none")));
        File.WriteAllText(folder.File("long"), $"nameserver 192.0.2.1\n{new string('#', 70_000)}");
        Assert.Same(ResolvConf.Default, ResolvConf.Load(folder.File("long")));
        Assert.Same(ResolvConf.Default, ResolvConf.Load(folder.FullPath));
    }

    [Fact]
    public void A_change_is_seen()
    {
        using ScratchFolder folder = new();
        ManualTimeProvider time = new();
        string file = folder.File("resolv.conf");
        File.WriteAllText(file, "nameserver 192.0.2.1\noptions trust-ad");
        ServerList list = new(new(), file, time, NullLogger.Instance);
        ServerChoice first = list.Current;
        Assert.Equal(("192.0.2.1:53", true), (first.Servers.Single().EndPoint.ToString(), first.Servers.Single().IsTrusted));
        Assert.Equal((TimeSpan.FromSeconds(5), 2), (first.Timeout, first.Attempts));
        File.WriteAllText(file, "nameserver 192.0.2.22\noptions timeout:1");
        Assert.Same(first, list.Current);
        time.Advance(TimeSpan.FromSeconds(5));
        ServerChoice second = list.Current;
        Assert.Equal(("192.0.2.22:53", false, TimeSpan.FromSeconds(1)), (second.Servers.Single().EndPoint.ToString(), second.Servers.Single().IsTrusted, second.Timeout));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Same(second, list.Current);
        File.Delete(file);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("127.0.0.1:53", list.Current.Servers.Single().EndPoint.ToString());
    }

    /// <summary>Programs that manage the file leave a link to theirs.</summary>
    [Fact]
    public void A_change_behind_a_link_is_seen()
    {
        using ScratchFolder folder = new();
        ManualTimeProvider time = new();
        string file = folder.File("stub-resolv.conf");
        File.WriteAllText(file, "nameserver 192.0.2.1");
        File.CreateSymbolicLink(folder.File("resolv.conf"), file);
        ServerList list = new(new(), folder.File("resolv.conf"), time, NullLogger.Instance);
        Assert.Equal("192.0.2.1:53", list.Current.Servers.Single().EndPoint.ToString());
        File.WriteAllText(file, "nameserver 192.0.2.2");
        File.SetLastWriteTimeUtc(file, new DateTime(2026, 3, 2, 0, 0, 0, DateTimeKind.Utc));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("192.0.2.2:53", list.Current.Servers.Single().EndPoint.ToString());
    }

    [Theory]
    [InlineData("192.0.2.53", "192.0.2.53:53")]
    [InlineData("127.0.0.1:5353", "127.0.0.1:5353")]
    [InlineData("2001:db8::53", "[2001:db8::53]:53")]
    [InlineData("[2001:db8::53]", "[2001:db8::53]:53")]
    [InlineData("[::1]:5353", "[::1]:5353")]
    [InlineData("127.1", null)]
    [InlineData("localhost", null)]
    [InlineData("192.0.2.53:0", null)]
    [InlineData("192.0.2.53:99999", null)]
    [InlineData("", null)]
    public void Servers_are_addresses(string text, string? expected)
    {
        Assert.Equal(expected is not null, ServerAddress.TryParse(text, out IPEndPoint? server));
        Assert.Equal(expected, server?.ToString());
    }
}
