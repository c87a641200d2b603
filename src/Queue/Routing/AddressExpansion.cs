using FullStack.Auth.Backends;
using FullStack.Smtp;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Routing;

/// <summary>Follows one address through aliases to the accounts it leads to.</summary>
/// <remarks>
/// For each address, the first of these that exists: its own alias, its own account, the same two without the detail, the
/// domain's catch-all, and for postmaster (RFC 5321 §4.5.1) someone else. An alias that names its own address means the account of that name.
/// </remarks>
internal sealed class AddressExpansion(LocalDomains domains, AccountDirectory directory, string detailSeparator)
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

    public void Follow(string localPart, string domain)
    {
        string address = $"{localPart}@{domain}";
        if (!domains.Contains(domain))
        {
            if (_elsewhere.Count < MaxAddresses)
                _elsewhere.TryAdd(address, new(localPart, domain));
            return;
        }

        if (_path.Contains(address, StringComparer.OrdinalIgnoreCase))
        {
            Loops |= !FollowUser(address, address);
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
        bool known = FollowExact(address, address)
            || (WithoutDetail(localPart) is { } plain && FollowExact($"{plain}@{domain}", address))
            || FollowAlias($"@{domain}")
            || (localPart.Equals(Postmaster, StringComparison.OrdinalIgnoreCase) && FollowPostmaster(domain));
        if (!known)
            Unknown.Add(address);
        _path.RemoveAt(_path.Count - 1);
    }

    private bool FollowExact(string address, string asWritten) => FollowAlias(address) || FollowUser(address, asWritten);

    private bool FollowAlias(string address)
    {
        if (directory.FindAlias(address) is not { } alias)
            return false;
        foreach (string target in alias.Targets)
        {
            int at = target.LastIndexOf('@');
            Follow(target[..at], target[(at + 1)..]);
        }

        return true;
    }

    private bool FollowUser(string address, string asWritten)
    {
        if (directory.FindUser(address) is not { } user || !AccountName.TryParse(user.Address, out AccountName? account))
            return false;
        _targets.TryAdd(account, new(account, asWritten));
        return true;
    }

    /// <summary>Every local domain must have a postmaster: another local domain's, else the first account there is.</summary>
    private bool FollowPostmaster(string domain)
    {
        foreach (string other in domains.All)
        {
            if (FollowExact($"{Postmaster}@{other}", $"{Postmaster}@{domain}"))
                return true;
        }

        DirectoryUser? first = directory.ListUsers(domain).FirstOrDefault() ?? directory.ListUsers().FirstOrDefault();
        return first is not null && FollowUser(first.Address, $"{Postmaster}@{domain}");
    }

    private string? WithoutDetail(string localPart)
    {
        int separator = detailSeparator.Length == 0 ? -1 : localPart.IndexOf(detailSeparator, StringComparison.Ordinal);
        return separator > 0 ? localPart[..separator] : null;
    }
}
