using FullStack.Auth.Backends;
using FullStack.Smtp;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Routing;

/// <summary>Follows one address through aliases to the accounts it leads to.</summary>
/// <remarks>
/// For each address, the first of these that exists: its own alias, its own account, the same two without the detail, the
/// domain's catch-all, and for postmaster (RFC 5321 §4.5.1) someone else. An alias that names its own address means the account of that name.
/// </remarks>
internal sealed class AddressExpansion(LocalDomains domains, AccountBackends accounts, string detailSeparator)
{
    /// <summary>Aliases within aliases followed at most.</summary>
    private const int MaxDepth = 20;

    /// <summary>Addresses looked at for one recipient at most.</summary>
    private const int MaxAddresses = 10_000;

    private const string Postmaster = "postmaster";

    private readonly Dictionary<AccountName, LocalTarget> _targets = [];
    private readonly Dictionary<string, MailboxAddress> _elsewhere = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _done = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _path = [];

    /// <summary>The accounts found, each once, in the order in which they were found.</summary>
    public IReadOnlyCollection<LocalTarget> Targets => _targets.Values;

    /// <summary>The addresses on other hosts that were found, each once.</summary>
    public IReadOnlyCollection<MailboxAddress> Elsewhere => _elsewhere.Values;

    /// <summary>An alias leads back to itself, or on for too long.</summary>
    public bool Loops { get; private set; }

    /// <summary>The targets of aliases that nobody has.</summary>
    public List<string> Unknown { get; } = [];

    /// <exception cref="DirectoryUnavailableException">A directory cannot be asked now.</exception>
    public async ValueTask FollowAsync(string localPart, string domain, CancellationToken ct)
    {
        string address = $"{localPart}@{domain}";
        if (!await domains.ContainsAsync(domain, ct))
        {
            if (_elsewhere.Count < MaxAddresses)
                _elsewhere.TryAdd(address, new(localPart, domain));
            return;
        }

        if (_path.Contains(address, StringComparer.OrdinalIgnoreCase))
        {
            Loops |= !await FollowUserAsync(address, address, ct);
            return;
        }

        if (_path.Count >= MaxDepth || _done.Count >= MaxAddresses)
        {
            Loops = true;
            return;
        }

        if (!_done.Add(address))
            return;
        _path.Add(address);
        bool known = await FollowExactAsync(address, address, ct)
            || (WithoutDetail(localPart) is { } plain && await FollowExactAsync($"{plain}@{domain}", address, ct))
            || await FollowAliasAsync($"@{domain}", ct)
            || (localPart.Equals(Postmaster, StringComparison.OrdinalIgnoreCase) && await FollowPostmasterAsync(domain, ct));
        if (!known)
            Unknown.Add(address);
        _path.RemoveAt(_path.Count - 1);
    }

    private async ValueTask<bool> FollowExactAsync(string address, string asWritten, CancellationToken ct)
        => await FollowAliasAsync(address, ct) || await FollowUserAsync(address, asWritten, ct);

    private async ValueTask<bool> FollowAliasAsync(string address, CancellationToken ct)
    {
        if (await accounts.FindAliasAsync(address, ct) is not { } alias)
            return false;
        foreach (string target in alias.Targets)
        {
            int at = target.LastIndexOf('@');
            await FollowAsync(target[..at], target[(at + 1)..], ct);
        }

        return true;
    }

    private async ValueTask<bool> FollowUserAsync(string address, string asWritten, CancellationToken ct)
    {
        if (await accounts.FindUserAsync(address, ct) is not { } user || !AccountName.TryParse(user.Address, out AccountName? account))
            return false;
        _targets.TryAdd(account, new(account, asWritten));
        return true;
    }

    /// <summary>Every local domain must have a postmaster: another local domain's, else the first account there is.</summary>
    private async ValueTask<bool> FollowPostmasterAsync(string domain, CancellationToken ct)
    {
        foreach (string other in domains.All)
        {
            if (await FollowExactAsync($"{Postmaster}@{other}", $"{Postmaster}@{domain}", ct))
                return true;
        }

        DirectoryUser? first = accounts.BuiltIn.ListUsers(domain).FirstOrDefault() ?? accounts.BuiltIn.ListUsers().FirstOrDefault();
        return first is not null && await FollowUserAsync(first.Address, $"{Postmaster}@{domain}", ct);
    }

    private string? WithoutDetail(string localPart)
    {
        int separator = detailSeparator.Length == 0 ? -1 : localPart.IndexOf(detailSeparator, StringComparison.Ordinal);
        return separator > 0 ? localPart[..separator] : null;
    }
}
