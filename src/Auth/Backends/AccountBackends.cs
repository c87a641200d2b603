namespace FullStack.Auth.Backends;

/// <summary>All accounts that this server knows: those of the built-in directory, then those of other back-ends, in their order.</summary>
/// <remarks>
/// The first that has an address is the one that counts for it. Where one cannot be asked, nobody behind it is: what it has might be in force, so the answer
/// is <see cref="DirectoryUnavailableException"/>, "try again later", and never "no such user". Without other back-ends every member completes at once.
/// </remarks>
public sealed class AccountBackends : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly List<Task> _retiring = [];
    private volatile GuardedBackend[] _others;

    /// <param name="builtIn">The built-in directory; whoever made it disposes it.</param>
    public AccountBackends(AccountDirectory builtIn)
        : this(builtIn, [], TimeProvider.System)
    {
    }

    /// <param name="builtIn">The built-in directory; whoever made it disposes it.</param>
    /// <param name="others">The others, in the order in which they are asked. They are disposed with this one.</param>
    /// <param name="time">The time.</param>
    public AccountBackends(AccountDirectory builtIn, IReadOnlyList<BackendEntry> others, TimeProvider time)
    {
        (BuiltIn, _time) = (builtIn, time);
        _others = Guard(others);
    }

    /// <summary>The directory in which commands and IMAP change things.</summary>
    public AccountDirectory BuiltIn { get; }

    /// <summary>Takes other back-ends in place of those that are not built in, which go when they have answered what they were asked.</summary>
    public void Replace(IReadOnlyList<BackendEntry> others)
    {
        GuardedBackend[] former = Interlocked.Exchange(ref _others!, Guard(others));
        lock (_retiring)
        {
            _retiring.RemoveAll(static task => task.IsCompleted);
            _retiring.AddRange(former.Select(static backend => backend.DisposeAsync().AsTask()));
        }
    }

    /// <summary>The account of an address, in any spelling.</summary>
    /// <exception cref="DirectoryUnavailableException">It cannot be found out now.</exception>
    public ValueTask<DirectoryUser?> FindUserAsync(string address, CancellationToken ct)
    {
        DirectoryUser? user = BuiltIn.FindUser(address);
        GuardedBackend[] others = _others;
        return user is not null || others.Length == 0 || !DirectoryAddress.TryParse(address, out DirectoryAddress wanted)
            ? new(user)
            : FindFirstAsync(others, wanted, static (backend, key, token) => backend.FindUserAsync(key, token), ct);
    }

    /// <summary>The alias of exactly this address; <c>@domain</c> asks for the catch-all.</summary>
    /// <exception cref="DirectoryUnavailableException">It cannot be found out now.</exception>
    public ValueTask<DirectoryAlias?> FindAliasAsync(string address, CancellationToken ct)
    {
        DirectoryAlias? alias = BuiltIn.FindAlias(address);
        GuardedBackend[] others = _others;
        return alias is not null || others.Length == 0 || !DirectoryAddress.TryParseAlias(address, out DirectoryAddress wanted)
            ? new(alias)
            : FindFirstAsync(others, wanted, static (backend, key, token) => backend.FindAliasAsync(key, token), ct);
    }

    /// <summary>Whether a directory has a domain.</summary>
    /// <exception cref="DirectoryUnavailableException">It cannot be found out now.</exception>
    public async ValueTask<bool> HasDomainAsync(string domain, CancellationToken ct)
    {
        if (BuiltIn.HasDomain(domain))
            return true;
        GuardedBackend[] others = _others;
        if (others.Length == 0 || !DirectoryAddress.TryParseDomain(domain, out string? name))
            return false;
        foreach (GuardedBackend backend in others)
        {
            if (await backend.HasDomainAsync(name, ct))
                return true;
        }

        return false;
    }

    /// <summary>The domains that can be told without asking anybody: the built-in directory's, and those named for other back-ends.</summary>
    /// <exception cref="DirectoryUnavailableException">They cannot be found out now.</exception>
    public IReadOnlyList<string> ListDomains()
    {
        IReadOnlyList<string> own = BuiltIn.ListDomains();
        GuardedBackend[] others = _others;
        return others.Length == 0 ? own : [.. own.Concat(others.SelectMany(static backend => backend.Domains)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>What an account and its domain may keep. Limits of domains are in the built-in directory.</summary>
    /// <exception cref="DirectoryUnavailableException">It cannot be found out now.</exception>
    public ValueTask<DirectoryQuotas> FindQuotasAsync(string address, CancellationToken ct)
    {
        DirectoryQuotas quotas = BuiltIn.FindQuotas(address);
        return quotas.User != DirectoryQuota.Default || _others.Length == 0 ? new(quotas) : WithUserAsync();

        async ValueTask<DirectoryQuotas> WithUserAsync()
            => quotas with { User = (await FindUserAsync(address, ct))?.Quota ?? DirectoryQuota.Default };
    }

    /// <summary>Since when an account and its domain have had their owners, which only the built-in directory knows; null where there is no such account.</summary>
    /// <exception cref="DirectoryUnavailableException">It cannot be found out now.</exception>
    public async ValueTask<DirectoryOwnership?> FindOwnershipAsync(string address, CancellationToken ct)
        => BuiltIn.FindOwnership(address) ?? (_others.Length > 0 && await FindUserAsync(address, ct) is not null ? new(null, null) : null);

    /// <summary>What a password of an account is checked with; null where nobody says anything of it.</summary>
    /// <exception cref="DirectoryUnavailableException">It cannot be found out now.</exception>
    internal ValueTask<FoundCredential?> FindCredentialAsync(string address, CancellationToken ct)
    {
        if (BuiltIn.FindSecret(address) is { } secret)
            return new(new FoundCredential(null, new() { Stored = secret }));
        GuardedBackend[] others = _others;
        return others.Length == 0 || !DirectoryAddress.TryParse(address, out DirectoryAddress wanted)
            ? default
            : FindFirstAsync(
                others,
                wanted,
                static async (backend, key, token) => await backend.FindCredentialAsync(key, token) is { } credential ? new FoundCredential(backend, credential) : null,
                ct);
    }

    /// <summary>The schemes of all stored passwords, as <see cref="IAccountBackend.Schemes"/> has them.</summary>
    /// <exception cref="DirectoryUnavailableException">They cannot be found out now.</exception>
    internal IReadOnlyList<string> ListSchemes()
    {
        IReadOnlyList<string> own = BuiltIn.ListSchemes();
        GuardedBackend[] others = _others;
        return others.Length == 0 ? own : [.. own.Concat(others.SelectMany(static backend => backend.Schemes)).Distinct(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        Replace([]);
        Task[] retiring;
        lock (_retiring)
            retiring = [.. _retiring];
        await Task.WhenAll(retiring);
    }

    private static async ValueTask<T?> FindFirstAsync<T>(
        GuardedBackend[] backends, DirectoryAddress address, Func<GuardedBackend, DirectoryAddress, CancellationToken, ValueTask<T?>> question, CancellationToken ct)
        where T : class
    {
        foreach (GuardedBackend backend in backends)
        {
            if (backend.Serves(address) && await question(backend, address, ct) is { } found)
                return found;
        }

        return null;
    }

    private GuardedBackend[] Guard(IReadOnlyList<BackendEntry> entries)
        => [.. entries.Select(entry => new GuardedBackend(entry.Backend, entry.Options, _time))];
}
