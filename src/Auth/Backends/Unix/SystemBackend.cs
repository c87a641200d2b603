namespace FullStack.Auth.Backends.Unix;

/// <summary>The system's own users: found through NSS, their passwords checked by PAM.</summary>
/// <remarks>A user's name is the part of an address before the @. Users with small numbers are the system's own affair and get no mail here.</remarks>
internal sealed class SystemBackend(string name, PamService service, uint firstUserId, FieldDefaults defaults) : IAccountBackend
{
    public string Name => name;

    public IReadOnlyList<string> Schemes => [""];

    public async ValueTask<DirectoryUser?> FindUserAsync(string address, CancellationToken ct)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress wanted)
            || await OwnThread.RunAsync(() => SystemUser.Find(wanted.Local)) is not { } user || user.UserId < firstUserId)
            return null;
        return AccountFields.Read(name, wanted, defaults with { UserId = user.UserId, GroupId = user.GroupId }, [new("home", user.Home)]).User;
    }

    public ValueTask<DirectoryAlias?> FindAliasAsync(string address, CancellationToken ct) => default;

    public ValueTask<bool> HasDomainAsync(string domain, CancellationToken ct) => new(false);

    public async ValueTask<AccountCredential?> FindCredentialAsync(string address, CancellationToken ct)
        => await FindUserAsync(address, ct) is { } user ? new() { User = user } : null;

    public async ValueTask<PasswordAnswer> CheckPasswordAsync(string address, string password, LoginContext context, CancellationToken ct)
        => DirectoryAddress.TryParse(address, out DirectoryAddress wanted)
            ? await OwnThread.RunAsync(() => service.Check(wanted.Local, password, context.PeerText))
            : PasswordAnswer.Wrong;

    public ValueTask DisposeAsync() => default;
}
