using FsCheck;
using FsCheck.Fluent;
using FullStack.Dns;
using FullStack.Dns.Wire;

namespace FullStack.Unit.Dns;

/// <summary>Names as text and on the wire: RFC 1035 §2.3.4, §4.1.4.</summary>
public sealed class DnsNameTests
{
    private static readonly string s_label63 = new('a', 63);

    public static TheoryData<string, string?> Texts => new()
    {
        { "example.org", "example.org" },
        { "EXAMPLE.org.", "example.org" },
        { ".", "." },
        { "_25._tcp.mx.example.org", "_25._tcp.mx.example.org" },
        { "0/25.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa" },
        { "bücher.example", "xn--bcher-kva.example" },
        { "BÜCHER.example.", "xn--bcher-kva.example" },
        { "例え。テスト", "xn--r8jz45g.xn--zckzah" },
        { "straße.example", "xn--strae-oqa.example" },
        { s_label63, s_label63 },
        { $"{s_label63}.{s_label63}.{s_label63}.{new string('b', 61)}", $"{s_label63}.{s_label63}.{s_label63}.{new string('b', 61)}" },
        { $"{s_label63}.{s_label63}.{s_label63}.{new string('b', 62)}", null },
        { s_label63 + "a", null },
        { "", null },
        { "..", null },
        { "a..b", null },
        { ".a", null },
        { "a..", null },
        { "a b", null },
        { "a\\b", null },
        { "a\tb", null },
        { "a\u007f", null },
        { "a\0b", null },
        { "\ud800.example", null },
        { "xn--a.\u00fc\u0000", null },
        { new string('ü', 70) + ".example", null },
        { new string('a', 2000), null },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Text_is_a_name_or_none(string text, string? expected)
    {
        Assert.Equal(expected is not null, DnsName.TryParse(text, out DnsName? name));
        Assert.Equal(expected, name?.ToString());
    }

    [Fact]
    public void Names_compare_without_case()
    {
        Assert.True(DnsName.TryParse("Example.ORG", out DnsName? one));
        Assert.True(DnsName.TryParse("example.org.", out DnsName? other));
        Assert.True(one.Equals(other) && one.GetHashCode() == other.GetHashCode());
        Assert.False(one.Equals(DnsName.Root));
    }

    [Fact]
    public void Octets_that_are_no_plain_characters_are_told_apart()
    {
        DnsName dot = Read([3, (byte)'a', (byte)'.', (byte)'b', 0])!;
        DnsName odd = Read([4, 0, 0xFF, (byte)'\\', (byte)' ', 0])!;
        Assert.Equal("a\\.b", dot.ToString());
        Assert.Equal("\\000\\255\\\\\\032", odd.ToString());
        Assert.True(DnsName.TryParse("a.b", out DnsName? plain));
        Assert.False(dot.Equals(plain));
    }

    [Fact]
    public void A_label_is_put_before_a_name_as_long_as_there_is_room()
    {
        Assert.True(DnsName.TryParse("example.org", out DnsName? name));
        Assert.True(name.TryPrepend("_25._tcp", out DnsName? below));
        Assert.Equal("_25._tcp.example.org", below.ToString());
        Assert.True(DnsName.TryParse($"{s_label63}.{s_label63}.{s_label63}.{new string('b', 55)}", out DnsName? large));
        Assert.True(large.TryPrepend("_25a", out _));
        Assert.False(large.TryPrepend("_25._tcp", out _));
    }

    public static TheoryData<string, byte[]> Endless => new()
    {
        { "itself", [0xC0, 0] },
        { "forward", [0xC0, 2, 0] },
        { "round", [1, (byte)'a', 0xC0, 0] },
        { "cut off", [3, (byte)'a', (byte)'b'] },
        { "no end", [1, (byte)'a'] },
        { "half a pointer", [0xC0] },
        { "beyond the end", [0xFF, 0xFF] },
        { "extended label", [0x41, 0, 0] },
        { "reserved label", [0x80, 0] },
        { "nothing", [] },
    };

    [Theory]
    [MemberData(nameof(Endless))]
    public void A_name_that_does_not_end_is_none(string what, byte[] octets)
    {
        Assert.NotEmpty(what);
        Assert.Null(Read(octets));
    }

    [Fact]
    public void Two_pointers_at_each_other_are_no_name()
    {
        byte[] octets = [0xC0, 4, 0, 0, 0xC0, 0];
        DnsReader reader = new(octets) { Position = 4 };
        Assert.False(reader.TryReadName(out _));
    }

    [Fact]
    public void A_pointer_leads_back_and_what_follows_it_is_read_next()
    {
        byte[] octets = [3, (byte)'O', (byte)'R', (byte)'G', 0, 1, (byte)'a', 0xC0, 0, 1, (byte)'b', 0xC0, 5, 0x7F];
        DnsReader reader = new(octets) { Position = 9 };
        Assert.True(reader.TryReadName(out DnsName? name));
        Assert.Equal("b.a.org", name.ToString());
        Assert.True(reader.TryReadByte(out byte next) && next == 0x7F && reader.IsAtEnd);
    }

    [Theory]
    [InlineData(61, true)]
    [InlineData(62, false)]
    public void A_name_has_255_octets_at_most(int last, bool valid)
    {
        byte[] octets = [63, .. new byte[63], 63, .. new byte[63], 63, .. new byte[63], (byte)last, .. new byte[last], 0];
        Assert.Equal(valid, Read(octets) is not null);
    }

    [Fact]
    public void Any_octets_are_read_to_an_end()
        => Prop.ForAll<byte[]>(static octets =>
        {
            for (int at = 0; at <= octets.Length; at++)
            {
                DnsReader reader = new(octets) { Position = at };
                if (reader.TryReadName(out DnsName? name) && (reader.Position <= at || reader.Position > octets.Length || name.Wire.Length > 255))
                    return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static DnsName? Read(byte[] octets)
    {
        DnsReader reader = new(octets);
        return reader.TryReadName(out DnsName? name) ? name : null;
    }
}
