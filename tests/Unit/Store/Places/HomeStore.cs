using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Places;
using FullStack.Store.Posix;

namespace FullStack.Unit.Store.Places;

/// <summary>A folder with a store and homes, and a directory that says of each user what a test wants it to.</summary>
internal sealed class HomeStore : IDisposable, IAccountPlaces
{
    private readonly string _folder = Path.GetFullPath(Directory.CreateTempSubdirectory("fullstack-homes-").FullName);

    private readonly string? _otherData;

    /// <param name="data">Where the data folder is; null: beside the homes.</param>
    public HomeStore(string? data = null)
    {
        _otherData = data;
        Directory.CreateDirectory(Homes);
        MakeHome("alice");
    }

    public string Folder => _folder;
    public string Root => Path.Combine(_otherData ?? Path.Combine(_folder, "data"), "mail");
    public string Homes => Path.Combine(_folder, "homes");

    /// <summary>What the directory says of each user's home; users that are not here have homes of their names.</summary>
    public Dictionary<string, WantedPlace> Wanted { get; } = [];

    /// <summary>Whether the directory cannot be asked.</summary>
    public bool IsDown { get; set; }

    /// <summary>How many questions it was asked.</summary>
    public int Questions { get; private set; }

    public ValueTask<WantedPlace> OfAsync(AccountName account, CancellationToken ct)
    {
        Questions++;
        return IsDown ? throw new IOException("the directory is down") : new(Wanted.GetValueOrDefault(account.User, In(HomeOf(account.User))));
    }

    public static WantedPlace In(string home, string maildir = "Maildir") => new(true, home, maildir);

    public string HomeOf(string user) => Path.Combine(Homes, user);

    public string MaildirOf(string user) => Path.Combine(HomeOf(user), "Maildir");

    public void MakeHome(string user) => Directory.CreateDirectory(HomeOf(user));

    public StoreOptions Change(StoreOptions options) => options with { Place = StorePlace.Home, HomeRoots = [Homes] };

    /// <summary>Opens the store.</summary>
    public TempStore Open(IMaildirFiles? files = null, Func<StoreOptions, StoreOptions>? change = null)
        => new(files, Root, change: options => (change ?? (static same => same))(Change(options)), places: this) { KeepsRoot = true };

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
