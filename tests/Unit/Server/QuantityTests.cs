using FsCheck;
using FsCheck.Fluent;
using FullStack.Server.Configuration;

namespace FullStack.Unit.Server;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1234", 1234)]
    [InlineData("7B", 7)]
    [InlineData("64KiB", 65536)]
    [InlineData("50MiB", 50L << 20)]
    [InlineData("50 MiB", 50L << 20)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Sizes_have_a_unit_or_none(string text, long octets)
    {
        Assert.True(Quantity.TryParseSize(text, out long value));
        Assert.Equal(octets, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5MiB")]
    [InlineData("50MB")]
    [InlineData("50mib")]
    [InlineData("1 000")]
    [InlineData("9223372036854775808")]
    [InlineData("9007199254740993GiB")]
    public void Not_sizes(string text) => Assert.False(Quantity.TryParseSize(text, out _));

    [Theory]
    [InlineData("30s", 30_000)]
    [InlineData("10m", 600_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("250ms", 250)]
    [InlineData("0s", 0)]
    public void Durations_have_a_unit(string text, long milliseconds)
    {
        Assert.True(Quantity.TryParseDuration(text, out TimeSpan value));
        Assert.Equal(milliseconds, value.TotalMilliseconds);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("-3s")]
    [InlineData("1w")]
    [InlineData("1h30m")]
    [InlineData("99999999999d")]
    public void Not_durations(string text) => Assert.False(Quantity.TryParseDuration(text, out _));

    [Fact]
    public void What_is_written_is_read_as_the_same()
    {
        Prop.ForAll<uint, ushort>((number, factor) =>
        {
            long octets = (long)number * (factor + 1);
            TimeSpan time = TimeSpan.FromMilliseconds(octets);
            return Quantity.TryParseSize(Quantity.FormatSize(octets), out long size) && size == octets
                && Quantity.TryParseDuration(Quantity.FormatDuration(time), out TimeSpan back) && back == time;
        }).QuickCheckThrowOnFailure();
    }
}
