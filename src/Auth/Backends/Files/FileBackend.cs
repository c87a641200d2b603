namespace FullStack.Auth.Backends.Files;

/// <summary>Accounts in a text file.</summary>
/// <remarks>A name without @ in the file is one of each domain that the configuration names for the directory; where it names none, only whole addresses count.</remarks>
internal sealed class FileBackend(string name, AccountFile file, FieldDefaults defaults, bool allowsBareNames) : IAccountBackend
{
    public string Name => name;

    public IReadOnlyList<string> Schemes
        => file.Known is { } known
            ? [.. known.Lines.Values.SelectMany(static line => line).Where(static pair => pair is { Key: "password", Value.Length: > 0 }).Select(SchemeOf).Distinct()]
            : [""];

    public async ValueTask<DirectoryUser?> FindUserAsync(string address, CancellationToken ct) => (await FindAsync(address, ct))?.User;

    public ValueTask<DirectoryAlias?> FindAliasAsync(string address, CancellationToken ct) => default;

    public ValueTask<bool> HasDomainAsync(string domain, CancellationToken ct) => new(false);

    public async ValueTask<AccountCredential?> FindCredentialAsync(string address, CancellationToken ct)
        => await FindAsync(address, ct) is { Password: { } password } found ? new() { Stored = password, User = found.User } : null;

    public ValueTask<PasswordAnswer> CheckPasswordAsync(string address, string password, LoginContext context, CancellationToken ct) => new(PasswordAnswer.Wrong);

    public ValueTask DisposeAsync() => default;

    private async ValueTask<AccountRecord?> FindAsync(string address, CancellationToken ct)
    {
        FileAccounts accounts = await file.ReadAsync(ct);
        return DirectoryAddress.TryParse(address, out DirectoryAddress wanted)
            && (accounts.Lines.TryGetValue(address, out var fields) || (allowsBareNames && accounts.Lines.TryGetValue(wanted.Local, out fields)))
                ? AccountFields.Read(name, wanted, defaults, fields)
                : null;
    }

    private string SchemeOf(KeyValuePair<string, string> password)
    {
        int end = password.Value.StartsWith('{') ? password.Value.IndexOf('}', StringComparison.Ordinal) : -1;
        return end > 0 ? password.Value[..(end + 1)].ToUpperInvariant() : password.Value.StartsWith('$') ? "" : $"{{{defaults.Scheme}}}";
    }
}
