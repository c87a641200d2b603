using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Unit.Imap.Server;

public sealed class ImapCompletionTests
{
    [Theory]
    [InlineData(StoreError.NotFound, "NONEXISTENT")]
    [InlineData(StoreError.AlreadyExists, "ALREADYEXISTS")]
    [InlineData(StoreError.ReadOnly, "NOPERM")]
    [InlineData(StoreError.OverQuota, "OVERQUOTA")]
    [InlineData(StoreError.InUse, "INUSE")]
    [InlineData(StoreError.Gone, "EXPUNGEISSUED")]
    [InlineData(StoreError.TooBig, "TOOBIG")]
    [InlineData(StoreError.BadName, "CANNOT")]
    [InlineData(StoreError.NotPermitted, "CANNOT")]
    [InlineData(StoreError.Denied, "NOPERM")]
    [InlineData(StoreError.NoSpace, "UNAVAILABLE")]
    [InlineData(StoreError.Unavailable, "UNAVAILABLE")]
    public void Each_refusal_of_the_store_has_its_code(StoreError error, string code)
    {
        Assert.Equal((ImapStatus.No, code), (ImapCompletion.No(error).Status, ImapCompletion.No(error).Code));
        Assert.Equal(error == StoreError.NotFound ? "TRYCREATE" : code, ImapCompletion.NoTarget(error).Code);
    }

    [Fact]
    public void No_refusal_of_the_store_is_without_answer()
    {
        foreach (StoreError error in Enum.GetValues<StoreError>().Where(static error => error != StoreError.None))
            Assert.NotNull(ImapCompletion.No(error).Code);
    }

    [Fact]
    public void Copied_uids_are_paired_in_order()
    {
        CopyOutcome outcome = new(new(38), [new(304), new(319), new(320)], [new(3956), new(3957), new(3958)]);
        Assert.Equal("COPYUID 38 304,319:320 3956:3958", ResponseCodes.CopyUid(outcome));
        CopyOutcome reversed = new(new(1), [new(2), new(1)], [new(7), new(8)]);
        Assert.Equal("COPYUID 1 2,1 7:8", ResponseCodes.CopyUid(reversed));
    }

    [Fact]
    public void Codes_with_numbers_are_written_as_sets()
    {
        Assert.Equal("APPENDUID 5 9", ResponseCodes.AppendUid(new(new(5), [new(9)])));
        Assert.Equal("APPENDUID 5 9:10,12", ResponseCodes.AppendUid(new(new(5), [new(9), new(10), new(12)])));
        Assert.Equal("MODIFIED 1:3,7", ResponseCodes.Modified(NumberRanges.From([1u, 2, 3, 7])));
    }
}
