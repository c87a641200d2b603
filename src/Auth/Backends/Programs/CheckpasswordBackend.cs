using System.Text;

namespace FullStack.Auth.Backends.Programs;

/// <summary>An external program that checks passwords by the checkpassword protocol.</summary>
/// <remarks>
/// The program reads name, password and time, each with NUL behind it, from descriptor 3. It exits with 1 where the password is wrong, with 111 where it cannot tell
/// now, and runs its arguments where the password is right – which here print the environment that it made for them: HOME, <c>userdb_…</c>, and what EXTRA names
/// (https://cr.yp.to/checkpwd/interface.html, and Dovecot's additions to it). An account is looked up without its password, as Dovecot does it, with AUTHORIZED=1 in
/// the environment: the program says by AUTHORIZED=2 that there is one, and by exit code 3 that there is none.
/// </remarks>
internal sealed class CheckpasswordBackend(string name, IReadOnlyList<string> command, bool looksUp, FieldDefaults defaults) : IAccountBackend
{
    private const int Refused = 1;
    private const int NoUser = 3;

    public string Name => name;

    public IReadOnlyList<string> Schemes => [""];

    /// <summary>Where the program cannot look accounts up, it has none that mail could be for: its passwords are those of accounts of other directories.</summary>
    public async ValueTask<DirectoryUser?> FindUserAsync(string address, CancellationToken ct)
    {
        if (!looksUp || !DirectoryAddress.TryParse(address, out DirectoryAddress wanted))
            return null;
        ProgramAnswer answer = await RunAsync(wanted, password: null, context: null, ct);
        if (answer.ExitCode is NoUser or Refused)
            return null;
        Require(answer);
        return answer.Environment.GetValueOrDefault("AUTHORIZED") == "2" ? Read(wanted, answer.Environment) : null;
    }

    public ValueTask<DirectoryAlias?> FindAliasAsync(string address, CancellationToken ct) => default;

    public ValueTask<bool> HasDomainAsync(string domain, CancellationToken ct) => new(false);

    public async ValueTask<AccountCredential?> FindCredentialAsync(string address, CancellationToken ct)
    {
        if (!looksUp)
            return new();
        return await FindUserAsync(address, ct) is { } user ? new() { User = user } : null;
    }

    public async ValueTask<PasswordAnswer> CheckPasswordAsync(string address, string password, LoginContext context, CancellationToken ct)
    {
        if (!DirectoryAddress.TryParse(address, out DirectoryAddress wanted))
            return PasswordAnswer.Wrong;
        ProgramAnswer answer = await RunAsync(wanted, password, context, ct);
        if (answer.ExitCode is Refused or NoUser)
            return PasswordAnswer.Wrong;
        Require(answer);
        return PasswordAnswer.Right;
    }

    public ValueTask DisposeAsync() => default;

    private async Task<ProgramAnswer> RunAsync(DirectoryAddress address, string? password, LoginContext? context, CancellationToken ct)
    {
        byte[] input = Encoding.UTF8.GetBytes($"{address}\0{password}\0\0");
        Dictionary<string, string> environment = new()
        {
            ["SERVICE"] = context?.ServiceText ?? "mail",
            ["PROTO"] = "TCP",
            ["AUTH_USER"] = address.ToString(),
            ["AUTH_USERNAME"] = address.Local,
            ["AUTH_DOMAIN"] = address.Domain,
        };
        if (context is { } login)
            environment["TCPREMOTEIP"] = login.PeerText;
        if (password is null)
            environment["AUTHORIZED"] = "1";
        return await CheckpasswordRun.RunAsync(name, command, environment, input, ct);
    }

    /// <exception cref="DirectoryUnavailableException">The program could not tell.</exception>
    private void Require(ProgramAnswer answer)
    {
        // The environment comes from what the program ran in the end: without it, exit code 0 says that something else ended well.
        if (answer.ExitCode != 0 || answer.Environment.Count == 0)
            throw new DirectoryUnavailableException($"the program of the directory {name} ended with {answer.ExitCode}");
    }

    private DirectoryUser Read(DirectoryAddress address, IReadOnlyDictionary<string, string> environment)
    {
        string[] extra = environment.GetValueOrDefault("EXTRA", "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return AccountFields.Read(
            name,
            address,
            defaults,
            environment.Where(pair => pair.Key == "HOME" || pair.Key.StartsWith("userdb_", StringComparison.OrdinalIgnoreCase) || extra.Contains(pair.Key))).User;
    }
}
