using FullStack.Auth.Passwords;

namespace FullStack.Auth.Backends;

/// <summary>One back-end of the list: for its domains only, for a bounded time, a bounded number of times at once, and not again for what it said a moment ago.</summary>
/// <remarks>
/// So a directory that hangs costs those who ask it their time and nobody else anything. After one question that it left without an answer it is let alone for
/// some seconds: whoever asks meanwhile hears at once that it cannot be asked.
/// </remarks>
internal sealed class GuardedBackend(IAccountBackend backend, BackendOptions options, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How long a back-end is let alone that did not answer in time.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _places = new(options.Concurrency);
    private readonly LookupCache<DirectoryUser> _users = new(options.Cache, options.NegativeCache, time);
    private readonly LookupCache<DirectoryAlias> _aliases = new(options.Cache, options.NegativeCache, time);
    private readonly LookupCache<string> _domains = new(options.Cache, options.NegativeCache, time);
    private readonly HashSet<string> _served = new(options.Domains, StringComparer.Ordinal);
    private long _silentAt;
    private bool _isSilent;

    /// <summary>Lets fewer password checks begin at once than questions are allowed: of many guesses the later ones see the first fail, and mail finds its accounts meanwhile.</summary>
    public PasswordCheckGate Checks { get; } = new(Math.Max(1, options.Concurrency * 3 / 4));

    public IReadOnlyList<string> Domains => options.Domains;

    public IReadOnlyList<string> Schemes => backend.Schemes;

    /// <summary>Whether it is asked for addresses of a domain at all.</summary>
    public bool Serves(DirectoryAddress address) => _served.Count == 0 || _served.Contains(address.Domain);

    /// <summary>No address with a slash is an account's: it would name a folder.</summary>
    public ValueTask<DirectoryUser?> FindUserAsync(DirectoryAddress address, CancellationToken ct)
        => address.Local.Contains('/', StringComparison.Ordinal) ? default : LookUpAsync(_users, address.ToString(), static (backend, key, token) => backend.FindUserAsync(key, token), ct);

    public ValueTask<DirectoryAlias?> FindAliasAsync(DirectoryAddress address, CancellationToken ct)
        => LookUpAsync(_aliases, address.ToString(), static (backend, key, token) => backend.FindAliasAsync(key, token), ct);

    public async ValueTask<bool> HasDomainAsync(string domain, CancellationToken ct)
        => _served.Contains(domain) || (_served.Count == 0 && await LookUpAsync(
            _domains, domain, static async (backend, key, token) => await backend.HasDomainAsync(key, token) ? key : null, ct) is not null);

    /// <summary>Never remembered: a password that was changed a moment ago counts.</summary>
    public async ValueTask<AccountCredential?> FindCredentialAsync(DirectoryAddress address, CancellationToken ct)
    {
        if (address.Local.Contains('/', StringComparison.Ordinal))
            return null;
        string key = address.ToString();
        AccountCredential? credential = await AskAsync(key, static (backend, key, token) => backend.FindCredentialAsync(key, token), ct);
        if (credential is { IsWholeUser: true, User: { } user })
            _users.Put(key, user);
        return credential;
    }

    public ValueTask<PasswordAnswer> CheckPasswordAsync(string address, string password, LoginContext context, CancellationToken ct)
        => AskAsync(
            (address, password, context),
            static (backend, login, token) => backend.CheckPasswordAsync(login.address, login.password, login.context, token),
            ct);

    /// <summary>Waits, no longer than an answer may take, for questions under way.</summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource limit = new(options.Timeout, time);
        try
        {
            for (int taken = 0; taken < options.Concurrency; taken++)
                await _places.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // What hangs keeps nobody waiting.
        }

        await backend.DisposeAsync();
    }

    private async ValueTask<T?> LookUpAsync<T>(
        LookupCache<T> known, string key, Func<IAccountBackend, string, CancellationToken, ValueTask<T?>> question, CancellationToken ct)
        where T : class
    {
        if (known.TryGet(key, out T? value))
            return value;
        value = await AskAsync(key, question, ct);
        known.Put(key, value);
        return value;
    }

    private async ValueTask<TAnswer> AskAsync<TKey, TAnswer>(
        TKey key, Func<IAccountBackend, TKey, CancellationToken, ValueTask<TAnswer>> question, CancellationToken ct)
    {
        if (Volatile.Read(ref _isSilent) && time.GetElapsedTime(Volatile.Read(ref _silentAt)) < Rest)
            throw new DirectoryUnavailableException($"the directory {backend.Name} did not answer in time a moment ago");
        using CancellationTokenSource limit = new(options.Timeout, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        bool isAsked = false;
        try
        {
            await _places.WaitAsync(both.Token);
            isAsked = true;
            Task<TAnswer> answer = HoldingPlaceAsync(key, question, both.Token);
            TAnswer found = await answer.WaitAsync(both.Token); // one that heeds no token goes on, and keeps its place until it ends
            Volatile.Write(ref _isSilent, false);
            return found;
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            if (isAsked) // who never got a place knows nothing of it
            {
                Volatile.Write(ref _silentAt, time.GetTimestamp());
                Volatile.Write(ref _isSilent, true);
            }

            throw new DirectoryUnavailableException($"the directory {backend.Name} does not answer in time", e);
        }
    }

    private async Task<TAnswer> HoldingPlaceAsync<TKey, TAnswer>(
        TKey key, Func<IAccountBackend, TKey, CancellationToken, ValueTask<TAnswer>> question, CancellationToken ct)
    {
        try
        {
            return await question(backend, key, ct);
        }
        finally
        {
            _places.Release();
        }
    }
}
