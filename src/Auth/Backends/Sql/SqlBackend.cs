using System.Data.Common;
using System.Net.Sockets;

namespace FullStack.Auth.Backends.Sql;

/// <summary>Accounts in a database.</summary>
internal sealed class SqlBackend(string name, ISqlSource source, SqlQueries queries, FieldDefaults defaults) : IAccountBackend
{
    /// <summary>Targets of one alias at most.</summary>
    private const int MaxTargets = 10_000;

    private readonly QueryTemplate _user = queries.User ?? queries.Password;

    public string Name => name;

    public IReadOnlyList<string> Schemes => [""];

    public async ValueTask<DirectoryUser?> FindUserAsync(string address, CancellationToken ct)
        => (await FindAsync(_user, address, ct))?.User;

    public async ValueTask<DirectoryAlias?> FindAliasAsync(string address, CancellationToken ct)
    {
        if (queries.Alias is not { } query || !DirectoryAddress.TryParseAlias(address, out DirectoryAddress alias))
            return null;
        IReadOnlyList<SqlRow> rows = await AskAsync(query, alias, MaxTargets, ct);
        string[] targets =
        [
            .. rows.Where(static row => row.Columns.Count > 0)
                .SelectMany(static row => row.Columns[0].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                .Select(target => DirectoryAddress.TryParsePreservingCase(target, out string? spelled, out _)
                    ? spelled
                    : throw new DirectoryUnavailableException($"the directory {name} has the alias {address} with a target that is no address"))
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        return targets.Length > 0 ? new(address, targets) : null;
    }

    public async ValueTask<bool> HasDomainAsync(string domain, CancellationToken ct)
        => queries.Domain is { } query && (await AskAsync(query, new("", domain), 1, ct)).Count > 0;

    public async ValueTask<AccountCredential?> FindCredentialAsync(string address, CancellationToken ct)
    {
        if (await FindAsync(queries.Password, address, ct) is not { Password: { } password } found)
            return null;
        return new() { Stored = password, User = found.User, IsWholeUser = queries.User is null };
    }

    public ValueTask<PasswordAnswer> CheckPasswordAsync(string address, string password, LoginContext context, CancellationToken ct) => new(PasswordAnswer.Wrong);

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private async ValueTask<AccountRecord?> FindAsync(QueryTemplate query, string address, CancellationToken ct)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress wanted))
            return null;
        IReadOnlyList<SqlRow> rows = await AskAsync(query, wanted, maxRows: 2, ct);
        return rows.Count switch
        {
            0 => null,
            1 => AccountFields.Read(name, wanted, defaults, rows[0].Columns),
            _ => throw new DirectoryUnavailableException($"the directory {name} has {address} more than once"),
        };
    }

    private async ValueTask<IReadOnlyList<SqlRow>> AskAsync(QueryTemplate query, DirectoryAddress address, int maxRows, CancellationToken ct)
    {
        try
        {
            return await source.QueryAsync(query.Text, query.ValuesFor(address), maxRows, ct);
        }
        catch (Exception e) when (e is DbException or SocketException or IOException or TimeoutException or InvalidOperationException)
        {
            throw new DirectoryUnavailableException($"the directory {name} cannot be asked: {e.Message}", e);
        }
    }
}
