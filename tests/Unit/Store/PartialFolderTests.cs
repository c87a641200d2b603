using System.Text;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Store.Spool;

namespace FullStack.Unit.Store;

/// <summary>Files that grow, and what of them counts after a crash.</summary>
public sealed class PartialFolderTests : IAsyncDisposable
{
    private readonly FailingFiles _files = new(new PosixFiles(SyncMode.None));
    private readonly TempStore _temp;
    private readonly PartialFolder _folder;

    public PartialFolderTests()
    {
        _temp = new TempStore(_files);
        _folder = _temp.Store.OpenPartials(Root);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Root => Path.Combine(_temp.Root, ".partial");

    public ValueTask DisposeAsync() => _temp.DisposeAsync();

    [Fact]
    public async Task What_was_synced_is_there_again_and_goes_on()
    {
        using (PartialFile file = (await _folder.CreateAsync("a", "head"u8.ToArray())).Value)
        {
            await file.AppendAsync("one "u8.ToArray(), Ct);
            await file.SyncAsync();
            await file.AppendAsync("lost"u8.ToArray(), Ct);
        }

        using (PartialFile file = (await _folder.OpenAsync("a")).Value)
        {
            Assert.Equal(("head", "one "), (Encoding.ASCII.GetString(file.Head.Span), await TextOfAsync(file)));
            await file.AppendAsync("two three"u8.ToArray(), Ct);
            await file.CutToAsync(7);
        }

        using PartialFile again = (await _folder.OpenAsync("a")).Value;
        Assert.Equal("one two", await TextOfAsync(again));
        Assert.Equal("a", Assert.Single(await _folder.ListAsync()).Name);
    }

    [Fact]
    public async Task A_long_one_is_synced_as_it_grows()
    {
        using (PartialFile file = (await _folder.CreateAsync("a", [])).Value)
        {
            for (int i = 0; i < 40; i++)
                await file.AppendAsync(new byte[100_000], Ct);
        }

        using PartialFile again = (await _folder.OpenAsync("a")).Value;
        Assert.InRange(again.Octets, 3_000_000, 4_000_000);
    }

    [Theory]
    [InlineData(0, 0xFF)]
    [InlineData(8, 0x00)]
    [InlineData(16, 0xFF)]
    [InlineData(19, 0x7F)]
    public async Task A_damaged_one_is_none(int place, byte octet)
    {
        using (PartialFile file = (await _folder.CreateAsync("a", "head"u8.ToArray())).Value)
        {
            await file.AppendAsync("content"u8.ToArray(), Ct);
            await file.SyncAsync();
        }

        string path = Path.Combine(Root, "a");
        byte[] octets = await File.ReadAllBytesAsync(path, Ct);
        octets[place] = octet;
        await File.WriteAllBytesAsync(path, octets, Ct);
        Assert.Equal(StoreError.NotFound, (await _folder.OpenAsync("a")).Error);
        await File.WriteAllBytesAsync(path, octets[..Math.Min(octets.Length, place)], Ct);
        Assert.Equal(StoreError.NotFound, (await _folder.OpenAsync("a")).Error);
    }

    [Theory]
    [InlineData(1, "create")]
    [InlineData(2, "write")]
    [InlineData(3, "set time")]
    [InlineData(4, "sync")]
    [InlineData(5, "replace")]
    public async Task One_that_cannot_be_made_leaves_the_one_before(int number, string call)
    {
        using (PartialFile file = (await _folder.CreateAsync("a", "head"u8.ToArray())).Value)
            Assert.Equal(0, file.Octets);
        _files.Arm(number);
        Assert.False((await _folder.CreateAsync("a", "other"u8.ToArray())).Ok);
        Assert.Equal(call, _files.Calls[number - 1]);
        using PartialFile old = (await _folder.OpenAsync("a")).Value;
        Assert.Equal("head", Encoding.ASCII.GetString(old.Head.Span));
    }

    private static async Task<string> TextOfAsync(PartialFile file)
    {
        byte[] octets = new byte[file.Octets];
        Assert.Equal(octets.Length, await file.ReadAsync(octets, 0, Ct));
        Assert.Equal(0, await file.ReadAsync(new byte[10], file.Octets, Ct));
        return Encoding.ASCII.GetString(octets);
    }
}
