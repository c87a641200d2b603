using FullStack.Auth.Backends;
using FullStack.Queue.Aliases;
using FullStack.Queue.Programs;
using FullStack.Smtp;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Routing;

/// <summary>Follows one address through aliases and users' own files to the accounts, addresses, programs and files that it leads to.</summary>
/// <remarks>
/// <para>
/// For each address, the first of these that exists: its own alias in a directory, in the file of aliases, its own account, the same three without the detail, the
/// domain's catch-all, and for postmaster (RFC 5321 §4.5.1) someone else. An alias that names its own address means the account of that name, and a user's
/// own file that names its own address the mailbox.
/// </para>
/// <para>What an alias of the file leads to has the owner of the list as its sender where there is an alias <c>owner-NAME</c>.</para>
/// </remarks>
internal sealed class AddressExpansion
{
    /// <summary>Aliases within aliases followed at most.</summary>
    private const int MaxDepth = 20;

    private const string Postmaster = "postmaster";
    private const string OwnerPrefix = "owner-";

    /// <summary>Targets that nobody has and that are told of: the first ones say enough of a list.</summary>
    private const int MaxUnknown = 100;

    private readonly ExpansionParts _parts;
    private readonly MailboxAddress _root;
    private readonly CopyGathering _found;
    private readonly TargetActions _actions;
    private readonly HashSet<string> _done = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _path = [];
    private readonly Dictionary<string, bool> _domains = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<(string File, string Domain)> _included = [];
    private readonly Dictionary<string, FileStamp> _files = [];
    private readonly List<string> _including = [];
    private readonly HashSet<AccountName> _inOwnFile = [];
    private readonly ExpansionTree? _tree;
    private readonly bool _looksAtFiles;
    private readonly List<string> _unknown = [];
    private MailboxAddress? _owner;
    private int _left;
    private bool _loops;
    private bool _isBroken;

    /// <param name="parts">What is asked.</param>
    /// <param name="root">The address, of a local domain.</param>
    /// <param name="withFiles">Whether users' own files count.</param>
    /// <param name="tree">Takes down how it was followed; null: nobody wants to know.</param>
    public AddressExpansion(ExpansionParts parts, MailboxAddress root, bool withFiles = true, ExpansionTree? tree = null)
    {
        (_parts, _root, _tree) = (parts, root, tree);
        _looksAtFiles = withFiles && parts.Options.Aliases.ForwardAccounts.Count > 0;
        _found = new(root);
        _actions = new(root, parts.Options.Aliases.AllowsActions, Refuse);
        _left = parts.Options.Aliases.MaxAddresses;
    }

    /// <summary>Addresses, lists, programs and files followed at most, where these are fewer than the settings allow.</summary>
    public int Most
    {
        init => _left = value;
    }

    /// <summary>It leads to more than it may, and was not followed to the end.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The lists that it went through, as their files were before they were read.</summary>
    public IReadOnlyDictionary<string, FileStamp> Files => _files;

    /// <summary>Where the address leads. For one who keeps it: nothing else of this is needed then.</summary>
    public ExpansionOutcome Outcome => new(new([.. _found.Targets], []) { Copies = _found.Copies }, _loops, _isBroken, IsTooLong, _unknown);

    /// <summary>Follows the address.</summary>
    /// <exception cref="DirectoryUnavailableException">A directory cannot be asked now.</exception>
    public ValueTask RunAsync(CancellationToken ct) => FollowAsync(_root.LocalPart, _root.Domain, ct);

    private async ValueTask FollowAsync(string localPart, string domain, CancellationToken ct)
    {
        if (!Take())
            return;
        string address = $"{localPart}@{domain}";
        if (!await IsHereAsync(domain, ct))
        {
            _tree?.Note($"{address}, elsewhere");
            _found.Add(new MailboxAddress(localPart, domain), _owner);
            return;
        }

        if (_path.Contains(address, StringComparer.OrdinalIgnoreCase))
        {
            bool isAccount = await FollowUserAsync(address, address, isFinal: true, ct);
            if (!isAccount)
                _tree?.Note($"{address}, which leads back to itself");
            _loops |= !isAccount;
            return;
        }

        if (_path.Count >= MaxDepth)
        {
            _loops = true;
            return;
        }

        if (!_done.Add(address))
            return;
        _path.Add(address);
        MailboxAddress? owner = _owner;
        _tree?.Open(address);
        bool known = await FollowExactAsync(localPart, domain, address, ct)
            || (_parts.Options.DivideLocalPart(localPart).Plain is { } plain && plain != localPart && await FollowExactAsync(plain, domain, address, ct))
            || await FollowAliasAsync($"@{domain}", ct)
            || (localPart.Equals(Postmaster, StringComparison.OrdinalIgnoreCase) && await FollowPostmasterAsync(domain, ct));
        if (!known)
        {
            NoteUnknown(address);
            _tree?.Note("nobody has this address");
        }

        _tree?.Close();
        _owner = owner;
        _path.RemoveAt(_path.Count - 1);
    }

    private async ValueTask<bool> FollowExactAsync(string localPart, string domain, string asWritten, CancellationToken ct)
    {
        string address = $"{localPart}@{domain}";
        return await FollowAliasAsync(address, ct) || await FollowEntryAsync(localPart, domain, ct) || await FollowUserAsync(address, asWritten, isFinal: false, ct);
    }

    private async ValueTask<bool> FollowAliasAsync(string address, CancellationToken ct)
    {
        if (await _parts.Accounts.FindAliasAsync(address, ct) is not { } alias)
            return false;
        foreach (string target in alias.Targets)
        {
            int at = target.LastIndexOf('@');
            await FollowAsync(target[..at], target[(at + 1)..], ct);
            if (IsTooLong)
                break;
        }

        return true;
    }

    private async ValueTask<bool> FollowEntryAsync(string localPart, string domain, CancellationToken ct)
    {
        if (_parts.FindEntry(localPart, domain) is not { } entry)
            return false;
        string owner = OwnerPrefix + entry.Name;
        if (_parts.FindEntry(owner, domain) is not null)
            _owner = new(owner, domain);
        await FollowTargetsAsync(entry.Targets, new TargetSource($"{localPart}@{domain}", domain), 0, ct);
        return true;
    }

    private async ValueTask FollowTargetsAsync(IReadOnlyList<AliasTarget> targets, TargetSource source, int included, CancellationToken ct)
    {
        foreach (LocalAction action in _actions.Of(targets, source))
        {
            if (Take())
                Add(action);
        }

        foreach (AliasTarget target in targets)
        {
            if (IsTooLong)
                return;
            switch (target)
            {
                case AddressTarget { IsFinal: true } final when await IsHereAsync(final.Domain ?? source.Domain, ct):
                    string mailbox = $"{final.LocalPart}@{final.Domain ?? source.Domain}";
                    if (!await FollowUserAsync(mailbox, mailbox, isFinal: true, ct))
                        NoteUnknown(mailbox);
                    break;
                case AddressTarget address:
                    await FollowAsync(address.LocalPart, address.Domain ?? source.Domain, ct);
                    break;
                case FileTarget file when source.IsMailbox(file):
                    await FollowUserAsync(source.Address, source.Address, isFinal: true, ct);
                    break;
                case IncludeTarget include:
                    await FollowIncludedAsync(include, source, included, ct);
                    break;
            }
        }
    }

    private async ValueTask FollowIncludedAsync(IncludeTarget include, TargetSource source, int included, CancellationToken ct)
    {
        if (included == AliasTable.MaxIncludeDepth || _including.Contains(include.Path))
        {
            _loops = true;
            return;
        }

        // Once for each domain that names without one are of: lists that include one list many times over, level upon level, would be followed for ever.
        if (!Take() || !_included.Add((include.Path, source.Domain)))
            return;
        _files.TryAdd(include.Path, TargetFiles.StampOf(include.Path));
        List<AliasProblem> problems = [];
        IReadOnlyList<AliasTarget>? inside = _parts.Options.Aliases.Files.ReadIncluded(include.Path, problems);
        foreach (AliasProblem problem in problems)
            QueueLog.AliasProblem(_parts.Log, problem.ToString());
        if (inside is null)
        {
            // What a list should have is not known: its mail is kept back until somebody mends it.
            _isBroken = true;
            _tree?.Note($"{include}, which cannot be read");
            return;
        }

        _tree?.Open(include.ToString());
        _including.Add(include.Path);
        await FollowTargetsAsync(inside, source, included + 1, ct);
        _including.RemoveAt(_including.Count - 1);
        _tree?.Close();
    }

    /// <summary>Whether a domain is of this host, asked once: a list's members mostly share theirs.</summary>
    private async ValueTask<bool> IsHereAsync(string domain, CancellationToken ct)
    {
        if (!_domains.TryGetValue(domain, out bool isHere))
            _domains[domain] = isHere = await _parts.Domains.ContainsAsync(domain, ct);
        return isHere;
    }

    private void NoteUnknown(string target)
    {
        if (_unknown.Count < MaxUnknown)
            _unknown.Add(target);
    }

    /// <summary>Counts one more thing that the address leads to.</summary>
    /// <returns>False where it is one too many.</returns>
    private bool Take()
    {
        IsTooLong |= _left-- <= 0;
        return !IsTooLong;
    }

    /// <summary>An alias leads to a program or a file, and may not.</summary>
    private void Refuse(AliasTarget target)
    {
        NoteUnknown(target.ToString());
        _tree?.Note($"{target}, which aliases.programs does not allow");
    }

    private void Add(LocalAction action)
    {
        _found.Add(action, _owner);
        for (LocalAction? one = action; one is not null; one = one.Next)
            _tree?.Note(one.Command is null ? $"file {one.File}" : $"program {one.Command}");
    }

    private async ValueTask<bool> FollowUserAsync(string address, string asWritten, bool isFinal, CancellationToken ct)
    {
        if (await _parts.Accounts.FindUserAsync(address, ct) is not { } user || !AccountName.TryParse(user.Address, out AccountName? account))
            return false;
        string extension = _parts.Options.DivideLocalPart(asWritten[..asWritten.LastIndexOf('@')]).Detail;
        bool looks = !isFinal && _looksAtFiles && _inOwnFile.Add(account);
        PersonalFile? file = looks ? _parts.Personal.Find(user, account, extension) : null;
        if (file is null)
            AddMailbox(account, asWritten);
        else
            await FollowFileAsync(file, new TargetSource(user.Address, account.Domain) { File = file, Extension = extension }, account, ct);
        if (looks)
            _inOwnFile.Remove(account);
        return true;
    }

    private async ValueTask FollowFileAsync(PersonalFile file, TargetSource source, AccountName account, CancellationToken ct)
    {
        _tree?.Open($"file {file.Path}");
        if (file.Targets.Count > 0)
            await FollowTargetsAsync(file.Targets, source, 0, ct);
        else if (file.IsCourier)
            Add(_actions.Drop(source)); // Comments only.
        else
            AddMailbox(account, source.Address);
        _tree?.Close();
    }

    private void AddMailbox(AccountName account, string asWritten)
    {
        _tree?.Note($"mailbox {account}");
        _found.Add(new LocalTarget(account, asWritten), _owner);
    }

    /// <summary>Every local domain must have a postmaster: another local domain's, else the first account there is.</summary>
    private async ValueTask<bool> FollowPostmasterAsync(string domain, CancellationToken ct)
    {
        foreach (string other in _parts.Domains.All)
        {
            if (await FollowExactAsync(Postmaster, other, $"{Postmaster}@{domain}", ct))
                return true;
        }

        AccountDirectory builtIn = _parts.Accounts.BuiltIn;
        DirectoryUser? first = builtIn.ListUsers(domain).FirstOrDefault() ?? builtIn.ListUsers().FirstOrDefault();
        return first is not null && await FollowUserAsync(first.Address, $"{Postmaster}@{domain}", isFinal: false, ct);
    }
}
