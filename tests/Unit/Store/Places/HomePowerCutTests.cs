using FullStack.Harness;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Places;
using FullStack.Store.Posix;
using FullStack.Unit.Store.Faults;

namespace FullStack.Unit.Store.Places;

/// <summary>Cuts the power at each step of an account's first delivery into a home, and opens a store on each disk that the cut may leave, with the homes in their places.</summary>
public sealed class HomePowerCutTests : IAccountPlaces, IDisposable
{
    private const int Seed = 20261122;

    private readonly string _folder = Directory.CreateTempSubdirectory("fullstack-cut-").FullName; // not below /dev, where no home may be

    private string Root => Path.Combine(_folder, "mail");
    private string Home => Path.Combine(_folder, "homes", "alice");

    public ValueTask<WantedPlace> OfAsync(AccountName account, CancellationToken ct) => new(new WantedPlace(true, Home, "Maildir"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Power_cut_at_the_first_delivery_leaves_an_account_that_can_be_used(bool hasEmptyOne)
    {
        Journal journal = new();
        JournalFiles disk = new(new PosixFiles(SyncMode.None), _folder, journal);
        foreach (string directory in (string[])[Path.GetDirectoryName(Home)!, Home])
        {
            disk.MakeDirectory(FilePath.Of(directory));
            disk.SyncDirectory(FilePath.Of(Path.GetDirectoryName(directory)!));
        }

        if (hasEmptyOne)
        {
            await using TempStore former = new(disk, Root) { KeepsRoot = true };
            await former.AccountAsync();
        }

        int begun, acknowledged;
        await using (TempStore temp = Open(disk))
        {
            begun = journal.Count;
            Assert.True((await temp.DeliverAsync("first")).Ok);
            acknowledged = journal.Count;
        }

        HashSet<string> done = [];
        for (int cut = acknowledged; cut >= begun; cut--)
        {
            foreach (DiskImage image in journal.Outcomes(cut, Seed + cut))
            {
                if (done.Add(image.Digest))
                    await CheckAsync(image, cut == acknowledged);
            }
        }

        Assert.True(done.Count > 10);
    }

    private async Task CheckAsync(DiskImage image, bool isAcknowledged)
    {
        Directory.Delete(_folder, recursive: true);
        Directory.CreateDirectory(_folder);
        image.WriteTo(_folder, IndexState.Lost);
        await using TempStore temp = Open(null);
        Result<AccountLease> lease = await temp.Store.OpenAccountAsync(TempStore.Name(), TempStore.Ct);
        Assert.True(lease.Ok, image.ToString());
        using (lease.Value)
        {
            using MailboxView view = await TempStore.OpenAsync(lease.Value.Account);
            Assert.InRange(view.Count, isAcknowledged ? 1 : 0, 1);
        }

        Assert.True((await temp.DeliverAsync("next")).Ok);
        Assert.NotEmpty(MaildirFiles.In(Path.Combine(Home, "Maildir")));
        Assert.Empty(MaildirFiles.In(temp.Maildir()));
        await temp.CheckAsync();
    }

    private TempStore Open(IMaildirFiles? files)
        => new(files, Root, change: options => options with { Place = StorePlace.Home, HomeRoots = [Path.Combine(_folder, "homes")] }, places: this) { KeepsRoot = true };
}
