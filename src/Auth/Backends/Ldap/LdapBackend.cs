using System.DirectoryServices.Protocols;

namespace FullStack.Auth.Backends.Ldap;

/// <summary>Accounts in an LDAP directory (RFC 4511).</summary>
/// <remarks>
/// Passwords are checked by a bind as the account's entry, or against a stored form that an attribute has. Names that clients send come into filters
/// escaped (<see cref="FilterText"/>) and never into names of entries: those are the ones that searches found.
/// </remarks>
internal sealed class LdapBackend(string name, LdapOptions options, FieldDefaults defaults) : IAccountBackend
{
    /// <summary>inappropriateAuthentication and invalidCredentials (RFC 4511 §4.1.9).</summary>
    private static readonly int[] s_refusals = [48, 49];

    private readonly LdapServers _searching = new(options);
    private readonly LdapServers _checking = new(options); // apart from the others, for after a check a connection is bound as somebody else

    public string Name => name;

    public IReadOnlyList<string> Schemes => [""];

    public async ValueTask<DirectoryUser?> FindUserAsync(string address, CancellationToken ct) => (await FindAsync(address))?.Account.User;

    public async ValueTask<DirectoryAlias?> FindAliasAsync(string address, CancellationToken ct)
    {
        if (options.AliasFilter is not { } filter || !DirectoryAddress.TryParseAlias(address, out DirectoryAddress alias))
            return null;
        IReadOnlyList<SearchResultEntry> entries = await SearchAsync(filter, alias, maxEntries: 100, options.AliasAttribute);
        string[] targets =
        [
            .. entries.SelectMany(entry => ValuesOf(entry, options.AliasAttribute))
                .Select(target => DirectoryAddress.TryParsePreservingCase(target, out string? spelled, out _)
                    ? spelled
                    : throw new DirectoryUnavailableException($"the directory {name} has the alias {address} with a target that is no address"))
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        return targets.Length > 0 ? new(address, targets) : null;
    }

    public async ValueTask<bool> HasDomainAsync(string domain, CancellationToken ct)
        => options.DomainFilter is { } filter && (await SearchAsync(filter, new("", domain), maxEntries: 1, "1.1")).Count > 0;

    public async ValueTask<AccountCredential?> FindCredentialAsync(string address, CancellationToken ct)
    {
        if (await FindAsync(address) is not { } found || (!options.Binds && found.Account.Password is null))
            return null;
        return new()
        {
            Stored = options.Binds ? null : found.Account.Password,
            Stamp = found.Stamp is null ? null : $"{found.Entry}\n{found.Stamp}",
            User = found.Account.User,
        };
    }

    public async ValueTask<PasswordAnswer> CheckPasswordAsync(string address, string password, LoginContext context, CancellationToken ct)
    {
        // A bind without password is none, and succeeds (RFC 4513 §5.1.2).
        if (password.Length == 0 || await FindAsync(address) is not { } found)
            return PasswordAnswer.Wrong;
        return await AskAsync(() => _checking.Use(connection =>
        {
            try
            {
                LdapServers.Bind(connection, found.Entry, password);
                return PasswordAnswer.Right;
            }
            catch (LdapException e) when (s_refusals.Contains(e.ErrorCode))
            {
                return PasswordAnswer.Wrong;
            }
        }));
    }

    public ValueTask DisposeAsync()
    {
        _searching.Dispose();
        _checking.Dispose();
        return default;
    }

    private async ValueTask<FoundEntry?> FindAsync(string address)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress wanted))
            return null;
        string[] attributes = [.. options.Attributes.Select(static pair => pair.Key), .. options.StampAttribute.Length > 0 ? [options.StampAttribute] : Array.Empty<string>()];
        IReadOnlyList<SearchResultEntry> entries = await SearchAsync(options.UserFilter, wanted, maxEntries: 2, attributes.Length > 0 ? attributes : ["1.1"]);
        if (entries.Count == 0)
            return null;
        if (entries.Count > 1)
            throw new DirectoryUnavailableException($"the directory {name} has {address} more than once");
        IEnumerable<KeyValuePair<string, string>> fields = options.Attributes.SelectMany(
            pair => ValuesOf(entries[0], pair.Key).Take(pair.Value == "send_as" ? int.MaxValue : 1).Select(value => KeyValuePair.Create(pair.Value, value)));
        return new(entries[0].DistinguishedName, AccountFields.Read(name, wanted, defaults, fields), ValuesOf(entries[0], options.StampAttribute).FirstOrDefault());
    }

    private Task<IReadOnlyList<SearchResultEntry>> SearchAsync(AddressTemplate filter, DirectoryAddress address, int maxEntries, params string[] attributes)
        => AskAsync<IReadOnlyList<SearchResultEntry>>(() => _searching.Use<IReadOnlyList<SearchResultEntry>>(connection =>
        {
            SearchRequest request = new(options.Base, filter.Expand(address, FilterText.Escape), SearchScope.Subtree, attributes)
            {
                SizeLimit = maxEntries,
                TimeLimit = options.Timeout,
            };
            try
            {
                return [.. ((SearchResponse)connection.SendRequest(request, options.Timeout)).Entries.Cast<SearchResultEntry>()];
            }
            catch (DirectoryOperationException e) when (e.Response is SearchResponse { ResultCode: ResultCode.SizeLimitExceeded } partial)
            {
                return [.. partial.Entries.Cast<SearchResultEntry>()];
            }
        }));

    private async Task<T> AskAsync<T>(Func<T> question)
    {
        try
        {
            return await OwnThread.RunAsync(question);
        }
        catch (DirectoryException e)
        {
            throw new DirectoryUnavailableException($"the directory {name} cannot be asked: {e.Message}", e);
        }
        catch (DllNotFoundException e)
        {
            throw new DirectoryUnavailableException("libldap is not installed (Debian: libldap-2.5-0)", e);
        }
    }

    private static IEnumerable<string> ValuesOf(SearchResultEntry entry, string attribute)
        => attribute.Length > 0 && entry.Attributes[attribute] is { } values ? values.GetValues(typeof(string)).Cast<string>() : [];

    private sealed record FoundEntry(string Entry, AccountRecord Account, string? Stamp);
}
