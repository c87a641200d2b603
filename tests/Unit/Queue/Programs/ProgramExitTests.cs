using FullStack.Queue.Programs;

namespace FullStack.Unit.Queue.Programs;

/// <summary>What each exit code of sysexits.h comes to, for programs of aliases and of .courier files.</summary>
public sealed class ProgramExitTests
{
    [Theory]
    [InlineData(0, "2.1.5", "2.1.5")]
    [InlineData(1, "5.3.0", "4.3.0")]
    [InlineData(64, "5.3.5", "5.3.5")] // EX_USAGE
    [InlineData(65, "5.6.0", "5.6.0")] // EX_DATAERR
    [InlineData(66, "5.3.0", "4.3.0")] // EX_NOINPUT
    [InlineData(67, "5.1.1", "5.1.1")] // EX_NOUSER
    [InlineData(68, "5.1.2", "5.1.2")] // EX_NOHOST
    [InlineData(69, "5.3.0", "5.3.0")] // EX_UNAVAILABLE
    [InlineData(70, "5.3.0", "5.3.0")] // EX_SOFTWARE
    [InlineData(71, "4.3.0", "4.3.0")] // EX_OSERR
    [InlineData(72, "5.3.0", "4.3.0")] // EX_OSFILE
    [InlineData(73, "5.2.0", "4.3.0")] // EX_CANTCREAT
    [InlineData(74, "4.3.0", "4.3.0")] // EX_IOERR
    [InlineData(75, "4.3.0", "4.3.0")] // EX_TEMPFAIL
    [InlineData(76, "5.5.0", "5.5.0")] // EX_PROTOCOL
    [InlineData(77, "5.7.0", "5.7.0")] // EX_NOPERM
    [InlineData(78, "5.3.5", "5.3.5")] // EX_CONFIG
    [InlineData(99, "5.3.0", "2.1.5")]
    [InlineData(100, "5.3.0", "5.3.0")]
    [InlineData(112, "5.3.0", "5.3.0")]
    [InlineData(126, "4.3.5", "4.3.5")]
    [InlineData(127, "4.3.5", "4.3.5")]
    [InlineData(137, "4.3.0", "4.3.0")]
    public void A_code_is_a_status(int code, string ofAlias, string ofCourier)
    {
        Assert.Equal(ofAlias, ProgramExit.StatusOf(code, isCourier: false, "").Status.ToString());
        Assert.Equal(ofCourier, ProgramExit.StatusOf(code, isCourier: true, "").Status.ToString());
    }
}
