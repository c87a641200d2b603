using FullStack.Auth.Backends;

namespace FullStack.Unit.Auth;

/// <summary>A back-end that has what a test puts into it, and fails or hangs as the test says.</summary>
internal sealed class ScriptedBackend(string name = "scripted") : IAccountBackend
{
    private readonly Dictionary<string, string> _passwords = [];
    private TaskCompletionSource? _hangs;

    public string Name => name;
    public IReadOnlyList<string> Schemes { get; init; } = [""];
    public Dictionary<string, DirectoryUser> Users { get; } = [];
    public Dictionary<string, DirectoryAlias> Aliases { get; } = [];

    /// <summary>Stored forms, by address.</summary>
    public Dictionary<string, string> Secrets { get; } = [];

    /// <summary>What <see cref="AccountCredential.Stamp"/> is.</summary>
    public string? Stamp { get; set; }

    /// <summary>What it says of right passwords.</summary>
    public PasswordAnswer RightAnswer { get; set; } = PasswordAnswer.Right;

    public bool IsDown { get; set; }

    /// <summary>It finds accounts, but fails where it is to check a password.</summary>
    public bool FailsChecks { get; set; }

    public int Questions { get; private set; }

    /// <summary>The questions that wait at this moment.</summary>
    public int Waiting { get; private set; }

    public bool IsDisposed { get; private set; }

    public void Add(string address, string password)
    {
        Users[address] = new(address);
        _passwords[address] = password;
    }

    public void Hang() => _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void GoOn()
    {
        _hangs?.SetResult();
        _hangs = null;
    }

    public ValueTask<DirectoryUser?> FindUserAsync(string address, CancellationToken ct) => AskAsync(() => Users.GetValueOrDefault(address));

    public ValueTask<DirectoryAlias?> FindAliasAsync(string address, CancellationToken ct) => AskAsync(() => Aliases.GetValueOrDefault(address));

    public ValueTask<bool> HasDomainAsync(string domain, CancellationToken ct)
        => AskAsync(() => Users.Keys.Any(user => user.EndsWith('@' + domain, StringComparison.Ordinal)));

    public ValueTask<AccountCredential?> FindCredentialAsync(string address, CancellationToken ct) => AskAsync(() =>
        Secrets.TryGetValue(address, out string? stored) ? new AccountCredential { Stored = stored }
        : _passwords.ContainsKey(address) ? new AccountCredential { Stamp = Stamp }
        : null);

    public ValueTask<PasswordAnswer> CheckPasswordAsync(string address, string password, LoginContext context, CancellationToken ct) => AskAsync(() =>
        FailsChecks ? throw new DirectoryUnavailableException("down")
        : _passwords.GetValueOrDefault(address) == password ? RightAnswer
        : PasswordAnswer.Wrong);

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return default;
    }

    private async ValueTask<T> AskAsync<T>(Func<T> answer)
    {
        Questions++;
        if (_hangs is { } hangs)
        {
            Waiting++;
            await hangs.Task; // heeds no token, as a system call does not
            Waiting--;
        }

        return IsDown ? throw new DirectoryUnavailableException("down") : answer();
    }
}
