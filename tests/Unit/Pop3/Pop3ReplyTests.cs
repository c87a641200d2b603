using System.Reflection;
using System.Text;
using FullStack.Pop3.Server;
using FullStack.Store;

namespace FullStack.Unit.Pop3;

public sealed class Pop3ReplyTests
{
    public static TheoryData<StoreError, string> Codes => new()
    {
        { StoreError.NotFound, "-ERR the message" },
        { StoreError.AlreadyExists, "-ERR [SYS/PERM]" },
        { StoreError.ReadOnly, "-ERR [SYS/PERM]" },
        { StoreError.OverQuota, "-ERR [SYS/TEMP]" },
        { StoreError.InUse, "-ERR [IN-USE]" },
        { StoreError.Gone, "-ERR" },
        { StoreError.TooBig, "-ERR [SYS/PERM]" },
        { StoreError.BadName, "-ERR [SYS/PERM]" },
        { StoreError.NotPermitted, "-ERR [SYS/PERM]" },
        { StoreError.Denied, "-ERR [SYS/PERM]" },
        { StoreError.NoSpace, "-ERR [SYS/TEMP]" },
        { StoreError.Unavailable, "-ERR [SYS/TEMP]" },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public void Storage_errors_have_their_codes(StoreError error, string start)
        => Assert.StartsWith(start, Encoding.ASCII.GetString(Pop3Reply.Err(error).Line), StringComparison.Ordinal);

    [Fact]
    public void Every_storage_error_has_a_reply()
    {
        foreach (StoreError error in Enum.GetValues<StoreError>().Where(static e => e != StoreError.None))
            Assert.False(Pop3Reply.Err(error).IsOk);
    }

    [Fact]
    public void Every_reply_is_one_line_of_at_most_512_octets()
    {
        IEnumerable<Pop3Reply> catalogue = typeof(Pop3Reply).GetProperties(BindingFlags.Static | BindingFlags.Public)
            .Select(static property => (Pop3Reply)property.GetValue(null)!);
        foreach (Pop3Reply reply in catalogue)
        {
            string line = Encoding.ASCII.GetString(reply.Line);
            Assert.StartsWith(reply.IsOk ? "+OK " : "-ERR ", line, StringComparison.Ordinal);
            Assert.InRange(line.Length, 6, 512); // RFC 2449 §4
            Assert.Equal(line.Length - 2, line.IndexOf("\r\n", StringComparison.Ordinal));
            Assert.DoesNotContain('?', line);
        }
    }
}
